import AuditModel
import DurableIO

extension EventStore {
    /// What the store knows of each key, in the same order; a key that came before among these counts as known.
    ///
    /// - Throws: ``StoreError`` with `damaged` where a file of keys is not the one that was committed.
    public func verdicts(_ keys: [DuplicateKey]) throws -> [DuplicateKey.Verdict] {
        try verdicts(SortedDuplicateKeys(keys))
    }

    /// What is known of each key, in the order in which they were given: from keys before it among these, from records that are not committed
    /// yet, and from the store.
    ///
    /// May be called from any thread, beside a commit. What is in `before` may be committed meanwhile; then the store knows it.
    ///
    /// - Parameter before: Keys of records that come before these and were handed on to be committed.
    /// - Throws: ``StoreError`` with `damaged` where a file of keys is not the one that was committed.
    public func verdicts(_ keys: SortedDuplicateKeys, before: [SortedDuplicateKeys] = []) throws -> [DuplicateKey.Verdict] {
        guard keys.count > 0 else { return [] }
        var marks = [UInt8](repeating: DuplicateRun.Mark.new, count: keys.count)
        keys.raiseRepeated(&marks)
        for other in before { SortedDuplicateKeys.raise(&marks, of: keys.ordered, by: other.ordered) }
        do {
            if access == .reader { try duplicates.locked { try duplicates.load(from: catalogue) } }
            try duplicates.raise(&marks, of: keys, catalogue)
        } catch {
            throw Self.ioError(error, "the duplicate keys cannot be read", layout.duplicates)
        }
        return marks.map { $0 == DuplicateRun.Mark.new ? .new : $0 == DuplicateRun.Mark.duplicate ? .duplicate : .idReused }
    }

    /// Merges runs of duplicate keys where that is due, at most one merge a call.
    ///
    /// Safe beside commits and look-ups, on any thread; killed at any moment it leaves the runs that were there. `ingest` and `run` call
    /// it between commits.
    ///
    /// - Parameter isCancelled: Asked now and then; when true, the merge is given up.
    /// - Returns: whether something was merged, so that another may be due.
    /// - Throws: ``StoreError``; then nothing changed.
    @discardableResult
    public func mergeDuplicateRuns(isCancelled: () -> Bool = { false }) throws -> Bool {
        let today = DuplicateRunFormat.day(of: options.clock().microseconds)
        let planned: (DuplicateMerge, [DuplicateRun], Int64)?
        do {
            planned = try duplicates.locked {
                guard let merge = duplicates.beginMerge(today: today) else { return nil }
                do {
                    // Runs of its own, so that look-ups may go on in theirs.
                    let runs = try merge.inputs.map { try DuplicateRun($0, layout: layout, fileSystem: options.fileSystem) }
                    return (merge, runs, duplicates.takeID())
                } catch {
                    duplicates.endMerge()
                    throw error
                }
            }
        } catch {
            throw Self.ioError(error, "the duplicate keys cannot be read", layout.duplicates)
        }
        guard let (merge, runs, id) = planned else { return false }
        defer { duplicates.locked { duplicates.endMerge() } }
        var written: DuplicateRunRecord?
        do {
            let writer = try DuplicateRunWriter(id, days: merge.days, layout: layout, fileSystem: options.fileSystem)
            do {
                try merge.write(runs, to: writer, today: today, isCancelled: isCancelled)
                written = try writer.finish()
                try options.fileSystem.syncDirectory(layout.duplicates)
            } catch is CancellationError {
                writer.abandon()
                return false
            } catch {
                writer.abandon()
                try? options.fileSystem.remove(layout.duplicateRun(id))
                throw error
            }
        } catch {
            throw Self.ioError(error, "the duplicate keys cannot be merged; nothing was changed", layout.duplicates)
        }
        try exclusively {
            try prepareToWrite()
            guard let state = writer else { throw Self.notAWriter(layout) }
            var change = state.change(committed: options.clock())
            change.duplicateRunsAdded = written.map { [$0] } ?? []
            change.duplicateRunsRemoved = merge.inputs.map(\.id)
            try apply(change)
        }
        return true
    }

    /// Part of the first step of a commit: many keys become a run; few go to the table, and it becomes a run when it is full.
    ///
    /// - Returns: files written, to be removed should the commit fail.
    /// - Throws: `DurableIOError`, ``StoreError``.
    func writeDuplicateKeys(_ change: inout CatalogueChange) throws -> [String] {
        guard !change.duplicateKeys.isEmpty else { return [] }
        var keys = change.duplicateKeys
        let id: Int64? = try duplicates.locked {
            let isLarge = keys.count >= StoreLimits.duplicateRunKeys
            guard isLarge || duplicates.tableCount + keys.count > StoreLimits.duplicateTableKeys else { return nil }
            if !isLarge {
                keys += try catalogue.duplicateTable()
                change.emptiesDuplicateTable = true
            }
            return duplicates.takeID()
        }
        guard let id else { return [] }
        let ordered = DuplicateKeyOrder.sorted(keys)
        var days: (first: UInt16, last: UInt16) = (.max, 0)
        for key in ordered { days = (min(days.first, key.day), max(days.last, key.day)) }
        try options.fileSystem.createDirectories(layout.duplicates)
        let run = try DuplicateRunWriter(id, days: days.first...days.last, layout: layout, fileSystem: options.fileSystem)
        do {
            var previous: OrderedDuplicateKey?
            for key in ordered {
                if let previous, previous.id == key.id, previous.bytes == key.bytes { continue }
                try run.append(id: key.id, bytes: key.bytes, day: key.day)
                previous = key
            }
            change.duplicateRunsAdded = try run.finish().map { [$0] } ?? []
            try options.fileSystem.syncDirectory(layout.duplicates)
        } catch {
            run.abandon()
            try? options.fileSystem.remove(layout.duplicateRun(id))
            throw error
        }
        change.duplicateKeys = []
        return [layout.duplicateRun(id)]
    }

    /// Takes files away that a transaction no longer names. One that stays is removed at the next start.
    func removeDuplicateRuns(_ ids: [Int64]) {
        for id in ids { try? options.fileSystem.remove(layout.duplicateRun(id)) }
    }

    /// Forgets keys whose time is over: those in the table, and runs all of whose keys ended.
    func removeExpiredDuplicateKeys(now: Timestamp) throws {
        try duplicates.locked {
            try catalogue.removeDuplicateKeys(expiredBefore: now)
            try duplicates.load(from: catalogue)
        }
        guard let state = writer else { return }
        var change = state.change(committed: now)
        change.duplicateRunsRemoved = duplicates.locked {
            duplicates.all.filter { DuplicateRunFormat.end(ofDay: $0.maxDay) < now.microseconds }.map(\.id)
        }
        if !change.duplicateRunsRemoved.isEmpty { try apply(change) }
    }

    /// Removes runs that the catalogue does not name: what a crash left, or a merge could not remove.
    func removeOrphanedDuplicateRuns() throws {
        try duplicates.locked { try duplicates.load(from: catalogue) }
        let files = options.fileSystem
        guard try files.exists(layout.duplicates) else { return }
        let known = Set(duplicates.locked { duplicates.all }.map { layout.duplicateRun($0.id) })
        for name in try files.list(layout.duplicates) where StoreLayout.isDuplicateRun(name) || name.hasSuffix(".keys.tmp") {
            let path = "\(layout.duplicates)/\(name)"
            if !known.contains(path) { try files.remove(path) }
        }
    }
}
