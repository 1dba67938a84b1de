/// DELTA_BINARY_PACKED: integers as bit-packed differences in blocks (parquet-format, Encodings.md, DELTA_BINARY_PACKED = 5).
///
/// Arithmetic wraps on purpose, as the format says: any 64-bit sequence survives.
enum DeltaBinaryPacked {
    private static let blockCount = 128
    private static let miniblocks = 4
    private static let miniblockCount = blockCount / miniblocks

    /// Appends `count` values with their header.
    static func encode(_ values: UnsafePointer<Int64>, count: Int, into output: inout PageBuffer) {
        output.appendVarint(UInt64(blockCount))
        output.appendVarint(UInt64(miniblocks))
        output.appendVarint(UInt64(count))
        output.appendZigzag(count > 0 ? values[0] : 0)
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: blockCount) { room in
            guard let deltas = room.baseAddress else { return }
            var position = 1
            while position < count {
                let length = min(blockCount, count &- position)
                appendBlock(values + position, count: length, deltas: deltas, into: &output)
                position &+= length
            }
        }
    }

    /// Appends a block; the value before `values` is there.
    private static func appendBlock(
        _ values: UnsafePointer<Int64>, count: Int, deltas: UnsafeMutablePointer<UInt64>, into output: inout PageBuffer
    ) {
        var smallest = Int64.max
        var index = 0
        while index < count {
            let delta = values[index] &- values[index &- 1]
            smallest = delta < smallest ? delta : smallest
            deltas[index] = UInt64(bitPattern: delta)
            index &+= 1
        }
        index = 0
        while index < count {
            deltas[index] = deltas[index] &- UInt64(bitPattern: smallest)
            index &+= 1
        }
        while index < blockCount {
            deltas[index] = 0
            index &+= 1
        }
        output.appendZigzag(smallest)
        let widthsAt = output.count
        output.appendLittleEndian(UInt32(0))
        var packed: UInt32 = 0
        var miniblock = 0
        while miniblock < miniblocks {
            var bits: UInt64 = 0
            let start = miniblock &* miniblockCount
            index = start
            while index < start &+ miniblockCount {
                bits |= deltas[index]
                index &+= 1
            }
            let width = BitPacking.width(of: bits)
            packed |= UInt32(width) &<< UInt32(8 &* miniblock)
            if start < count { BitPacking.pack(deltas + start, count: miniblockCount, width: width, into: &output) }
            miniblock &+= 1
        }
        output.replaceLittleEndian(packed, at: widthsAt)
    }

    /// Reads `count` values into `output`.
    ///
    /// - Throws: `.corrupt` if the data announces another number of values or an impossible layout, `.truncated` if it ends early.
    static func decode(_ reader: inout ByteReader, into output: UnsafeMutablePointer<Int64>, count: Int) throws(ParquetError) {
        let blockCount = try reader.varint()
        let miniblocks = try reader.varint()
        let announced = try reader.varint()
        let first = try reader.zigzag()
        guard blockCount > 0, blockCount % 128 == 0, blockCount <= 1 << 16, miniblocks > 0, blockCount % miniblocks == 0,
            (blockCount / miniblocks) % 32 == 0
        else { throw reader.error(.corrupt, "Delta blocks of \(blockCount) values in \(miniblocks) parts are not allowed") }
        guard announced == UInt64(count) else {
            throw reader.error(.corrupt, "Delta data announces \(announced) values where \(count) are expected")
        }
        guard count > 0 else { return }
        output[0] = first
        var filled = 1
        var value = first
        let partCount = Int(blockCount / miniblocks)
        while filled < count {
            let smallest = try reader.zigzag()
            let widths = try reader.take(Int(miniblocks), "The widths of a delta block")
            var part = 0
            while part < widths.count, filled < count {
                let width = Int(widths[part])
                guard width <= 64 else { throw reader.error(.corrupt, "Deltas are said to be \(width) bits wide") }
                let bytes = try reader.take(partCount / 8 &* width, "A delta block")
                let taken = min(partCount, count &- filled)
                value = accumulate(bytes, width: width, smallest: smallest, from: value, into: output + filled, count: taken)
                filled &+= taken
                part &+= 1
            }
        }
    }

    /// Whether `count` values could be announced by so few bytes: a block of at most 65,536 values takes two bytes at least.
    static func isPossible(count: Int, byteCount: Int) -> Bool { count <= 1 &+ byteCount &* 65_536 }

    @inline(__always)
    private static func accumulate(
        _ bytes: UnsafeRawBufferPointer, width: Int, smallest: Int64, from start: Int64, into output: UnsafeMutablePointer<Int64>,
        count: Int
    ) -> Int64 {
        var value = start
        var index = 0
        if width == 0 {
            while index < count {
                value = value &+ smallest
                output[index] = value
                index &+= 1
            }
            return value
        }
        output.withMemoryRebound(to: UInt64.self, capacity: count) { room in
            BitPacking.unpack(bytes, width: width, into: room, count: count)
        }
        while index < count {
            value = value &+ smallest &+ output[index]
            output[index] = value
            index &+= 1
        }
        return value
    }
}
