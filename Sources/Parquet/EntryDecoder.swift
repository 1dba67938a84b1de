/// Finds byte strings in the bytes of a page. They stay where they are; `kept` gives the page's bytes as an array to hold them.
enum EntryDecoder {
    /// PLAIN strings: four bytes of length and the bytes.
    static func plain(
        _ reader: inout ByteReader, count: Int, leaf: ParquetLeaf, _ kept: () -> [UInt8]
    ) throws(ParquetError) -> ParquetEntries {
        guard count <= reader.remaining / 4 else { throw ended(leaf, reader) }
        var starts = [UInt32](repeating: 0, count: count + 1)
        try starts.withUnsafeMutableBufferPointer { room throws(ParquetError) in
            let bytes = reader.bytes
            var position = reader.position
            var index = 0
            while index < count {
                guard bytes.count &- position >= 4 else { throw ended(leaf, reader) }
                let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
                position &+= 4
                guard length <= bytes.count &- position else {
                    throw reader.error(.truncated, "A value of \(leaf.dottedPath) is said to be \(length) bytes long")
                }
                room[index] = UInt32(truncatingIfNeeded: position)
                position &+= length
                index &+= 1
            }
            room[count] = UInt32(truncatingIfNeeded: position &+ 4)
        }
        return ParquetEntries(storage: kept(), starts: starts, gap: 4)
    }

    /// PLAIN fixed bytes.
    static func fixed(
        _ reader: inout ByteReader, count: Int, length: Int, leaf: ParquetLeaf, _ kept: () -> [UInt8]
    ) throws(ParquetError) -> ParquetEntries {
        guard count <= reader.remaining / length else { throw ended(leaf, reader) }
        return ParquetEntries(storage: kept(), base: reader.position, fixedLength: length, count: count)
    }

    /// DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes.
    static func deltaLength(
        _ reader: inout ByteReader, count: Int, leaf: ParquetLeaf, _ kept: () -> [UInt8]
    ) throws(ParquetError) -> ParquetEntries {
        guard DeltaBinaryPacked.isPossible(count: count, byteCount: reader.remaining) else { throw ended(leaf, reader) }
        var lengths = [Int64](repeating: 0, count: count + 1)
        try lengths.withUnsafeMutableBufferPointer { room throws(ParquetError) in
            guard let base = room.baseAddress else { return }
            try DeltaBinaryPacked.decode(&reader, into: base, count: count)
        }
        var starts = [UInt32](repeating: 0, count: count + 1)
        var position = reader.position
        let end = reader.bytes.count
        for index in 0..<count {
            let length = lengths[index]
            guard length >= 0, length <= Int64(end &- position) else {
                throw reader.error(.truncated, "A value of \(leaf.dottedPath) is said to be \(length) bytes long")
            }
            starts[index] = UInt32(truncatingIfNeeded: position)
            position &+= Int(length)
        }
        starts[count] = UInt32(truncatingIfNeeded: position)
        return ParquetEntries(storage: kept(), starts: starts, gap: 0)
    }

    private static func ended(_ leaf: ParquetLeaf, _ reader: ByteReader) -> ParquetError {
        reader.error(.truncated, "Values of \(leaf.dottedPath) end early")
    }
}
