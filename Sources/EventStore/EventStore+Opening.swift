import AuditModel
import Cryptography
import DurableIO
import Foundation
import TransparencyLog

extension EventStore {
    /// Creates an empty store in a directory, which is made when missing and must hold no store yet, and opens it for writing.
    ///
    /// The log begins with a `key` entry that names its public key. `store.json` is written last: without it there is no store,
    /// and what a crash left can be created over.
    ///
    /// - Parameter origin: Name of its log, as `example.com/audit`.
    /// - Throws: ``StoreError`` with `exists`, or a failure of the disk.
    @discardableResult
    public static func create(directory: String, origin: String, options: StoreOptions = StoreOptions()) throws -> EventStore {
        let layout = StoreLayout(directory: directory)
        let files = options.fileSystem
        do {
            try files.createDirectories(layout.directory)
            try RealFileSystem().createDirectories(layout.directory)
            let lock = try takeLock(layout, files)
            guard try !files.exists(layout.manifest) else {
                throw StoreError(.exists, "there is a store here already: choose another directory", path: layout.directory)
            }
            try refuseLeftovers(layout, files)
            try files.removeTree(layout.log)
            for path in [layout.segments, layout.bindings, layout.duplicates, layout.log, layout.keys, layout.spool] {
                try files.createDirectories(path)
            }
            let signer = try makeKey(layout, files, origin: origin)
            let manifest = StoreManifest(
                origin: origin, storeID: Hex.encode(SecureRandom.bytes(16)), created: options.clock())
            let catalogue = try makeCatalogue(layout)
            let store = EventStore(
                layout: layout, manifest: manifest, access: .writer, options: options, catalogue: catalogue, verifier: signer.verifier)
            store.lock = lock
            store.signer = signer
            try store.loadWriter()
            try store.openLines()
            try store.appendEntry(
                .key, ["action": "begin", "origin": .string(origin), "vkey": .string(signer.verifier.vkey)])
            if let failure = store.publishFailure { throw failure }
            try files.atomicReplace(layout.manifest, manifest.bytes)
            return store
        } catch {
            throw ioError(error, "the store cannot be created", layout.directory)
        }
    }

    /// Opens a store. A writer takes the lock, redoes what a crash left undone, and removes what was never committed.
    ///
    /// - Throws: ``StoreError`` with `noStore`, `newerFormat`, `locked` or `damaged`.
    public static func open(directory: String, access: Access, options: StoreOptions = StoreOptions()) throws -> EventStore {
        let layout = StoreLayout(directory: directory)
        let files = options.fileSystem
        let manifest = try StoreManifest(reading: layout, fileSystem: files)
        do {
            let lock = access == .writer ? try takeLock(layout, files) : nil
            let vkey = try files.readFile(layout.logVerifierKey, limitBytes: 4_096)
            let verifier = try NoteVerifier(vkey: String(decoding: vkey.prefix { $0 != 0x0A }, as: UTF8.self))
            guard FileManager.default.fileExists(atPath: layout.catalogue) else {
                throw StoreError(.damaged, "the catalogue is missing: make it again with `proofline fsck --rebuild`", path: layout.catalogue)
            }
            let catalogue = try Catalogue(path: layout.catalogue, access: access)
            let store = EventStore(
                layout: layout, manifest: manifest, access: access, options: options, catalogue: catalogue, verifier: verifier)
            guard access == .writer else { return store }
            store.lock = lock
            let key = try files.readFile(layout.logKey, limitBytes: 4_096)
            store.signer = try NoteSigner(encoded: String(decoding: key.prefix { $0 != 0x0A }, as: UTF8.self))
            try store.loadWriter()
            try store.recover()
            return store
        } catch {
            throw ioError(error, "the store cannot be opened", layout.directory)
        }
    }

    /// Refuses to create over something that holds events but lost its `store.json`.
    private static func refuseLeftovers(_ layout: StoreLayout, _ files: any FileSystem) throws {
        let hasSegments = try files.exists(layout.segments) && !files.list(layout.segments).isEmpty
        var hasEntries = false
        if FileManager.default.fileExists(atPath: layout.catalogue), let catalogue = try? Catalogue(path: layout.catalogue, access: .reader) {
            hasEntries = (try? catalogue.position().frontier.size > 1) ?? false
            catalogue.close()
        }
        guard !hasSegments, !hasEntries else {
            throw StoreError(
                .exists, "there are events here but no store.json: restore that file from a backup, or choose another directory",
                path: layout.directory)
        }
    }

    static func takeLock(_ layout: StoreLayout, _ files: any FileSystem) throws -> any FileLock {
        do {
            return try files.lock(layout.lock)
        } catch {
            guard case .locked(let holder) = error.code else { throw error }
            let who = holder.map { "process \($0)" } ?? "another process"
            throw StoreError(
                .locked(holder: holder), "the store is being written by \(who): stop it, or wait until it has finished",
                path: layout.directory)
        }
    }

    /// The log's key pair: what is there, or a new one.
    private static func makeKey(_ layout: StoreLayout, _ files: any FileSystem, origin: String) throws -> NoteSigner {
        let signer: NoteSigner
        if try files.exists(layout.logKey) {
            let key = try files.readFile(layout.logKey, limitBytes: 4_096)
            if let known = try? NoteSigner(encoded: String(decoding: key.prefix { $0 != 0x0A }, as: UTF8.self)),
                known.verifier.key.name == origin
            {
                signer = known
            } else {
                signer = try NoteSigner.generate(name: origin)
            }
        } else {
            signer = try NoteSigner.generate(name: origin)
        }
        try files.replaceFile(layout.logKey, Array((signer.encoded + "\n").utf8))
        try files.replaceFile(layout.logVerifierKey, Array((signer.verifier.vkey + "\n").utf8))
        try files.syncDirectory(layout.keys)
        return signer
    }

    /// An empty catalogue, mode 0600; one that a broken creation left is made anew.
    private static func makeCatalogue(_ layout: StoreLayout) throws -> Catalogue {
        let disk = RealFileSystem()
        for suffix in ["", "-wal", "-shm", "-journal"] where try disk.exists(layout.catalogue + suffix) {
            try disk.remove(layout.catalogue + suffix)
        }
        try disk.createFile(layout.catalogue, [])
        try disk.syncDirectory(layout.directory)
        return try Catalogue(path: layout.catalogue, access: .writer)
    }

    /// Reads the writer's state from the catalogue.
    private func loadWriter() throws {
        writer = WriterState(
            position: try catalogue.position(), chain: try catalogue.chains().mapValues(\.seal), lastSeen: options.clock(),
            settings: try catalogue.settings())
    }

    // MARK: Recovery

    /// Redoes and undoes what a crash left half done. Running it twice changes nothing more.
    private func recover() throws {
        try recoverLog()
        try removeOrphans()
        try removeOrphanedDuplicateRuns()
        if let open = try catalogue.openEpoch() { writer?.epoch = open.epoch }
        try openLines()
        try noticeDamage()
        if let open = try catalogue.openEpoch() {
            let last = max(open.lastCommit ?? open.epoch.opened, open.epoch.opened)
            let limit = open.epoch.opened.microseconds + StoreLimits.epochMicroseconds
            try closeEpoch(at: min(last, Timestamp(microseconds: limit)), state: "interrupted")
        }
    }

    /// Removes files of segments and bindings that no transaction ever named.
    private func removeOrphans() throws {
        let files = options.fileSystem
        let named = try catalogue.segmentFiles().map(\.record.id) + catalogue.replacedSegments()
        let known = Set(named.flatMap { [layout.segment($0), layout.index($0)] })
        for name in try files.list(layout.segments) {
            let path = "\(layout.segments)/\(name)"
            if !known.contains(path), Self.isOwnName(name) { try files.remove(path) }
        }
        let nextSeq = writer?.position.nextSeq ?? 0
        for name in try files.list(layout.bindings) {
            let isLeft = name.hasSuffix(".tmp") || (Int64(name.prefix { $0 != "." }).map { $0 >= nextSeq } ?? false)
            if isLeft { try files.remove("\(layout.bindings)/\(name)") }
        }
    }

    private static func isOwnName(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count >= 2 && Int64(parts[0]) != nil && ["parquet", "idx"].contains(parts[1])
    }

    /// Quarantines segments whose file is missing or has another length. Its content is checked when it is read, and by fsck.
    private func noticeDamage() throws {
        for segment in try catalogue.segmentFiles() where segment.record.damage == nil {
            let found = try options.fileSystem.status(layout.segment(segment.record.id))
            if found == nil {
                try quarantineLocked(segment.record, reason: "the file is missing")
            } else if let found, Int64(clamping: found.sizeBytes) != segment.record.sizeBytes {
                try quarantineLocked(segment.record, reason: "the file has \(found.sizeBytes) bytes instead of \(segment.record.sizeBytes)")
            }
        }
    }

    /// Sets a damaged segment aside: the file stays as it is, the catalogue and a `gap` entry say that its rows cannot be read.
    ///
    /// - Parameter reason: One line without any text from the segment.
    public func quarantine(segment id: Int64, reason: String) throws {
        try exclusively {
            try prepareToWrite()
            guard let segment = try catalogue.segmentFiles().first(where: { $0.record.id == id }) else {
                throw StoreError(.notFound, "there is no segment \(id)", path: layout.segments)
            }
            if segment.record.damage == nil { try quarantineLocked(segment.record, reason: reason) }
        }
    }

    private func quarantineLocked(_ segment: SegmentRecord, reason: String) throws {
        guard let state = writer else { throw Self.notAWriter(layout) }
        let now = options.clock()
        var change = state.change(committed: now)
        var fields: [String: JSONValue] = [
            "cause": "damaged_segment", "segment": .integer(segment.id), "firstSeq": .integer(segment.seqs.lowerBound),
            "count": .integer(Int64(segment.rowCount)), "reason": .string(reason),
        ]
        fields["from"] = segment.minTime.map { .string($0.description) }
        fields["to"] = segment.maxTime.map { .string($0.description) }
        _ = change.append(.gap, try Self.entry(.gap, at: now, fields))
        change.damage.append((segment.id, reason))
        try apply(change)
        publish()
    }
}
