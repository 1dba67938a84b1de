/// Finds the smallest and largest string among file codes, one after the other.
struct CodeExtremes {
    private let leaf: ByteLeaf
    private let prefixes: UnsafePointer<UInt64>
    private var low: UInt32?
    private var high: UInt32?
    private var lowest = UInt64.max
    private var highest = UInt64.min

    /// - Parameter prefixes: For each file code its ``ByteLeaf/prefix(_:)``.
    init(leaf: ByteLeaf, prefixes: UnsafePointer<UInt64>) {
        self.leaf = leaf
        self.prefixes = prefixes
    }

    /// Takes a code into account.
    @inline(__always)
    mutating func note(_ code: UInt32) {
        let prefix = prefixes[Int(code)]
        if prefix <= lowest, low.map({ code != $0 && (prefix < lowest || leaf.isBefore(code, $0)) }) ?? true {
            (low, lowest) = (code, prefix)
        }
        if prefix >= highest, high.map({ code != $0 && (prefix > highest || leaf.isBefore($0, code)) }) ?? true {
            (high, highest) = (code, prefix)
        }
    }

    /// The extremes of all codes so far.
    var extremes: PageExtremes {
        guard let low, let high else { return .none }
        return .codes(low, high)
    }
}
