/// A look at a dictionary that keeps nothing: for questions about a few of its entries.
extension ParquetReader {
    /// Calls `body` with the entries of a dictionary of byte strings as they lie in its page, valid during the call only; nil where the leaf
    /// has none. The page is decompressed into memory that the next call uses again.
    ///
    /// - Throws: ``ParquetError``, also what `body` throws; `.outOfRange` if there is no such row group or leaf.
    public func withDictionary<Result>(
        rowGroup: Int, leaf: Int, checksum: ParquetChecksum = .compared, _ body: (ParquetPlainEntries) throws(ParquetError) -> Result
    ) throws(ParquetError) -> Result? {
        let directory = try directory(rowGroup: rowGroup, leaf: leaf)
        guard let known = directory.dictionary, schema.leaves[leaf].type.physicalType != .int64 else { return nil }
        return try withChunk(rowGroup: rowGroup, leaf: leaf) { chunk throws(ParquetError) in
            let (page, _) = try chunk.page(at: known.place.lowerBound, end: known.place.upperBound, checksum)
            return try PageScratch.withOne { scratch throws(ParquetError) in
                try chunk.withPlainBytes(page, scratch) { bytes throws(ParquetError) in
                    try body(
                        ParquetPlainEntries(
                            bytes: bytes, fixedLength: chunk.leaf.type.fixedLength, count: known.count, name: chunk.leaf.dottedPath,
                            fileOffset: page.fileOffset))
                }
            }
        }
    }

    /// Calls `body` with some entries of a dictionary of byte strings, which is decompressed no further than they lie.
    ///
    /// - Parameters:
    ///   - entries: Their places, ascending, none twice.
    ///   - body: Is given the position in `entries` and the entry's bytes, valid during the call only.
    /// - Returns: False where the leaf has no dictionary.
    /// - Throws: ``ParquetError``, also what `body` throws; `.outOfRange` if there is no such row group or leaf, `.corrupt` for places that the
    ///   dictionary does not have.
    public func withEntries(
        _ entries: [Int], rowGroup: Int, leaf: Int, checksum: ParquetChecksum = .compared,
        _ body: (Int, UnsafeRawBufferPointer) throws(ParquetError) -> Void
    ) throws(ParquetError) -> Bool {
        let directory = try directory(rowGroup: rowGroup, leaf: leaf)
        guard let known = directory.dictionary, schema.leaves[leaf].type.physicalType != .int64 else { return false }
        try withChunk(rowGroup: rowGroup, leaf: leaf) { chunk throws(ParquetError) in
            guard (entries.last ?? -1) < known.count else {
                throw ParquetError(.corrupt, "\(chunk.leaf.dottedPath) has a code beyond its dictionary's \(known.count) entries")
            }
            let (page, _) = try chunk.page(at: known.place.lowerBound, end: known.place.upperBound, checksum)
            var walk = EntryWalk(entries: entries, fixedLength: chunk.leaf.type.fixedLength)
            try PageScratch.withOne { scratch throws(ParquetError) in
                try chunk.withGrowingBytes(page, scratch) { bytes throws(ParquetError) in try walk.go(bytes, body) }
            }
            guard walk.isDone else { throw ParquetError(.truncated, "Values of \(chunk.leaf.dottedPath) end early", offset: page.fileOffset) }
        }
        return true
    }

    /// How many entries the dictionary of a leaf announces; nil where it has none. Reads its header alone.
    ///
    /// - Throws: ``ParquetError``; `.outOfRange` if there is no such row group or leaf.
    public func dictionaryCount(rowGroup: Int, leaf: Int) throws(ParquetError) -> Int? {
        try directory(rowGroup: rowGroup, leaf: leaf).dictionary?.count
    }
}

/// The entries of a dictionary page in PLAIN encoding, untrusted: a length that does not fit ends the walk with an error.
public struct ParquetPlainEntries {
    let bytes: UnsafeRawBufferPointer
    let fixedLength: Int?
    /// How many entries the page announces.
    public let count: Int
    let name: String
    let fileOffset: Int

    /// Calls `body` with each entry in order until it answers false.
    ///
    /// - Throws: ``ParquetError`` with `.truncated` where entries end early.
    @inline(__always)
    public func forEach(_ body: (Int, UnsafeRawBufferPointer) -> Bool) throws(ParquetError) {
        var position = 0
        var entry = 0
        while entry < count {
            let length: Int
            if let fixedLength {
                length = fixedLength
            } else {
                guard bytes.count &- position >= 4 else { throw ended() }
                length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
                position &+= 4
            }
            guard length <= bytes.count &- position else { throw ended() }
            guard body(entry, UnsafeRawBufferPointer(rebasing: bytes[position..<position &+ length])) else { return }
            position &+= length
            entry &+= 1
        }
    }

    private func ended() -> ParquetError { ParquetError(.truncated, "Values of \(name) end early", offset: fileOffset) }
}

/// A walk over the entries of a dictionary page in PLAIN encoding that stops at some of them, and goes on when there are more bytes.
private struct EntryWalk {
    let entries: [Int]
    let fixedLength: Int?
    private var entry = 0
    private var position = 0
    private var next = 0

    init(entries: [Int], fixedLength: Int?) {
        self.entries = entries
        self.fixedLength = fixedLength
        if let fixedLength, let first = entries.first {
            entry = first
            position = first * fixedLength
        }
    }

    /// Whether all entries were met.
    var isDone: Bool { next == entries.count }

    /// Goes on as far as whole entries reach; whether all were met.
    mutating func go(_ bytes: UnsafeRawBufferPointer, _ body: (Int, UnsafeRawBufferPointer) throws(ParquetError) -> Void) throws(ParquetError) -> Bool {
        while next < entries.count {
            var start = position
            let length: Int
            if let fixedLength {
                length = fixedLength
            } else {
                guard bytes.count - start >= 4 else { return false }
                length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
                start += 4
            }
            guard length <= bytes.count - start else { return false }
            if entry == entries[next] {
                try body(next, UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]))
                next += 1
                if let fixedLength, next < entries.count {
                    entry = entries[next]
                    position = entry * fixedLength
                    continue
                }
            }
            position = start + length
            entry += 1
        }
        return true
    }
}
