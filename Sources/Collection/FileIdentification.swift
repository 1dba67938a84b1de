import Compression
import DurableIO

/// Tells which content a file holds.
struct FileIdentification {
    let hashing: any ContentHashing

    /// What a file turned out to be.
    enum Answer {
        /// A content that no cursor knows.
        case new
        /// A known content, at least up to where it was read.
        case same(KnownContent)
        /// The beginning of a known content as far as hashes are kept; the rest of it could not be compared.
        case shorter(KnownContent, lengthBytes: UInt64, uncomparedBytes: UInt64)
    }

    /// The content's first 1,024 bytes, fewer if there are no more, or none could be decoded before damage.
    ///
    /// - Throws: ``CompressionError`` where damage, or the end of a compressed file, comes before the first byte.
    static func beginning(of stream: ContentStream) throws -> [UInt8] {
        var prefix: [UInt8] = []
        do {
            try fill(&prefix, from: stream)
        } catch let error as CompressionError {
            // What lies before the damage is read, and the damage told when it is met again.
            if prefix.isEmpty { throw error }
        }
        if prefix.isEmpty, stream.rawOffset > 0 { try stream.finish() }
        return prefix
    }

    private static func fill(_ prefix: inout [UInt8], from stream: ContentStream) throws {
        while prefix.count < RunningHash.fingerprintBytes {
            let room = stream.format == .none ? RunningHash.fingerprintBytes - prefix.count : 16 * 1024
            let count = try stream.step(limit: room) { bytes, _ in
                prefix += bytes.prefix(RunningHash.fingerprintBytes - prefix.count)
            }
            if count == 0 { break }
        }
    }

    /// Compares a file with the contents that begin like it. Reads it once, up to the last place that needs comparing.
    /// - Throws: ``DurableIOError``. Damage in a compressed file is taken as its end.
    func identify(_ file: any OpenFile, prefix: [UInt8], among known: KnownContents) throws -> Answer {
        let candidates = known.candidates(prefix, hashing).sorted { $0.matchPoint.offset > $1.matchPoint.offset }
        guard !candidates.isEmpty else { return .new }
        for candidate in candidates where try isInPlace(file, candidate) { return .same(candidate) }

        var wanted: Set<UInt64> = []
        for candidate in candidates {
            wanted.insert(candidate.matchPoint.offset)
            let waypoints = candidate.waypoints
            for number in waypoints.values.indices { wanted.insert(UInt64(number + 1) * waypoints.spacing) }
        }
        let (hashes, length) = try hashes(of: file, at: wanted.sorted())
        for candidate in candidates where hashes[candidate.matchPoint.offset] == candidate.matchPoint.hash {
            return .same(candidate)
        }
        for candidate in candidates where candidate.matchPoint.offset > length {
            guard let point = candidate.waypoints.last(upTo: length), hashes[point.offset]?.short == point.value else { continue }
            return .shorter(candidate, lengthBytes: length, uncomparedBytes: length - point.offset)
        }
        return .new
    }

    /// Whether two files hold the same first bytes; nil where the other one is shorter and says nothing.
    func agree(_ one: any OpenFile, _ other: any OpenFile, on lengthBytes: UInt64) throws -> Bool? {
        guard let expected = try hashes(of: other, at: [lengthBytes]).0[lengthBytes] else { return nil }
        return try hashes(of: one, at: [lengthBytes]).0[lengthBytes] == expected
    }

    /// The short way for a file that stayed where its cursor left it: only the last block is compared.
    private func isInPlace(_ file: any OpenFile, _ content: KnownContent) throws -> Bool {
        guard content.reader == nil, let place = content.cursor.place, !place.isCompressed else { return false }
        let status = try file.status()
        guard status.device == place.device, status.inode == place.inode, status.sizeBytes >= content.cursor.offset else { return false }
        return try resumedHash(file, content.cursor)?.value == content.cursor.hash
    }

    /// The running hash at a cursor, from the last block of an uncompressed file; nil where the file is too short.
    func resumedHash(_ file: any OpenFile, _ cursor: FileCursor) throws -> RunningHash? {
        let start = RunningHash.anchorOffset(of: cursor.offset)
        let count = Int(cursor.offset - start)
        return try withUnsafeTemporaryAllocation(byteCount: max(count, 1), alignment: 1) { buffer in
            let block = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
            guard try file.read(into: block, at: start) == count else { return nil }
            // The anchor's own waypoints end where the cursor's do; those inside the block are kept already.
            return RunningHash(
                hashing, anchor: cursor.anchor, at: start, waypoints: cursor.waypoints, rest: UnsafeRawBufferPointer(block))
        }
    }

    /// Running hashes at the given offsets (ascending) that the content reaches, and its length where it ends before the last.
    private func hashes(of file: any OpenFile, at offsets: [UInt64]) throws -> ([UInt64: ContentDigest], length: UInt64) {
        let stream = try ContentStream(file)
        var hash = RunningHash(hashing)
        var found: [UInt64: ContentDigest] = [:]
        var next = offsets[...]
        while next.first == 0 { found[next.removeFirst()] = hash.value }
        do {
            while !next.isEmpty {
                let count = try stream.step { bytes, _ in
                    var rest = bytes[...]
                    while let offset = next.first, !rest.isEmpty {
                        let taken = rest.prefix(Int(clamping: offset - hash.count))
                        hash.update(UnsafeRawBufferPointer(rebasing: taken))
                        rest = rest.dropFirst(taken.count)
                        if hash.count == offset { found[next.removeFirst()] = hash.value }
                    }
                }
                if count == 0 { break }
            }
        } catch is CompressionError {
            // What lies before the damage has been compared.
        }
        return (found, stream.position)
    }
}
