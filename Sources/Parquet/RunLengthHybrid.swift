/// Parquet's RLE / bit-packing hybrid, used for levels and dictionary codes (parquet-format, Encodings.md, RLE = 3).
enum RunLengthHybrid {
    /// From this length on a run of equal values is shorter as a run than packed, both heads counted.
    @inline(__always)
    private static func minimumRun(width: Int) -> Int {
        let runBytes = 4 &+ (width &+ 7) / 8
        return 8 &* max(1, (runBytes &+ width &- 1) / width)
    }

    /// Appends `count` values of `width` bits each (1...32).
    static func encode(_ values: UnsafePointer<UInt32>, count: Int, width: Int, into output: inout PageBuffer) {
        // Bit-packed stretches must be a multiple of eight values long, except for the last one, so runs begin at such places only.
        let minimum = minimumRun(width: width)
        var packedStart = 0
        var index = 0
        while index &+ 8 <= count {
            let pairs = UnsafeRawPointer(values + index)
            let first = pairs.loadUnaligned(as: UInt64.self)
            let second = pairs.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            let third = pairs.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
            let fourth = pairs.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
            let differences = (first ^ second) | (first ^ third) | (first ^ fourth) | ((first &>> 32) ^ (first & 0xFFFF_FFFF))
            if differences != 0 {
                index &+= 8
                continue
            }
            let value = values[index]
            let end = runEnd(values, from: index &+ 8, count: count, value: value)
            if end &- index >= minimum {
                pack(values, packedStart..<index, width: width, into: &output)
                appendRun(value, count: end &- index, width: width, into: &output)
                packedStart = end
                index = end
            } else {
                index &+= (end &- index) & ~7
            }
        }
        pack(values, packedStart..<count, width: width, into: &output)
    }

    /// Appends `count` times the same value of `width` bits.
    static func appendRun(_ value: UInt32, count: Int, width: Int, into output: inout PageBuffer) {
        output.appendVarint(UInt64(count) &<< 1)
        for byte in 0..<((width &+ 7) / 8) { output.append(UInt8(truncatingIfNeeded: value &>> UInt32(8 &* byte))) }
    }

    @inline(__always)
    private static func runEnd(_ values: UnsafePointer<UInt32>, from start: Int, count: Int, value: UInt32) -> Int {
        let pair = UInt64(value) &<< 32 | UInt64(value)
        var end = start
        while end &+ 4 <= count {
            let place = UnsafeRawPointer(values + end)
            let differences =
                (place.loadUnaligned(as: UInt64.self) ^ pair) | (place.loadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ pair)
            if differences != 0 { break }
            end &+= 4
        }
        while end < count, values[end] == value { end &+= 1 }
        return end
    }

    private static func pack(_ values: UnsafePointer<UInt32>, _ range: Range<Int>, width: Int, into output: inout PageBuffer) {
        guard !range.isEmpty else { return }
        let groups = (range.count &+ 7) / 8
        output.appendVarint(UInt64(groups) &<< 1 | 1)
        let end = output.count &+ groups &* width
        BitPacking.pack(values + range.lowerBound, count: range.count, width: width, into: &output)
        while output.count < end { output.append(0) }
    }

    /// Appends bits as values of width 1: `bits` holds them least significant first, zero behind the last one.
    static func encode(bits: UnsafePointer<UInt64>, count: Int, into output: inout PageBuffer) {
        // Eight bits are a byte and a group: runs are looked for among bytes.
        let bytes = UnsafeRawPointer(bits)
        let whole = count / 8
        let minimum = 5
        var packedStart = 0
        var index = 0
        while index < whole {
            let byte = bytes.load(fromByteOffset: index, as: UInt8.self)
            guard byte == 0 || byte == 0xFF else {
                index &+= 1
                continue
            }
            var end = index &+ 1
            while end < whole, bytes.load(fromByteOffset: end, as: UInt8.self) == byte { end &+= 1 }
            if end &- index >= minimum {
                appendPacked(bytes, packedStart..<index, into: &output)
                appendRun(UInt32(byte & 1), count: (end &- index) &* 8, width: 1, into: &output)
                packedStart = end
            }
            index = end
        }
        appendPacked(bytes, packedStart..<(count &+ 7) / 8, into: &output)
    }

    private static func appendPacked(_ bytes: UnsafeRawPointer, _ range: Range<Int>, into output: inout PageBuffer) {
        guard !range.isEmpty else { return }
        output.appendVarint(UInt64(range.count) &<< 1 | 1)
        output.append(UnsafeRawBufferPointer(start: bytes + range.lowerBound, count: range.count))
    }

    /// The value of all `count` values, if they are one run: most levels are. It reads nothing else.
    static func uniformValue(_ reader: ByteReader, width: Int, count: Int) -> UInt32? {
        var reader = reader
        guard (1...32).contains(width), let head = try? reader.varint(), head & 1 == 0, head &>> 1 >= UInt64(count) else { return nil }
        return try? runValue(&reader, width: width)
    }

    @inline(__always)
    static func runValue(_ reader: inout ByteReader, width: Int) throws(ParquetError) -> UInt32 {
        var value: UInt32 = 0
        let bytes = try reader.take((width &+ 7) / 8, "A run's value")
        var byte = 0
        while byte < bytes.count {
            value |= UInt32(bytes[byte]) &<< UInt32(8 &* byte)
            byte &+= 1
        }
        guard width == 32 || value &>> UInt32(width) == 0 else {
            throw reader.error(.corrupt, "A run's value is wider than \(width) bits")
        }
        return value
    }

    /// Reads exactly `count` values of `width` bits (0...32, at most the width of `Value`); bytes beyond them are left alone.
    static func decode<Value: FixedWidthInteger & UnsignedInteger>(
        _ reader: inout ByteReader, width: Int, into output: UnsafeMutablePointer<Value>, count: Int
    ) throws(ParquetError) {
        guard (0...min(32, Value.bitWidth)).contains(width) else {
            throw reader.error(.corrupt, "Codes are said to be \(width) bits wide")
        }
        var filled = 0
        while filled < count {
            let wanted = count &- filled
            let head = try reader.varint()
            guard head > 1 else { throw reader.error(.corrupt, "A run of codes or levels is empty") }
            if head & 1 == 0 {
                let value = Value(truncatingIfNeeded: try runValue(&reader, width: width))
                let length = Int(min(head &>> 1, UInt64(wanted)))
                (output + filled).update(repeating: value, count: length)
                filled &+= length
            } else {
                // Only what is wanted must be there: writers may cut the last group short.
                let groups = head &>> 1
                let isBeyond = groups > UInt64(wanted)
                let length = isBeyond ? wanted : min(wanted, Int(groups) &* 8)
                let announced = isBeyond ? Int.max : Int(groups) &* width
                let needed = (length &* width &+ 7) / 8
                let bytes = try reader.take(max(needed, min(announced, reader.remaining)), "A stretch of packed codes or levels")
                BitPacking.unpack(bytes, width: width, into: output + filled, count: length)
                filled &+= length
            }
        }
    }
}
