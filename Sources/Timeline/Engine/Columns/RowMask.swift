/// Which rows of a page match (or which pages of a row group): one bit each, 64 to a word.
///
/// Bits at and beyond ``count`` are always zero.
struct RowMask: Hashable, Sendable {
    /// Number of rows.
    let count: Int
    private(set) var words: [UInt64]

    /// All rows, or none.
    init(count: Int, all: Bool) {
        self.count = count
        words = Array(repeating: all ? .max : 0, count: (count + 63) / 64)
        if all { clearTail() }
    }

    /// A mask whose words `fill` writes; bits beyond the count are cleared afterwards.
    init(count: Int, fill: (UnsafeMutablePointer<UInt64>) -> Void) {
        self.count = count
        let wordCount = (count + 63) / 64
        words = Array(unsafeUninitializedCapacity: wordCount) { buffer, initialized in
            if let base = buffer.baseAddress {
                base.initialize(repeating: 0, count: wordCount)
                fill(base)
            }
            initialized = wordCount
        }
        clearTail()
    }

    private mutating func clearTail() {
        if count & 63 != 0 { words[words.count - 1] &= (1 << UInt64(count & 63)) &- 1 }
    }

    /// Whether a row is in it.
    subscript(row: Int) -> Bool {
        get { words[row >> 6] >> UInt64(row & 63) & 1 == 1 }
        set {
            precondition(row < count, "a row of the mask")
            if newValue { words[row >> 6] |= 1 << UInt64(row & 63) } else { words[row >> 6] &= ~(1 << UInt64(row & 63)) }
        }
    }

    /// Whether no row is in it.
    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// How many rows are in it.
    var population: Int {
        var total = 0
        var i = 0
        while i < words.count {
            total &+= words[i].nonzeroBitCount
            i &+= 1
        }
        return total
    }

    mutating func formIntersection(_ other: RowMask) {
        precondition(count == other.count, "masks of the same page")
        var i = 0
        while i < words.count {
            words[i] &= other.words[i]
            i &+= 1
        }
    }

    mutating func formUnion(_ other: RowMask) {
        precondition(count == other.count, "masks of the same page")
        var i = 0
        while i < words.count {
            words[i] |= other.words[i]
            i &+= 1
        }
    }

    mutating func subtract(_ other: RowMask) {
        precondition(count == other.count, "masks of the same page")
        var i = 0
        while i < words.count {
            words[i] &= ~other.words[i]
            i &+= 1
        }
    }

    mutating func invert() {
        var i = 0
        while i < words.count {
            words[i] = ~words[i]
            i &+= 1
        }
        if !words.isEmpty { clearTail() }
    }

    /// Calls `body` with each row, ascending.
    @inline(__always)
    func forEach(_ body: (Int) throws -> Void) rethrows {
        var i = 0
        while i < words.count {
            var word = words[i]
            while word != 0 {
                try body(i &<< 6 &+ word.trailingZeroBitCount)
                word &= word &- 1
            }
            i &+= 1
        }
    }

    /// Writes the rows, ascending, and gives their number; there is room for ``population`` values.
    func write(to rows: UnsafeMutablePointer<UInt32>) -> Int {
        var n = 0
        forEach { row in
            rows[n] = UInt32(truncatingIfNeeded: row)
            n &+= 1
        }
        return n
    }

    /// The rows, ascending.
    var rows: [Int] {
        var rows: [Int] = []
        rows.reserveCapacity(population)
        forEach { rows.append($0) }
        return rows
    }
}
