/// Counts (or smallest or largest integers) by 64-bit key, with open addressing. One worker writes it.
///
/// Safe because slots are only reached through the mask of the allocated size.
final class CountTable: @unchecked Sendable {
    private(set) var count = 0
    private var size: Int
    private var keys: UnsafeMutablePointer<UInt64>
    private var values: UnsafeMutablePointer<Int64>
    private let budget: QueryBudget
    private static let free = GroupKey.none

    init(_ budget: QueryBudget, size: Int = 1_024) throws(QueryError) {
        self.budget = budget
        self.size = size
        try budget.take(size * 16, for: "the groups of this query")
        keys = .allocate(capacity: size)
        keys.initialize(repeating: Self.free, count: size)
        values = .allocate(capacity: size)
        values.initialize(repeating: 0, count: size)
    }

    deinit {
        keys.deallocate()
        values.deallocate()
        budget.give(size * 16)
    }

    @inline(__always)
    static func hash(_ key: UInt64) -> UInt64 {
        let product = key.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }

    /// The slot of a key, taken if it is new.
    @inline(__always)
    private func slot(_ key: UInt64) -> (slot: Int, isNew: Bool) {
        var slot = Int(truncatingIfNeeded: Self.hash(key)) & (size &- 1)
        while true {
            let known = keys[slot]
            if known == key { return (slot, false) }
            if known == Self.free {
                keys[slot] = key
                count &+= 1
                return (slot, true)
            }
            slot = (slot &+ 1) & (size &- 1)
        }
    }

    /// Adds to a key's value; a new one begins at 0.
    @inline(__always)
    func add(_ amount: Int64, to key: UInt64) throws(QueryError) {
        values[slot(key).slot] &+= amount
        if count &* 2 > size { try grow() }
    }

    /// Keeps the smaller, or larger, of a key's value and this one.
    func keep(_ value: Int64, for key: UInt64, smaller: Bool) throws(QueryError) {
        let (slot, isNew) = slot(key)
        if isNew || (smaller ? value < values[slot] : value > values[slot]) { values[slot] = value }
        if count * 2 > size { try grow() }
    }

    private func grow() throws(QueryError) {
        let (oldKeys, oldValues, oldSize) = (keys, values, size)
        try budget.take(oldSize * 32, for: "the groups of this query")
        size = oldSize * 2
        keys = .allocate(capacity: size)
        keys.initialize(repeating: Self.free, count: size)
        values = .allocate(capacity: size)
        values.initialize(repeating: 0, count: size)
        count = 0
        for i in 0..<oldSize where oldKeys[i] != Self.free { values[slot(oldKeys[i]).slot] = oldValues[i] }
        oldKeys.deallocate()
        oldValues.deallocate()
        budget.give(oldSize * 16)
    }

    /// Calls `body` with each key and its value, in no order.
    func forEach(_ body: (UInt64, Int64) throws -> Void) rethrows {
        for i in 0..<size where keys[i] != Self.free { try body(keys[i], values[i]) }
    }
}
