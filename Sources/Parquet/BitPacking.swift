/// Bit packing as Parquet does it: values of one width, least significant bit first, without gaps.
enum BitPacking {
    /// How many bits `value` needs.
    @inline(__always)
    static func width(of value: UInt64) -> Int { 64 &- value.leadingZeroBitCount }

    /// Appends `values`, each in its low `width` bits, padded with zero bits to a whole byte.
    static func pack(_ values: UnsafeBufferPointer<UInt32>, width: Int, into output: inout [UInt8]) {
        guard width > 0 else { return }
        var pending: UInt64 = 0
        var pendingBits = 0
        for value in values {
            pending |= UInt64(value) &<< UInt64(pendingBits)
            pendingBits &+= width
            if pendingBits >= 32 {
                output.appendLittleEndian(UInt32(truncatingIfNeeded: pending))
                pending &>>= 32
                pendingBits &-= 32
            }
        }
        while pendingBits > 0 {
            output.append(UInt8(truncatingIfNeeded: pending))
            pending &>>= 8
            pendingBits &-= 8
        }
    }

    /// Appends 64-bit `values` in `width` bits each.
    static func pack64(_ values: UnsafeBufferPointer<UInt64>, width: Int, into output: inout [UInt8]) {
        guard width > 0 else { return }
        var pending: UInt64 = 0
        var pendingBits = 0
        for value in values {
            pending |= value &<< UInt64(pendingBits)
            let free = 64 &- pendingBits
            if width >= free {
                output.appendLittleEndian(pending)
                pending = free == 64 ? 0 : value &>> UInt64(free)
                pendingBits = width &- free
            } else {
                pendingBits &+= width
            }
        }
        while pendingBits > 0 {
            output.append(UInt8(truncatingIfNeeded: pending))
            pending &>>= 8
            pendingBits &-= 8
        }
    }

    /// Reads `output.count` values of `width` bits (0...32).
    ///
    /// - Precondition: `bytes` holds all of them: `(output.count * width + 7) / 8` bytes at least.
    static func unpack(_ bytes: UnsafeRawBufferPointer, width: Int, into output: UnsafeMutableBufferPointer<UInt32>) {
        precondition(bytes.count >= (output.count &* width &+ 7) / 8 && width <= 32)
        guard width > 0 else { return output.update(repeating: 0) }
        let mask = UInt64(UInt32.max) &>> UInt64(32 &- width)
        // A load of eight bytes always covers a value: it starts at most 7 bits in and is at most 32 bits wide.
        let safeCount = bytes.count < 8 ? 0 : min(output.count, (bytes.count &- 8) &* 8 / width)
        var bit = 0
        for index in 0..<safeCount {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
            output[index] = UInt32(truncatingIfNeeded: (word &>> UInt64(bit & 7)) & mask)
            bit &+= width
        }
        for index in safeCount..<output.count {
            output[index] = UInt32(truncatingIfNeeded: slowLoad(bytes, bit: bit, width: width))
            bit &+= width
        }
    }

    /// Reads `output.count` values of `width` bits (0...64).
    ///
    /// - Precondition: `bytes` holds all of them.
    static func unpack64(_ bytes: UnsafeRawBufferPointer, width: Int, into output: UnsafeMutableBufferPointer<UInt64>) {
        precondition(bytes.count >= (output.count &* width &+ 7) / 8 && width <= 64)
        guard width > 0 else { return output.update(repeating: 0) }
        let mask = UInt64.max &>> UInt64(64 &- width)
        let safeCount = bytes.count < 8 || width > 57 ? 0 : min(output.count, (bytes.count &- 8) &* 8 / width)
        var bit = 0
        for index in 0..<safeCount {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
            output[index] = (word &>> UInt64(bit & 7)) & mask
            bit &+= width
        }
        for index in safeCount..<output.count {
            output[index] = slowLoad(bytes, bit: bit, width: width)
            bit &+= width
        }
    }

    /// One value, byte by byte: for the last values of a buffer and for very wide ones.
    private static func slowLoad(_ bytes: UnsafeRawBufferPointer, bit: Int, width: Int) -> UInt64 {
        var value: UInt64 = 0
        var done = 0
        var position = bit
        while done < width {
            let inByte = position & 7
            let take = min(8 &- inByte, width &- done)
            let part = (UInt64(bytes[position &>> 3]) &>> UInt64(inByte)) & ((1 &<< UInt64(take)) &- 1)
            value |= part &<< UInt64(done)
            done &+= take
            position &+= take
        }
        return value
    }
}
