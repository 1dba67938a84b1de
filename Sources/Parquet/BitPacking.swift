/// Bit packing as Parquet does it: values of one width, least significant bit first, without gaps.
enum BitPacking {
    /// How many bits `value` needs.
    @inline(__always)
    static func width(of value: UInt64) -> Int { 64 &- value.leadingZeroBitCount }

    /// Appends `count` values, each in its low `width` bits (0...64), padded with zero bits to a whole byte.
    ///
    /// - Precondition: No value has a bit above `width`.
    static func pack<Value: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafePointer<Value>, count: Int, width: Int, into output: inout PageBuffer
    ) {
        guard width > 0, count > 0 else { return }
        output.reserve((count &* width &+ 7) / 8)
        let written =
            switch width {
            case ...7: packEight(values, count: count, width: UInt64(width), to: output.end)
            case ...14: packFour(values, count: count, width: UInt64(width), to: output.end)
            case ...28: packTwo(values, count: count, width: UInt64(width), to: output.end)
            case ...57: packOne(values, 0..<count, width: UInt64(width), to: output.end, BitCarry())
            default: packWide(values, count: count, width: width, to: output.end)
            }
        output.advance(written)
    }

    /// Bits that do not fill a byte yet: fewer than eight of them.
    private struct BitCarry {
        var bits: UInt64 = 0
        var count: UInt64 = 0
        var offset = 0

        /// Adds `width` bits (57 at most) and stores whole bytes; up to eight bytes at `offset` are overwritten.
        @inline(__always)
        mutating func add(_ value: UInt64, width: UInt64, to output: UnsafeMutableRawPointer) {
            bits |= value &<< count
            count &+= width
            output.storeBytes(of: bits.littleEndian, toByteOffset: offset, as: UInt64.self)
            let done = count & ~7
            offset &+= Int(truncatingIfNeeded: done &>> 3)
            // `done` may be 64 where nothing is left: shifting twice keeps the shift below the width of the type.
            bits = (bits &>> (done &>> 1)) &>> (done &- done &>> 1)
            count &= 7
        }
    }

    @inline(__always)
    private static func packOne<Value: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafePointer<Value>, _ range: Range<Int>, width: UInt64, to output: UnsafeMutableRawPointer, _ start: BitCarry
    ) -> Int {
        var carry = start
        var index = range.lowerBound
        while index < range.upperBound {
            carry.add(UInt64(truncatingIfNeeded: values[index]), width: width, to: output)
            index &+= 1
        }
        return carry.offset &+ (carry.count > 0 ? 1 : 0)
    }

    private static func packTwo<Value: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafePointer<Value>, count: Int, width: UInt64, to output: UnsafeMutableRawPointer
    ) -> Int {
        var carry = BitCarry()
        var index = 0
        while index &+ 2 <= count {
            let pair = UInt64(truncatingIfNeeded: values[index]) | UInt64(truncatingIfNeeded: values[index &+ 1]) &<< width
            carry.add(pair, width: width &* 2, to: output)
            index &+= 2
        }
        return packOne(values, index..<count, width: width, to: output, carry)
    }

    private static func packFour<Value: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafePointer<Value>, count: Int, width: UInt64, to output: UnsafeMutableRawPointer
    ) -> Int {
        var carry = BitCarry()
        var index = 0
        while index &+ 4 <= count {
            let low = UInt64(truncatingIfNeeded: values[index]) | UInt64(truncatingIfNeeded: values[index &+ 1]) &<< width
            let high = UInt64(truncatingIfNeeded: values[index &+ 2]) | UInt64(truncatingIfNeeded: values[index &+ 3]) &<< width
            carry.add(low | high &<< (width &* 2), width: width &* 4, to: output)
            index &+= 4
        }
        return packOne(values, index..<count, width: width, to: output, carry)
    }

    private static func packEight<Value: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafePointer<Value>, count: Int, width: UInt64, to output: UnsafeMutableRawPointer
    ) -> Int {
        // Eight values are exactly `width` bytes, so nothing is carried from one group to the next.
        var offset = 0
        var index = 0
        while index &+ 8 <= count {
            var word: UInt64 = 0
            var lane = 7
            while lane >= 0 {
                word = word &<< width | UInt64(truncatingIfNeeded: values[index &+ lane])
                lane &-= 1
            }
            output.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
            offset &+= Int(width)
            index &+= 8
        }
        return packOne(values, index..<count, width: width, to: output, BitCarry(offset: offset))
    }

    /// Widths above 57: the low 32 bits and the rest one after the other.
    private static func packWide<Value: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafePointer<Value>, count: Int, width: Int, to output: UnsafeMutableRawPointer
    ) -> Int {
        var carry = BitCarry()
        var index = 0
        while index < count {
            let value = UInt64(truncatingIfNeeded: values[index])
            carry.add(value & 0xFFFF_FFFF, width: 32, to: output)
            carry.add(value &>> 32, width: UInt64(width &- 32), to: output)
            index &+= 1
        }
        return carry.offset &+ (carry.count > 0 ? 1 : 0)
    }

    /// Reads `count` values of `width` bits (0...64, and at most the width of `Value`).
    ///
    /// - Precondition: `bytes` holds all of them: `(count * width + 7) / 8` bytes at least.
    static func unpack<Value: FixedWidthInteger & UnsignedInteger>(
        _ bytes: UnsafeRawBufferPointer, width: Int, into output: UnsafeMutablePointer<Value>, count: Int
    ) {
        precondition(width >= 0 && width <= Value.bitWidth && count >= 0 && bytes.count >= (count &* width &+ 7) / 8)
        guard width > 0, let source = bytes.baseAddress else { return output.update(repeating: 0, count: count) }
        if width == Value.bitWidth {
            UnsafeMutableRawPointer(output).copyMemory(from: source, byteCount: count &* (width / 8))
            return littleEndian(output, count: count)
        }
        let mask = UInt64.max &>> UInt64(64 &- width)
        // Whole groups of eight values are `width` bytes; the fast way loads eight bytes at each value's place.
        var index = 0
        if width <= 57 {
            let safeBytes = bytes.count &- 8
            let groups = safeBytes < 0 ? 0 : min(count / 8, safeBytes / width)
            index = groups &* 8
            unpackGroups(source, groups: groups, width: width, mask: mask, into: output)
        }
        while index < count {
            output[index] = Value(truncatingIfNeeded: load(bytes, bit: index &* width, width: width))
            index &+= 1
        }
    }

    /// - Precondition: Eight bytes behind the last group may be read.
    @inline(__always)
    private static func unpackGroups<Value: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafeRawPointer, groups: Int, width: Int, mask: UInt64, into output: UnsafeMutablePointer<Value>
    ) {
        var place = source
        var room = output
        var group = 0
        if width <= 7 {
            while group < groups {
                var word = UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
                var lane = 0
                while lane < 8 {
                    room[lane] = Value(truncatingIfNeeded: word & mask)
                    word &>>= UInt64(width)
                    lane &+= 1
                }
                place += width
                room += 8
                group &+= 1
            }
            return
        }
        if width <= 14 {
            let half = width &* 4
            while group < groups {
                let low = UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
                let high = UInt64(littleEndian: place.loadUnaligned(fromByteOffset: half &>> 3, as: UInt64.self)) &>> UInt64(half & 7)
                let shift = UInt64(width)
                room[0] = Value(truncatingIfNeeded: low & mask)
                room[1] = Value(truncatingIfNeeded: (low &>> shift) & mask)
                room[2] = Value(truncatingIfNeeded: (low &>> (shift &* 2)) & mask)
                room[3] = Value(truncatingIfNeeded: (low &>> (shift &* 3)) & mask)
                room[4] = Value(truncatingIfNeeded: high & mask)
                room[5] = Value(truncatingIfNeeded: (high &>> shift) & mask)
                room[6] = Value(truncatingIfNeeded: (high &>> (shift &* 2)) & mask)
                room[7] = Value(truncatingIfNeeded: (high &>> (shift &* 3)) & mask)
                place += width
                room += 8
                group &+= 1
            }
            return
        }
        while group < groups {
            var bit = 0
            var lane = 0
            while lane < 8 {
                let word = UInt64(littleEndian: place.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
                room[lane] = Value(truncatingIfNeeded: (word &>> UInt64(bit & 7)) & mask)
                bit &+= width
                lane &+= 1
            }
            place += width
            room += 8
            group &+= 1
        }
    }

    private static func littleEndian<Value: FixedWidthInteger>(_ values: UnsafeMutablePointer<Value>, count: Int) {
        guard Value(littleEndian: 1) != 1 else { return }
        for index in 0..<count { values[index] = Value(littleEndian: values[index]) }
    }

    /// One value, byte by byte: for the last values of a buffer and for very wide ones.
    static func load(_ bytes: UnsafeRawBufferPointer, bit: Int, width: Int) -> UInt64 {
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
