import Cryptography
import GRDB

extension VaultFile {
    /// What a flush wrote.
    struct Written {
        /// The row that lists the new tokens as waiting for a seal; nil where there are none.
        let row: Int64?
        /// The commitments of the pending tokens, 32 bytes each, in their order.
        let commitments: [UInt8]
        /// The first eight bytes of their look-ups, in their order.
        let lookups: [UInt64]
    }

    /// Writes what is pending; the caller holds the transaction open, and calls ``refresh()`` if it fails.
    ///
    /// - Parameters:
    ///   - newKeys: The keys of the subjects of this flush, 32 bytes each.
    ///   - key: Gives the key of an earlier subject.
    func write(
        _ pending: PendingWrites, lookupKey: HMACSHA256, newKeys: [UInt8], key: @escaping (Int64) throws -> [UInt8], _ db: Database
    ) throws -> Written {
        for (number, name) in pending.newNames {
            try db.execute(sql: "INSERT INTO namespace VALUES (?, ?)", arguments: [number, name])
        }
        let flush = try FlushWriter(self, pending, lookupKey: lookupKey, newKeys: newKeys, key: key)
        try flush.run()
        root = flush.root
        try pages.writeRoot(root.bytes)
        try writeAliases(pending)
        guard !pending.tokens.isEmpty else { return Written(row: nil, commitments: [], lookups: []) }
        let list = [UInt8](unsafeUninitializedCapacity: 8 * pending.tokens.count) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            for token in pending.tokens {
                raw.storeBytes(of: token.bits.bigEndian, toByteOffset: count, as: UInt64.self)
                count += 8
            }
        }
        let statement = try pages.statement("INSERT INTO pending (tokens) VALUES (?)")
        try list.withUnsafeBytes {
            statement.bind(1, blob: $0.baseAddress!, count: $0.count)
            try statement.run()
        }
        return Written(row: db.lastInsertedRowID, commitments: flush.commitments, lookups: flush.lookupStarts)
    }

    private func writeAliases(_ pending: PendingWrites) throws {
        let aliases = pending.links.compactMap { link -> PendingWrites.Alias? in
            guard case .alias(let alias) = link else { return nil }
            return alias
        }
        guard !aliases.isEmpty else { return }
        let statement = try pages.statement("INSERT OR REPLACE INTO alias VALUES (?, ?, ?)")
        for alias in aliases.sorted(by: { ($0.first, $0.second) < ($1.first, $1.second) }) {
            statement.bind(1, alias.first)
            statement.bind(2, alias.second)
            statement.bind(3, alias.isMerged ? 1 : 0)
            try statement.run()
        }
    }
}

/// One flush: pending tokens become chunks on the heap's last pages, their keys slots, their places entries of the indexes.
///
/// Look-ups and commitments of all tokens are hashed together, two at a time; a chunk is sealed where it will lie.
private final class FlushWriter {
    private let file: VaultFile
    private let pending: PendingWrites
    private let sealers: VaultFile.Sealers
    private let newKeys: [UInt8]
    private let oldKey: (Int64) throws -> [UInt8]
    private(set) var root: VaultRoot
    private(set) var commitments: [UInt8]
    private(set) var lookupStarts: [UInt64] = []
    private var lookups: [UInt8]
    /// Salt and value of every token, one behind the other.
    private var plain: [UInt8]
    private var plainOffsets: [UInt32]
    private var merged: [Int64: Int64] = [:]

    private var page: [UInt8]
    private var pageUsed = 0
    private var pageNumber: Int64
    /// The first chunk of each new subject.
    private var homes: [UInt64]
    private var look: [IndexEntry] = []
    private var bits: [IndexEntry] = []
    private var more: [IndexEntry] = []

    init(
        _ file: VaultFile, _ pending: PendingWrites, lookupKey: HMACSHA256, newKeys: [UInt8], key: @escaping (Int64) throws -> [UInt8]
    ) throws {
        precondition(newKeys.count == AESGCM.keySizeBytes * pending.subjectCount, "every new subject has a key")
        self.file = file
        self.pending = pending
        self.newKeys = newKeys
        oldKey = key
        sealers = try file.openSealers()
        root = file.root
        pageNumber = file.root.lastHeapPage
        let count = pending.tokens.count
        homes = [UInt64](repeating: 0, count: pending.subjectCount)
        page = [UInt8](repeating: 0, count: VaultPages.sizeBytes)
        commitments = [UInt8](repeating: 0, count: SHA256Digest.sizeBytes * count)
        lookups = commitments
        plainOffsets = [0]
        plainOffsets.reserveCapacity(count + 1)
        var size: UInt32 = 0
        for token in pending.tokens {
            size += UInt32(PersonChunk.saltBytes + token.valueBytes)
            plainOffsets.append(size)
        }
        plain = [UInt8](repeating: 0, count: Int(size))
        for case .merge(let other, let subject) in pending.links { merged[other] = subject }
        if count > 0 { hash(lookupKey) }
    }

    func run() throws {
        try moveMerged()
        try writeChunks()
        try writeKeys()
        try file.runs.insert(.look, look, &root)
        try file.runs.insert(.bits, bits, &root)
        try file.runs.insert(.more, more, &root)
    }

    private func hash(_ lookupKey: HMACSHA256) {
        let count = pending.tokens.count
        plain.withUnsafeMutableBytes { plain in
            pending.keys.withUnsafeBytes { keys in
                for (number, token) in pending.tokens.enumerated() {
                    let target = plain.baseAddress! + Int(plainOffsets[number])
                    sealers.random.fill(target, count: PersonChunk.saltBytes)
                    // The value follows the kind's byte.
                    (target + PersonChunk.saltBytes).copyMemory(
                        from: keys.baseAddress! + Int(pending.keyOffsets[number]) + 1, byteCount: token.valueBytes)
                }
                plainOffsets.withUnsafeBufferPointer { offsets in
                    let messages = SHA256Messages(base: UnsafeRawPointer(plain.baseAddress!), offsets: offsets.baseAddress!, count: count)
                    commitments.withUnsafeMutableBytes { SHA256.hashMany(messages, into: $0.baseAddress!) }
                }
                pending.keyOffsets.withUnsafeBufferPointer { offsets in
                    let messages = SHA256Messages(base: keys.baseAddress!, offsets: offsets.baseAddress!, count: count)
                    lookups.withUnsafeMutableBytes { lookupKey.authenticateMany(messages, into: $0.baseAddress!) }
                }
            }
        }
        lookupStarts = lookups.withUnsafeBytes { lookups in
            (0..<count).map { UInt64(bigEndian: lookups.loadUnaligned(fromByteOffset: SHA256Digest.sizeBytes * $0, as: UInt64.self)) }
        }
    }

    private func current(_ subject: Int64) -> Int64 {
        guard !merged.isEmpty else { return subject }
        var subject = subject
        while let next = merged[subject] { subject = next }
        return subject
    }

    /// Moves what lies in the file of subjects that went into others under those others' keys.
    private func moveMerged() throws {
        for case .merge(let other, _) in pending.links where other < pending.firstSubject {
            let subject = current(other)
            let (from, to) = (try oldKey(other), try withKey(subject) { [UInt8](UnsafeRawBufferPointer(start: $0, count: AESGCM.keySizeBytes)) })
            for (place, chunk) in try file.chunks(of: other) {
                let opened = try file.open(chunk, key: from)
                let moved = try chunk.moved(to: subject) { try sealers.values.seal(opened, key: to, aad: $0) }
                try file.replace(place, with: moved)
                let packed = place.packed
                try file.runs.remove(.more, IndexEntry(key: IndexEntry.key(ofSubject: other), place: packed), &root)
                more.append(IndexEntry(key: IndexEntry.key(ofSubject: subject), place: packed))
            }
            try file.clearKey(of: other)
        }
    }

    /// Gives the key of a subject of this flush or of an earlier one.
    private func withKey<R>(_ subject: Int64, _ body: (UnsafeRawPointer) throws -> R) throws -> R {
        if subject >= pending.firstSubject {
            return try newKeys.withUnsafeBytes { try body($0.baseAddress! + Int(subject - pending.firstSubject) * AESGCM.keySizeBytes) }
        }
        return try oldKey(subject).withUnsafeBytes { try body($0.baseAddress!) }
    }

    // MARK: Chunks

    private func writeChunks() throws {
        guard !pending.tokens.isEmpty else { return }
        look.reserveCapacity(pending.tokens.count)
        bits.reserveCapacity(pending.tokens.count)
        if pageNumber > 0 {
            let last = try file.pages.read(.heap, pageNumber)
            pageUsed = last.count
            if page.count < pageUsed { page = [UInt8](repeating: 0, count: pageUsed) }
            page.replaceSubrange(0..<pageUsed, with: last)
        } else {
            pageNumber = 1
        }
        var start = 0
        while start < pending.tokens.count {
            let subject = current(pending.tokens[start].subject)
            var end = start + 1
            while end < pending.tokens.count, end - start < PersonChunk.mostTokens, current(pending.tokens[end].subject) == subject { end += 1 }
            try append(start..<end, subject)
            start = end
        }
        try closePage()
        root.lastHeapPage = pageNumber
    }

    private func closePage() throws {
        try page.withUnsafeBytes { try file.pages.write(.heap, pageNumber, UnsafeRawBufferPointer(rebasing: $0[..<pageUsed])) }
    }

    private func append(_ tokens: Range<Int>, _ subject: Int64) throws {
        let plainRange = Int(plainOffsets[tokens.lowerBound])..<Int(plainOffsets[tokens.upperBound])
        let boxStart = PersonChunk.headBytes + PersonChunk.tokenBytes * tokens.count
        let size = boxStart + plainRange.count + AESGCM.overheadBytes
        if pageUsed > 0, pageUsed + size > VaultPages.sizeBytes {
            try closePage()
            pageNumber += 1
            pageUsed = 0
        }
        if page.count < pageUsed + size { page += [UInt8](repeating: 0, count: pageUsed + size - page.count) }
        let place = HeapPlace(page: pageNumber, offset: pageUsed)
        try page.withUnsafeMutableBytes { page in
            let chunk = UnsafeMutableRawBufferPointer(rebasing: page[pageUsed..<(pageUsed + size)])
            chunk.storeBytes(of: UInt32(size).bigEndian, toByteOffset: 0, as: UInt32.self)
            chunk.storeBytes(of: UInt32(tokens.count << 16).bigEndian, toByteOffset: 4, as: UInt32.self)
            chunk.storeBytes(of: subject.bigEndian, toByteOffset: 8, as: Int64.self)
            for number in tokens { write(number, to: chunk, at: PersonChunk.headBytes + PersonChunk.tokenBytes * (number - tokens.lowerBound)) }
            try plain.withUnsafeBytes { plain in
                try withKey(subject) { key in
                    try sealers.values.seal(
                        UnsafeRawBufferPointer(rebasing: plain[plainRange]), key: key,
                        aad: UnsafeRawBufferPointer(rebasing: chunk[4..<boxStart]), into: chunk.baseAddress! + boxStart)
                }
            }
        }
        pageUsed += size
        note(tokens, subject, place)
    }

    private func write(_ number: Int, to chunk: UnsafeMutableRawBufferPointer, at start: Int) {
        let token = pending.tokens[number]
        lookups.withUnsafeBytes {
            (chunk.baseAddress! + start).copyMemory(from: $0.baseAddress! + SHA256Digest.sizeBytes * number, byteCount: 16)
        }
        chunk.storeBytes(of: token.bits.bigEndian, toByteOffset: start &+ 16, as: UInt64.self)
        chunk[start &+ 24] = UInt8(truncatingIfNeeded: token.kind.rawValue)
        chunk[start &+ 25] = UInt8(truncatingIfNeeded: token.role.rawValue)
        // Numbers of sources begin with 0 in memory and with 1 in the file.
        chunk.storeBytes(of: UInt16(truncatingIfNeeded: token.namespace &+ 1).bigEndian, toByteOffset: start &+ 26, as: UInt16.self)
        chunk.storeBytes(of: UInt16(truncatingIfNeeded: token.scope &+ 1).bigEndian, toByteOffset: start &+ 28, as: UInt16.self)
        chunk.storeBytes(of: UInt32(token.valueBytes).bigEndian, toByteOffset: start &+ 30, as: UInt32.self)
    }

    private func note(_ tokens: Range<Int>, _ subject: Int64, _ place: HeapPlace) {
        let packed = place.packed
        for number in tokens {
            let slot = packed | UInt64(number &- tokens.lowerBound)
            look.append(IndexEntry(key: lookupStarts[number], place: slot))
            bits.append(IndexEntry(key: pending.tokens[number].bits, place: slot))
        }
        if subject >= pending.firstSubject, homes[Int(subject - pending.firstSubject)] == 0 {
            homes[Int(subject - pending.firstSubject)] = packed
        } else {
            more.append(IndexEntry(key: IndexEntry.key(ofSubject: subject), place: packed))
        }
    }

    // MARK: Keys

    /// Puts the new subjects' keys into their slots. A subject that went into another has none.
    private func writeKeys() throws {
        guard pending.subjectCount > 0 else { return }
        let slots = Int64(VaultFile.keySlots)
        let end = pending.firstSubject + Int64(pending.subjectCount)
        var subject = pending.firstSubject
        while subject < end {
            let number = subject / slots
            let isBegun = subject > max(1, number * slots)
            var keys = isBegun ? try file.pages.read(.keys, number) : [UInt8](repeating: 0, count: VaultFile.keySlots * VaultFile.keySlotBytes)
            try keys.withUnsafeMutableBytes { keys in
                while subject < end, subject / slots == number {
                    let home = homes[Int(subject - pending.firstSubject)]
                    if home != 0 { try write(subject, home, to: keys.baseAddress! + Int(subject % slots) * VaultFile.keySlotBytes) }
                    subject += 1
                }
            }
            try file.pages.write(.keys, number, keys)
        }
        root.nextSubject = end
    }

    private func write(_ subject: Int64, _ home: UInt64, to slot: UnsafeMutableRawPointer) throws {
        slot.storeBytes(of: home.bigEndian, as: UInt64.self)
        var aad = subject.bigEndian
        try withKey(subject) { key in
            let key = UnsafeRawBufferPointer(start: key, count: AESGCM.keySizeBytes)
            try withUnsafeBytes(of: &aad) { try sealers.keys.seal(key, aad: $0, into: slot + 8) }
        }
    }
}
