/// Numbers the entries that slots use by first use, and finds what is known of all slots at once.
///
/// It holds the scratch for codes that have to be numbered anew.
struct ByteLeafNumbering: ~Copyable {
    private var codes = Scratch<UInt32>()
    private var order = Scratch<UInt32>()
    private var assigned = Scratch<UInt32>()

    /// Looks through the codes of `slots` slots.
    ///
    /// - Throws: `.invalidColumn` if a code is beyond the entries.
    mutating func leaf(
        codes: UnsafePointer<UInt32>, slotCount: Int, entries: EntryBuffer, kind: ParquetLeafInput.Entries, path: String
    ) throws(ParquetError) -> ByteLeaf {
        let isUniform = Self.isUniform(codes, count: slotCount)
        if slotCount == 0 || (isUniform && codes[0] == ByteValues.absent) {
            return ByteLeaf(
                entries: entries, codes: codes, base: 0, order: nil, slotCount: slotCount, presentCount: 0, distinctCount: 0,
                distinctBytes: 0, isUniform: true)
        }
        let first = (0..<slotCount).first { codes[$0] != ByteValues.absent }.map { codes[$0] } ?? 0
        if isUniform || kind != .mayRepeat {
            let found = isUniform ? (end: first &+ 1, absentCount: 0) : Self.ascendingEnd(codes, count: slotCount, base: first)
            if let found {
                guard Int(found.end) <= entries.count, found.end > first else { throw Self.outside(path) }
                return ByteLeaf(
                    entries: entries, codes: codes, base: first, order: nil, slotCount: slotCount,
                    presentCount: slotCount - found.absentCount, distinctCount: Int(found.end - first),
                    distinctBytes: entries.start(Int(found.end)) - entries.start(Int(first)), isUniform: isUniform)
            }
        }
        return try number(codes, slotCount, entries, kind, path)
    }

    private static func outside(_ path: String) -> ParquetError {
        ParquetError(.invalidColumn, "The column \(path) has codes outside its dictionary")
    }

    /// Whether all codes are equal.
    private static func isUniform(_ codes: UnsafePointer<UInt32>, count: Int) -> Bool {
        guard count > 0 else { return true }
        let value = codes[0]
        let pair = UInt64(value) &<< 32 | UInt64(value)
        let words = UnsafeRawPointer(codes)
        var index = 0
        while index &+ 16 <= count {
            var differences: UInt64 = 0
            var lane = 0
            while lane < 64 {
                differences |= words.loadUnaligned(fromByteOffset: index &* 4 &+ lane, as: UInt64.self) ^ pair
                lane &+= 8
            }
            if differences != 0 { return false }
            index &+= 16
        }
        while index < count {
            if codes[index] != value { return false }
            index &+= 1
        }
        return true
    }

    /// One above the highest code, if codes ascend by one at each first use from `base` on; nil if they do not.
    private static func ascendingEnd(
        _ codes: UnsafePointer<UInt32>, count: Int, base: UInt32
    ) -> (end: UInt32, absentCount: Int)? {
        var next = base
        var absentCount = 0
        var index = 0
        while index < count {
            let code = codes[index]
            index &+= 1
            if code &- base < next &- base { continue }
            if code == ByteValues.absent {
                absentCount &+= 1
            } else if code == next {
                next &+= 1
            } else {
                return nil
            }
        }
        return (next, absentCount)
    }

    private mutating func number(
        _ source: UnsafePointer<UInt32>, _ slotCount: Int, _ entries: EntryBuffer, _ kind: ParquetLeafInput.Entries, _ path: String
    ) throws(ParquetError) -> ByteLeaf {
        let entryCount = entries.count
        let assigned = self.assigned.room(entryCount)
        assigned.update(repeating: ByteValues.absent, count: entryCount)
        let order = self.order.room(min(entryCount, slotCount))
        let codes = self.codes.room(slotCount)
        var builder = kind == .mayRepeat ? ByteValuesBuilder() : nil
        var next = 0
        var presentCount = 0
        var distinctBytes = 0
        var index = 0
        while index < slotCount {
            let code = source[index]
            if code == ByteValues.absent {
                codes[index] = code
                index &+= 1
                continue
            }
            guard Int(code) < entryCount else { throw Self.outside(path) }
            var number = assigned[Int(code)]
            if number == ByteValues.absent {
                number = builder?.code(of: entries[Int(code)]) ?? UInt32(truncatingIfNeeded: next)
                assigned[Int(code)] = number
                if Int(number) == next {
                    order[next] = code
                    next &+= 1
                    distinctBytes &+= entries.start(Int(code) &+ 1) &- entries.start(Int(code))
                }
            }
            codes[index] = number
            presentCount &+= 1
            index &+= 1
        }
        return ByteLeaf(
            entries: entries, codes: codes, base: 0, order: order, slotCount: slotCount, presentCount: presentCount,
            distinctCount: next, distinctBytes: distinctBytes, isUniform: next == 1 && presentCount == slotCount)
    }
}
