/// What one worker of a ``GroupScan`` gathers. One worker writes it; it is read when that one has ended.
///
/// Safe because `keys` and `rows` have room for the longest page, and dense counts for every number of the layout's bits.
final class GroupWorker: @unchecked Sendable {
    /// What is gathered.
    enum Kind: Hashable, Sendable {
        /// How often each key occurs.
        case counts
        /// The smallest or largest integer of each key.
        case integers(smaller: Bool)
        /// Which keys occur.
        case keys
    }

    /// Most bits of a key for which counts lie in an array rather than a hash table.
    static let denseBits: UInt64 = 20

    let tally: WorkerTally
    var matchCount = 0
    /// One key a row of the page at hand.
    let keys: UnsafeMutablePointer<UInt64>
    /// Rows of the page at hand.
    let rows: UnsafeMutablePointer<UInt32>
    /// Integers of the page at hand, one a row.
    let integers: UnsafeMutablePointer<Int64>
    private(set) var dense: UnsafeMutableBufferPointer<Int64>?
    private(set) var table: CountTable?
    private(set) var partitions: KeyPartitions?
    private let kind: Kind
    private let layout: GroupKey
    private let isRanked: Bool
    private let budget: QueryBudget

    /// - Parameter isRanked: Whether keys lie in the order of the answer.
    init(_ kind: Kind, _ layout: GroupKey, _ plan: QueryPlan, _ mostRows: Int, isRanked: Bool, _ budget: QueryBudget) {
        self.isRanked = isRanked
        self.kind = kind
        self.layout = layout
        self.budget = budget
        tally = WorkerTally(QueryEffort(plan))
        keys = .allocate(capacity: max(1, mostRows))
        rows = .allocate(capacity: max(1, mostRows))
        integers = .allocate(capacity: max(1, mostRows))
    }

    deinit {
        keys.deallocate()
        rows.deallocate()
        integers.deallocate()
        if let dense {
            budget.give(dense.count * 8)
            dense.deallocate()
        }
    }

    /// Takes up the first `count` of ``keys`` (and ``integers``).
    func accumulate(_ count: Int) throws {
        switch kind {
        case .counts:
            if layout.bits <= Self.denseBits { try addDense(count) } else { try addToTable(count) }
        case .integers(let smaller):
            if table == nil { table = try CountTable(budget) }
            for i in 0..<count where keys[i] != GroupKey.none && integers[i] != IntegerPage.absent {
                try table?.keep(integers[i], for: keys[i], smaller: smaller)
            }
        case .keys:
            if partitions == nil { partitions = KeyPartitions(layout, isRanked: isRanked, budget) }
            try partitions?.add(keys, count)
        }
    }

    /// A count for every number that the layout's bits can be.
    ///
    /// - Precondition: They are at most ``denseBits``.
    func denseCounts() throws(QueryError) -> UnsafeMutablePointer<Int64> {
        if let counts = dense?.baseAddress { return counts }
        let size = 1 << Int(layout.bits)
        try budget.take(size * 8, for: "the groups of this query")
        let made = UnsafeMutableBufferPointer<Int64>.allocate(capacity: size)
        made.initialize(repeating: 0)
        dense = made
        return made.baseAddress!
    }

    private func addDense(_ count: Int) throws(QueryError) {
        let counts = try denseCounts()
        // Neighbours often fall into one group: their run is added at once, which spares waiting for the same memory.
        var i = 0
        while i < count {
            let key = keys[i]
            var end = i &+ 1
            while end < count, keys[end] == key { end &+= 1 }
            if key != GroupKey.none { counts[Int(truncatingIfNeeded: key)] &+= Int64(end &- i) }
            i = end
        }
    }

    private func addToTable(_ count: Int) throws(QueryError) {
        if table == nil { table = try CountTable(budget) }
        guard let table else { return }
        var i = 0
        while i < count {
            if keys[i] != GroupKey.none { try table.add(1, to: keys[i]) }
            i &+= 1
        }
    }
}
