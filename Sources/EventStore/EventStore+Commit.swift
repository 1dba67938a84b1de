public import AuditModel
import Cryptography
import DurableIO
import TransparencyLog

extension EventStore {
    /// Makes batches durable together: events, ledger, cursors and seals, all or nothing.
    ///
    /// Drafts get consecutive positions in the order given, the first ``nextSeq``. When this returns, everything is durable; the
    /// checkpoint normally covers it, and if its file could not be written the next operation tries again.
    ///
    /// - Throws: ``StoreError``; then nothing was committed, except with `mustReopen`, where opening again tells.
    public func commit(_ drafts: [BatchDraft]) throws -> [CommittedBatch] {
        try exclusively {
            guard !drafts.isEmpty else { return [] }
            try DraftRules.check(drafts)
            try prepareToWrite()
            let now = try enterEpoch()
            guard let state = writer, let epoch = state.epoch else { preconditionFailure("a commit lies in an epoch") }
            let plan = try CommitPlan(drafts, state: state, epoch: epoch.number, committed: now)
            let change = try writeFiles(plan)
            try apply(change)
            publish()
            return plan.committed
        }
    }

    /// Adds an entry to the log.
    ///
    /// The store adds `v`, `type` and `at`. Nothing that a source can choose may be in it.
    /// - Returns: its place in the log.
    /// - Throws: ``StoreError`` with `invalidDraft` for kinds that only the store writes, `entryTooLarge`, or another failure.
    @discardableResult
    public func appendEntry(_ kind: LogEntryKind, _ fields: [String: JSONValue]) throws -> UInt64 {
        guard kind != .batch, kind != .heartbeat else {
            throw StoreError(.invalidDraft, "\(kind.rawValue) entries are written by the store alone")
        }
        return try exclusively {
            try prepareToWrite()
            let now = options.clock()
            guard let state = writer else { throw Self.notAWriter(layout) }
            var change = state.change(committed: now)
            let index = change.append(
                kind, source: fields["source"]?.string, try Self.entry(kind, at: now, fields))
            try apply(change)
            publish()
            return index
        }
    }

    static func entry(_ kind: LogEntryKind, at time: Timestamp, _ fields: [String: JSONValue]) throws -> [UInt8] {
        var members = fields
        members["v"] = 1
        members["type"] = .string(kind.rawValue)
        members["at"] = .string(time.description)
        return try LogEntryBytes.canonical(members)
    }

    static func notAWriter(_ layout: StoreLayout) -> StoreError {
        StoreError(.readOnly, "the store was opened for reading, or is closed: open it for writing", path: layout.directory)
    }

    /// Refuses to write where an earlier write has no known outcome, and catches up with publishing.
    func prepareToWrite() throws {
        guard let state = writer else { throw Self.notAWriter(layout) }
        if let failure = state.failure {
            throw StoreError(
                .mustReopen, "an earlier commit got no answer from the disk: close the store and open it again",
                path: layout.directory, cause: failure)
        }
        if let error = publishFailure {
            publish()
            guard publishFailure == nil else {
                throw Self.ioError(error, "the log's files cannot be written; the store takes nothing more until they can", layout.log)
            }
        }
    }

    // MARK: Steps of a commit

    /// Step 1: the files, durable under their final names.
    private func writeFiles(_ plan: CommitPlan) throws -> CatalogueChange {
        var change = plan.change
        var written: [String] = []
        do {
            if !plan.rows.isEmpty {
                let files = try SegmentFiles(try DraftRowGroups.groups(of: plan.drafts), batches: plan.rows, order: .seq)
                let id = plan.segmentID
                for (path, bytes) in [(layout.segment(id), files.parquet), (layout.index(id), files.index)] {
                    written.append(path)
                    try options.fileSystem.replaceFile(path, bytes)
                }
                change.segment = plan.segment(files)
            }
            for (firstSeq, bytes) in plan.bindings {
                written.append(layout.bindings(firstSeq: firstSeq))
                try options.fileSystem.replaceFile(layout.bindings(firstSeq: firstSeq), bytes)
            }
            written += try writeDuplicateKeys(&change)
            if !plan.rows.isEmpty { try options.fileSystem.syncDirectory(layout.segments) }
            if !plan.bindings.isEmpty { try options.fileSystem.syncDirectory(layout.bindings) }
        } catch {
            for path in written {
                try? options.fileSystem.remove(path)
                try? options.fileSystem.remove(path + ".tmp")
            }
            throw Self.ioError(error, "the segment cannot be written; nothing was committed", layout.segments)
        }
        return change
    }

    /// Step 2: the transaction, which is the commit.
    func apply(_ change: CatalogueChange) throws {
        do {
            try options.failpoint("before transaction")
            // Look-ups of duplicate keys wait, so that they find a key either in the table or in a run.
            try duplicates.locked {
                try catalogue.apply(change) { try options.failpoint("before commit") }
                writer?.didCommit(change)
                duplicates.didCommit(change)
            }
            appendLine(change)
            removeDuplicateRuns(change.duplicateRunsRemoved)
            try options.failpoint("after commit")
        } catch {
            writer?.failure = error
            throw StoreError(
                .mustReopen, "the catalogue could not be written; close the store and open it again to see what was committed",
                path: layout.catalogue, cause: error)
        }
    }

    static func ioError(_ error: any Error, _ message: String, _ path: String) -> StoreError {
        if let error = error as? StoreError { return error }
        if let error = error as? DurableIOError, error.code == .noSpace {
            return StoreError(.noSpace, "the disk is full: free some space and start again; nothing is lost", path: error.path, cause: error)
        }
        return StoreError(.ioFailure, message, path: path, cause: error)
    }
}
