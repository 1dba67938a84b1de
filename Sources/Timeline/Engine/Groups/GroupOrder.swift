/// Puts groups in the order that was asked for, and keeps the first of them.
struct GroupOrder {
    private let aggregation: Aggregation
    private let layout: GroupKey
    private let texts: [GlobalDictionary]
    private let budget: QueryBudget

    init(_ aggregation: Aggregation, _ layout: GroupKey, _ texts: [GlobalDictionary], _ budget: QueryBudget) {
        self.aggregation = aggregation
        self.layout = layout
        self.texts = texts
        self.budget = budget
    }

    /// Places of the groups to give, in order.
    func indices(_ keys: [UInt64], _ values: [Int64]) throws -> [Int] {
        let kept = candidates(values)
        try budget.take(kept.count * 40, for: "the groups of this query")
        defer { budget.give(kept.count * 40) }
        let ranks = texts.map { $0.ranks() }
        let isByValue = aggregation.order == .byValue
        let worth = self.worth(values, ranks)
        var rows = kept.map { (place: $0, worth: isByValue ? worth($0) : 0, rank: rank(keys[$0], ranks)) }
        rows.sort { a, b in a.worth != b.worth ? a.worth > b.worth : a.rank < b.rank }
        let places = rows.map(\.place)
        return aggregation.limit.map { Array(places.prefix($0)) } ?? places
    }

    /// With a limit on the largest values, only groups that reach the last of them.
    private func candidates(_ values: [Int64]) -> [Int] {
        guard aggregation.order == .byValue, let limit = aggregation.limit, limit > 0, limit < values.count else {
            return aggregation.limit == 0 ? [] : Array(values.indices)
        }
        switch aggregation.measure {
        case .minimum(.field), .maximum(.field): return Array(values.indices)
        case .count, .distinct, .minimum(.integer), .maximum(.integer): break
        }
        // A heap of the largest values seen, the smallest of them on top.
        var heap = Array(values.prefix(limit)).sorted()
        for value in values.dropFirst(limit) where value > heap[0] {
            heap[0] = value
            var place = 0
            while true {
                var child = 2 * place + 1
                guard child < limit else { break }
                if child + 1 < limit, heap[child + 1] < heap[child] { child += 1 }
                guard heap[child] < heap[place] else { break }
                heap.swapAt(child, place)
                place = child
            }
        }
        return values.indices.filter { values[$0] >= heap[0] }
    }

    private func worth(_ values: [Int64], _ ranks: [[UInt32]]) -> (Int) -> Int64 {
        switch aggregation.measure {
        case .minimum(.field), .maximum(.field):
            guard let last = ranks.last else { return { values[$0] } }
            return { Int64(last[Int(values[$0])]) }
        case .count, .distinct, .minimum(.integer), .maximum(.integer): return { values[$0] }
        }
    }

    /// The key with each text's number replaced by its place in the order of bytes.
    private func rank(_ key: UInt64, _ ranks: [[UInt32]]) -> UInt64 {
        var rank = layout.bucket.map { $0.value(key) << $0.shift } ?? 0
        for (place, part) in layout.fields.enumerated() { rank |= UInt64(ranks[place][Int(part.value(key))]) << part.shift }
        return rank
    }
}
