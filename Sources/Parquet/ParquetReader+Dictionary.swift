import Compression

/// What a caller knows of a file's bytes beyond the file: for looks at a dictionary.
public protocol ParquetDictionaryAccess {
    /// Is told of places of the file before they are read; throws where they are not as they were written.
    func verify(_ place: Range<Int>) throws(ParquetError)
    /// A frame of the dictionary that is at hand.
    func known(frame: Int) -> ParquetPlainFrame?
    /// Whether a frame will be asked for again.
    func isWorthKeeping(frame: Int) -> Bool
    /// Is given a frame that is worth keeping.
    func keep(_ page: ParquetPlainFrame, frame: Int)
}

/// A look at a dictionary that keeps nothing: for questions about a few of its entries. Where its page has several frames
/// (``DictionaryFrames``), only those are decompressed in which such entries lie.
extension ParquetReader {
    /// Calls `body` with entries of a dictionary of byte strings as they lie in its page, in order.
    ///
    /// - Parameters:
    ///   - ranges: Which entries, ascending and apart; entries behind the last of the dictionary are left out.
    ///   - checksum: Whether the page's own checksum is compared.
    ///   - access: What the caller checks and keeps; nil for nothing.
    ///   - body: Is given an entry's place and bytes, valid during the call only.
    /// - Returns: How many entries the dictionary has; nil where the leaf has none.
    /// - Throws: ``ParquetError``, also what `access` and `body` throw; `.outOfRange` if there is no such row group or leaf.
    public func forEachEntry(
        in ranges: [Range<Int>], rowGroup: Int, leaf: Int, checksum: ParquetChecksum = .compared, _ access: (any ParquetDictionaryAccess)? = nil,
        _ body: (Int, UnsafeRawBufferPointer) throws(ParquetError) -> Void
    ) throws(ParquetError) -> Int? {
        let directory = try directory(rowGroup: rowGroup, leaf: leaf)
        guard let known = directory.dictionary, schema.leaves[leaf].type.physicalType != .int64 else { return nil }
        try withChunk(rowGroup: rowGroup, leaf: leaf) { chunk throws(ParquetError) in
            let (page, _) = try chunk.page(at: known.place.lowerBound, end: known.place.upperBound, checksum)
            try access?.verify(known.place.lowerBound..<page.fileOffset)
            let frames = chunk.frames(ofDictionary: page, count: known.count)
            try PageScratch.withOne { scratch throws(ParquetError) in
                var frame = -1
                var owner: ParquetPlainFrame?
                defer { withExtendedLifetime(owner) {} }
                var walk = EntryWalk(leaf: chunk.leaf, fileOffset: page.fileOffset)
                for range in ranges {
                    var entry = range.lowerBound
                    let end = min(range.upperBound, known.count)
                    while entry < end {
                        if entry / frames.entryCount != frame {
                            frame = entry / frames.entryCount
                            owner = access?.known(frame: frame)
                            if owner == nil, let access, access.isWorthKeeping(frame: frame) {
                                let bytes = try chunk.plainBytes(ofFrame: frame, frames, page, scratch, access)
                                let made = ParquetPlainFrame(copying: bytes)
                                access.keep(made, frame: frame)
                                owner = made
                            }
                            let bytes: UnsafeRawBufferPointer
                            if let owner { bytes = owner.bytes } else { bytes = try chunk.plainBytes(ofFrame: frame, frames, page, scratch, access) }
                            walk.begin(bytes, entry: frame * frames.entryCount)
                        }
                        let last = min(end, (frame + 1) * frames.entryCount)
                        try walk.skip(to: entry)
                        while entry < last {
                            try body(entry, try walk.next())
                            entry &+= 1
                        }
                    }
                }
            }
        }
        return known.count
    }

    /// Calls `body` with some entries of a dictionary of byte strings.
    ///
    /// - Parameters:
    ///   - entries: Their places, ascending, none twice.
    ///   - checksum: Whether the page's own checksum is compared.
    ///   - access: What the caller checks and keeps; nil for nothing.
    ///   - body: Is given the position in `entries` and the entry's bytes, valid during the call only.
    /// - Returns: False where the leaf has no dictionary.
    /// - Throws: ``ParquetError``, also what `access` and `body` throw; `.outOfRange` if there is no such row group or leaf, `.corrupt` for
    ///   places that the dictionary does not have.
    public func withEntries(
        _ entries: [Int], rowGroup: Int, leaf: Int, checksum: ParquetChecksum = .compared, _ access: (any ParquetDictionaryAccess)? = nil,
        _ body: (Int, UnsafeRawBufferPointer) throws(ParquetError) -> Void
    ) throws(ParquetError) -> Bool {
        var number = 0
        let ranges = entries.map { $0..<$0 + 1 }
        let count = try forEachEntry(
            in: ranges, rowGroup: rowGroup, leaf: leaf, checksum: checksum, access
        ) { _, bytes throws(ParquetError) in
            try body(number, bytes)
            number += 1
        }
        guard let count else { return false }
        guard (entries.last ?? -1) < count else {
            throw ParquetError(.corrupt, "\(schema.leaves[leaf].dottedPath) has a code beyond its dictionary's \(count) entries")
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

extension ChunkReader {
    /// The frames of a dictionary page.
    struct Frames {
        /// Where they lie in the page's body; empty where the page is read as one.
        var places: [Range<Int>] = []
        /// Entries of a frame.
        let entryCount: Int
    }

    /// Finds the frames by their headers: as many as the page's header implies, or the page is read as one. A damaged header leads to no frame,
    /// or to another number of them.
    func frames(ofDictionary page: Page, count: Int) -> Frames {
        let whole = Frames(entryCount: max(1, count))
        guard CompressionCodec(rawValue: metaData.codec) == .zstd,
            let entryCount = DictionaryFrames.entryCount(of: count, byteCount: Int(page.header.uncompressedBytes))
        else { return whole }
        var frames = Frames(entryCount: entryCount)
        let expected = (count + entryCount - 1) / entryCount
        var start = 0
        while start < page.body.count, frames.places.count < expected {
            guard let frame = try? Zstd.frame(UnsafeRawBufferPointer(rebasing: page.body[start...])) else { return whole }
            frames.places.append(start..<start + frame.byteCount)
            start += frame.byteCount
        }
        return start == page.body.count && frames.places.count == expected ? frames : whole
    }

    /// The bytes of a frame without compression, or of the whole page where it is read as one; valid until the scratch is used again.
    func plainBytes(
        ofFrame number: Int, _ frames: Frames, _ page: Page, _ scratch: PageScratch, _ access: (any ParquetDictionaryAccess)?
    ) throws(ParquetError) -> UnsafeRawBufferPointer {
        guard number < frames.places.count else {
            try access?.verify(page.fileOffset..<page.fileOffset + page.body.count)
            return try withPlainBytes(page, scratch) { $0 }
        }
        let place = frames.places[number]
        try access?.verify(page.fileOffset + place.lowerBound..<page.fileOffset + place.upperBound)
        let body = UnsafeRawBufferPointer(rebasing: page.body[place])
        do {
            guard let size = try Zstd.frame(body).contentBytes, size <= Int(page.header.uncompressedBytes) else {
                throw CompressionError(.corrupt, "A frame is said to decode to more than its page")
            }
            let room = scratch.bytes(size)
            try scratch.decompressor().decompress(body, into: room)
            return UnsafeRawBufferPointer(room)
        } catch let error as CompressionError {
            throw ParquetError(.compression, "A page of \(leaf.dottedPath) cannot be decompressed", cause: error, offset: page.fileOffset)
        } catch {
            throw ParquetError(.compression, "zstd could not be set up", cause: error, offset: page.fileOffset)
        }
    }
}

/// A walk over entries in PLAIN encoding, untrusted: a length that does not fit ends it with an error.
private struct EntryWalk {
    private let leaf: ParquetLeaf
    private let fixedLength: Int?
    private let fileOffset: Int
    private var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    private var position = 0
    private var entry = 0

    init(leaf: ParquetLeaf, fileOffset: Int) {
        self.leaf = leaf
        self.fileOffset = fileOffset
        fixedLength = leaf.type.fixedLength
    }

    /// Goes to bytes that begin with an entry.
    mutating func begin(_ bytes: UnsafeRawBufferPointer, entry: Int) { (self.bytes, self.entry, position) = (bytes, entry, 0) }

    @inline(__always)
    mutating func skip(to wanted: Int) throws(ParquetError) {
        if let fixedLength {
            position &+= (wanted &- entry) &* fixedLength
            entry = wanted
        }
        while entry < wanted { _ = try next() }
    }

    /// The next entry.
    @inline(__always)
    mutating func next() throws(ParquetError) -> UnsafeRawBufferPointer {
        var start = position
        let length: Int
        if let fixedLength {
            length = fixedLength
        } else {
            guard bytes.count &- start >= 4 else { throw ended() }
            length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
            start &+= 4
        }
        guard length <= bytes.count &- start else { throw ended() }
        position = start &+ length
        entry &+= 1
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    private func ended() -> ParquetError { ParquetError(.truncated, "Values of \(leaf.dottedPath) end early", offset: fileOffset) }
}
