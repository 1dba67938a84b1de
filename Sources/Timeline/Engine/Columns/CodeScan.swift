/// Loops that turn codes into row masks, 64 rows to a word.
///
/// Pointers must hold what is said of them; every loop stays below the counts given, and a code that a table does not cover matches nothing.
enum CodeScan {
    /// The slots whose code is `code`.
    static func slots(_ page: CodePage, equalTo code: Int) -> RowMask {
        RowMask(count: page.count) { words in
            switch page.codes {
            case .u8(let codes):
                if code < Int(UInt8.max) { equal(codes, page.count, UInt8(code), words) }
            case .u16(let codes):
                if code < Int(UInt16.max) { equal(codes, page.count, UInt16(code), words) }
            case .u32(let codes):
                if code < Int(UInt32.max) { equal(codes, page.count, UInt32(code), words) }
            }
        }
    }

    /// The slots that have a value.
    static func present(_ page: CodePage) -> RowMask {
        var mask = RowMask(count: page.count) { words in
            switch page.codes {
            case .u8(let codes): equal(codes, page.count, .max, words)
            case .u16(let codes): equal(codes, page.count, .max, words)
            case .u32(let codes): equal(codes, page.count, .max, words)
            }
        }
        mask.invert()
        return mask
    }

    /// The slots whose code has a 1 in `table`.
    static func slots(_ page: CodePage, in table: UnsafeBufferPointer<UInt8>) -> RowMask {
        RowMask(count: page.count) { words in
            switch page.codes {
            case .u8(let codes): chosen(codes, page.count, table, words)
            case .u16(let codes): chosen(codes, page.count, table, words)
            case .u32(let codes): chosen(codes, page.count, table, words)
            }
        }
    }

    /// The rows whose value lies in `from ..< until`. An absent value lies in none.
    static func rows(_ page: IntegerPage, from: Int64, until: Int64) -> RowMask {
        RowMask(count: page.count) { words in
            let low = max(from, IntegerPage.absent &+ 1)
            var row = 0
            while row < page.count {
                let end = min(row &+ 64, page.count)
                var word: UInt64 = 0
                var bit: UInt64 = 0
                while row < end {
                    let value = page.values[row]
                    word |= ((value >= low ? 1 : 0) & (value < until ? 1 : 0)) &<< bit
                    bit &+= 1
                    row &+= 1
                }
                words[(row &- 1) &>> 6] = word
            }
        }
    }

    @inline(__always)
    private static func equal<Code: FixedWidthInteger & UnsignedInteger>(
        _ codes: UnsafePointer<Code>, _ count: Int, _ wanted: Code, _ words: UnsafeMutablePointer<UInt64>
    ) {
        // Lanes of eight bytes at a time: a lane of the exclusive or that is zero is a match, and the sum of its low bits with all ones
        // carries into the lane's top bit where it is not (no carry leaves a lane).
        let lanes = 8 / MemoryLayout<Code>.size
        let bits = UInt64(Code.bitWidth)
        let ones = UInt64.max / UInt64(Code.max)
        let pattern = ones &* UInt64(truncatingIfNeeded: wanted)
        let tops = ones &<< (bits - 1)
        let lows = ~tops
        let raw = UnsafeRawPointer(codes)
        var row = 0
        while row &+ lanes <= count {
            let x = raw.loadUnaligned(fromByteOffset: row &* MemoryLayout<Code>.size, as: UInt64.self) ^ pattern
            let zeros = ~(((x & lows) &+ lows) | x) & tops
            if zeros != 0 {
                // One multiplication gathers the lanes' top bits. Lanes never straddle a word: 64 is a multiple of them.
                let gathered: UInt64
                switch lanes {
                case 8: gathered = ((zeros &>> 7) &* 0x0102_0408_1020_4080) &>> 56
                case 4: gathered = ((zeros &>> 15) &* 0x0001_0002_0004_0008) &>> 48 & 0xF
                default: gathered = (zeros &>> 31 & 1) | (zeros &>> 62 & 2)
                }
                words[row &>> 6] |= gathered &<< UInt64(truncatingIfNeeded: row & 63)
            }
            row &+= lanes
        }
        while row < count {
            if codes[row] == wanted { words[row &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: row & 63) }
            row &+= 1
        }
    }

    @inline(__always)
    private static func chosen<Code: FixedWidthInteger & UnsignedInteger>(
        _ codes: UnsafePointer<Code>, _ count: Int, _ table: UnsafeBufferPointer<UInt8>, _ words: UnsafeMutablePointer<UInt64>
    ) {
        guard let base = table.baseAddress else { return }
        let size = UInt(table.count)
        var row = 0
        while row < count {
            let end = min(row &+ 64, count)
            var word: UInt64 = 0
            var bit: UInt64 = 0
            while row < end {
                let code = UInt(truncatingIfNeeded: codes[row])
                if code < size { word |= UInt64(base[Int(bitPattern: code)]) &<< bit }
                bit &+= 1
                row &+= 1
            }
            words[(row &- 1) &>> 6] = word
        }
    }
}
