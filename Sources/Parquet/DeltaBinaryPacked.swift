/// DELTA_BINARY_PACKED: integers as bit-packed differences in blocks (parquet-format, Encodings.md, DELTA_BINARY_PACKED = 5).
///
/// Arithmetic wraps on purpose, as the format says: any 64-bit sequence survives.
enum DeltaBinaryPacked {
    private static let blockCount = 128
    private static let miniblocks = 4
    private static let miniblockCount = blockCount / miniblocks

    /// Appends `values` with their header.
    static func encode(_ values: UnsafeBufferPointer<Int64>, into output: inout [UInt8]) {
        output.appendVarint(UInt64(blockCount))
        output.appendVarint(UInt64(miniblocks))
        output.appendVarint(UInt64(values.count))
        output.appendZigzag(values.first ?? 0)
        var deltas = [UInt64](repeating: 0, count: blockCount)
        var previous = values.first ?? 0
        var position = 1
        while position < values.count {
            let count = min(blockCount, values.count &- position)
            var smallest = Int64.max
            for index in 0..<count {
                let value = values[position &+ index]
                let delta = value &- previous
                previous = value
                smallest = min(smallest, delta)
                deltas[index] = UInt64(bitPattern: delta)
            }
            deltas.withUnsafeMutableBufferPointer { block in
                for index in 0..<count { block[index] = block[index] &- UInt64(bitPattern: smallest) }
                for index in count..<blockCount { block[index] = 0 }
            }
            appendBlock(deltas, count: count, smallest: smallest, into: &output)
            position &+= count
        }
    }

    private static func appendBlock(_ deltas: [UInt64], count: Int, smallest: Int64, into output: inout [UInt8]) {
        output.appendZigzag(smallest)
        let widths = (0..<miniblocks).map { miniblock in
            var bits: UInt64 = 0
            for index in miniblock * miniblockCount..<(miniblock + 1) * miniblockCount { bits |= deltas[index] }
            return BitPacking.width(of: bits)
        }
        for width in widths { output.append(UInt8(width)) }
        deltas.withUnsafeBufferPointer { block in
            for miniblock in 0..<miniblocks where miniblock * miniblockCount < count {
                let range = miniblock * miniblockCount..<(miniblock + 1) * miniblockCount
                BitPacking.pack64(UnsafeBufferPointer(rebasing: block[range]), width: widths[miniblock], into: &output)
            }
        }
    }

    /// Reads `count` values.
    ///
    /// - Throws: `.corrupt` if the data announces another number of values or an impossible layout, `.truncated` if it ends early.
    static func decode(_ reader: inout ByteReader, count: Int) throws(ParquetError) -> [Int64] {
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
        guard count > 0 else { return [] }
        // A value may take less than a byte, but a block of up to 65,536 takes two at least.
        guard count <= 1 &+ reader.remaining &* 65_536 else { throw reader.error(.truncated, "Delta data ends early") }

        var output = [Int64](repeating: 0, count: count)
        output[0] = first
        var filled = 1
        var packed = [UInt64](repeating: 0, count: Int(blockCount / miniblocks))
        while filled < count {
            let smallest = try reader.zigzag()
            let widths = try reader.take(Int(miniblocks), "The widths of a delta block")
            for width in widths where filled < count {
                guard width <= 64 else { throw reader.error(.corrupt, "Deltas are said to be \(width) bits wide") }
                let bytes = try reader.take(packed.count / 8 * Int(width), "A delta block")
                packed.withUnsafeMutableBufferPointer { BitPacking.unpack64(bytes, width: Int(width), into: $0) }
                let taken = min(packed.count, count &- filled)
                var value = output[filled &- 1]
                for index in 0..<taken {
                    value = value &+ smallest &+ Int64(bitPattern: packed[index])
                    output[filled &+ index] = value
                }
                filled &+= taken
            }
        }
        return output
    }
}
