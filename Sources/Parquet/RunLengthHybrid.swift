/// Parquet's RLE / bit-packing hybrid, used for levels and dictionary codes (parquet-format, Encodings.md, RLE = 3).
enum RunLengthHybrid {
    /// From this length on a run of equal values is written as a run.
    private static let minimumRun = 8

    /// Appends `values` of `width` bits each (1...32).
    static func encode(_ values: UnsafeBufferPointer<UInt32>, width: Int, into output: inout [UInt8]) {
        // Bit-packed stretches must be a multiple of eight values long, except for the last one.
        var packedStart = 0
        var index = 0
        while index < values.count {
            let value = values[index]
            var end = index &+ 1
            while end < values.count, values[end] == value { end &+= 1 }
            let filler = (0 &- (index &- packedStart)) & 7
            if end &- index &- filler >= minimumRun {
                let runStart = index &+ filler
                pack(values, packedStart..<runStart, width: width, into: &output)
                output.appendVarint(UInt64(end &- runStart) &<< 1)
                for byte in 0..<((width &+ 7) / 8) {
                    output.append(UInt8(truncatingIfNeeded: value &>> UInt32(8 &* byte)))
                }
                packedStart = end
            }
            index = end
        }
        pack(values, packedStart..<values.count, width: width, into: &output)
    }

    private static func pack(
        _ values: UnsafeBufferPointer<UInt32>, _ range: Range<Int>, width: Int, into output: inout [UInt8]
    ) {
        guard !range.isEmpty else { return }
        let groups = (range.count &+ 7) / 8
        output.appendVarint(UInt64(groups) &<< 1 | 1)
        let end = output.count &+ groups &* width
        BitPacking.pack(UnsafeBufferPointer(rebasing: values[range]), width: width, into: &output)
        while output.count < end { output.append(0) }
    }

    /// The value of all `count` values, if they are one run: most levels are. It reads nothing else.
    static func uniformValue(_ reader: ByteReader, width: Int, count: Int) -> UInt32? {
        var reader = reader
        guard (1...8).contains(width), let head = try? reader.varint(), head & 1 == 0, head &>> 1 >= UInt64(count),
            let value = try? reader.byte()
        else { return nil }
        return UInt32(value)
    }

    /// Reads exactly `output.count` values of `width` bits (0...32); bytes beyond them are left alone.
    static func decode(
        _ reader: inout ByteReader, width: Int, into output: UnsafeMutableBufferPointer<UInt32>
    ) throws(ParquetError) {
        guard (0...32).contains(width) else { throw reader.error(.corrupt, "Codes are said to be \(width) bits wide") }
        let valueBytes = (width &+ 7) / 8
        var filled = 0
        while filled < output.count {
            let wanted = output.count &- filled
            let head = try reader.varint()
            guard head > 1 else { throw reader.error(.corrupt, "A run of codes or levels is empty") }
            if head & 1 == 0 {
                var value: UInt32 = 0
                let bytes = try reader.take(valueBytes, "A run's value")
                for (index, byte) in bytes.enumerated() { value |= UInt32(byte) &<< UInt32(8 &* index) }
                guard width == 32 || value &>> UInt32(width) == 0 else {
                    throw reader.error(.corrupt, "A run's value is wider than \(width) bits")
                }
                let count = Int(min(head &>> 1, UInt64(wanted)))
                UnsafeMutableBufferPointer(rebasing: output[filled..<filled &+ count]).update(repeating: value)
                filled &+= count
            } else {
                // Only what is wanted must be there: writers may cut the last group short.
                let groups = head &>> 1
                let count = groups > UInt64(wanted) ? wanted : min(wanted, Int(groups) &* 8)
                let announced = groups > UInt64(wanted) ? Int.max : Int(groups) &* width
                let needed = (count &* width &+ 7) / 8
                let bytes = try reader.take(max(needed, min(announced, reader.remaining)), "A stretch of packed codes or levels")
                BitPacking.unpack(
                    bytes, width: width, into: UnsafeMutableBufferPointer(rebasing: output[filled..<filled &+ count]))
                filled &+= count
            }
        }
    }
}
