/// Reads levels of width 1 as bits, and moves values to the slots whose bit is set.
enum PageBits {
    /// Reads `count` values of width 1 in the hybrid encoding as bits, least significant first; bits behind the last are 0.
    ///
    /// - Parameter words: Room for `count / 64 + 1` words.
    /// - Returns: How many bits are set.
    static func decode(
        _ reader: inout ByteReader, into words: UnsafeMutablePointer<UInt64>, count: Int
    ) throws(ParquetError) -> Int {
        words.update(repeating: 0, count: count / 64 &+ 1)
        var filled = 0
        while filled < count {
            let wanted = count &- filled
            let head = try reader.varint()
            guard head > 1 else { throw reader.error(.corrupt, "A run of codes or levels is empty") }
            if head & 1 == 0 {
                let value = try reader.byte()
                guard value <= 1 else { throw reader.error(.corrupt, "A run's value is wider than 1 bits") }
                let length = Int(min(head &>> 1, UInt64(wanted)))
                if value == 1 { setRun(words, from: filled, count: length) }
                filled &+= length
            } else {
                let groups = head &>> 1
                let length = groups > UInt64(wanted) ? wanted : min(wanted, Int(groups) &* 8)
                let needed = (length &+ 7) / 8
                let announced = groups > UInt64(wanted) ? Int.max : Int(groups)
                let bytes = try reader.take(max(needed, min(announced, reader.remaining)), "A stretch of packed codes or levels")
                copy(bytes, count: length, to: words, from: filled)
                filled &+= length
            }
        }
        var setCount = 0
        for word in 0..<(count &+ 63) / 64 { setCount &+= words[word].nonzeroBitCount }
        return setCount
    }

    private static func setRun(_ words: UnsafeMutablePointer<UInt64>, from start: Int, count: Int) {
        var bit = start
        let end = start &+ count
        while bit < end {
            let inWord = bit & 63
            let length = min(64 &- inWord, end &- bit)
            let mask = length == 64 ? UInt64.max : ((1 &<< UInt64(length)) &- 1) &<< UInt64(inWord)
            words[bit &>> 6] |= mask
            bit &+= length
        }
    }

    private static func copy(_ bytes: UnsafeRawBufferPointer, count: Int, to words: UnsafeMutablePointer<UInt64>, from start: Int) {
        var bit = 0
        while bit < count {
            let length = min(8, count &- bit)
            let byte = UInt64(bytes[bit &>> 3]) & ((1 &<< UInt64(length)) &- 1)
            let place = start &+ bit
            let inWord = place & 63
            words[place &>> 6] |= byte &<< UInt64(inWord)
            if inWord &+ length > 64 { words[place &>> 6 &+ 1] |= byte &>> UInt64(64 &- inWord) }
            bit &+= length
        }
    }

    /// Spreads the values at the end of `slots` over the slots whose bit is set; the others get `absent`.
    ///
    /// - Precondition: The last `presentCount` of `count` slots hold the values, and so many bits are set.
    static func spread<Value: BitwiseCopyable>(
        _ slots: UnsafeMutablePointer<Value>, count: Int, presentCount: Int, bits: UnsafePointer<UInt64>, absent: Value
    ) {
        var next = count &- presentCount
        var slot = 0
        // A value never lies before the slot it goes to, so nothing is overwritten that is still wanted.
        while slot < count {
            let word = bits[slot &>> 6]
            let end = min(slot &+ 64, count)
            if word == 0 {
                while slot < end {
                    slots[slot] = absent
                    slot &+= 1
                }
                continue
            }
            while slot < end {
                let isPresent = word &>> UInt64(slot & 63) & 1 != 0
                slots[slot] = isPresent ? slots[next] : absent
                next &+= isPresent ? 1 : 0
                slot &+= 1
            }
        }
    }
}
