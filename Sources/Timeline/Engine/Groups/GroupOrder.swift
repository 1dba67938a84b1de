/// Puts groups in the order that was asked for, and keeps the first of them.
struct GroupOrder {
    private let aggregation: Aggregation
    private let layout: GroupKey
    /// By key field, where keys hold numbers in the order of sight.
    private let texts: [GlobalDictionary]
    /// Whether keys ascend already.
    private let isOrdered: Bool
    /// Whether keys hold places in the order of bytes.
    private let isRanked: Bool
    private let budget: QueryBudget

    init(_ aggregation: Aggregation, _ outcome: GroupScan.Outcome, _ budget: QueryBudget) {
        isOrdered = outcome.isOrdered
        isRanked = !outcome.rankings.isEmpty
        layout = outcome.layout
        texts = outcome.columns.map(\.dictionary)
        self.aggregation = aggregation
        self.budget = budget
    }

    /// Places of the groups to give, in order.
    func indices(_ keys: [UInt64], _ values: [Int64]) throws -> [Int] {
        if isOrdered, aggregation.order != .byValue {
            return Array(values.indices.prefix(aggregation.limit ?? .max))
        }
        let kept = candidates(values)
        try budget.take(kept.count * 48, for: "the groups of this query")
        defer { budget.give(kept.count * 48) }
        let ranks = texts.map { $0.ranks() }
        var sorter = PlaceSorter(kept)
        // Stable, so the last order given is the first that counts.
        let shift = layout.value?.bits ?? 0
        if !isOrdered { sorter.sort(bits: Int(layout.bits - shift)) { (isRanked ? keys[$0] : rank(keys[$0], ranks)) >> shift } }
        if aggregation.order == .byValue {
            let worth = self.worth(values, ranks)
            let most = kept.reduce(Int64.min) { max($0, worth($1)) }
            let least = kept.reduce(Int64.max) { min($0, worth($1)) }
            if !kept.isEmpty {
                let width = UInt64(bitPattern: most &- least)
                sorter.sort(bits: UInt64.bitWidth - width.leadingZeroBitCount) { UInt64(bitPattern: most &- worth($0)) }
            }
        }
        let places = sorter.places.map { Int($0) }
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

/// Sorts places by numbers, stably, eleven bits at a time.
struct PlaceSorter {
    private(set) var places: [UInt32]
    private static let digitBits = 11

    init(_ places: [Int]) { self.places = places.map { UInt32(truncatingIfNeeded: $0) } }

    /// Sorts by a number of each place that has at most `bits` bits.
    mutating func sort(bits: Int, by number: (Int) -> UInt64) {
        guard places.count > 1, bits > 0 else { return }
        var numbers = places.map { number(Int($0)) }
        if places.count < 512 {
            let order = numbers.indices.sorted { a, b in numbers[a] != numbers[b] ? numbers[a] < numbers[b] : a < b }
            places = order.map { places[$0] }
            return
        }
        var sortedPlaces = places
        var sortedNumbers = numbers
        var shift: UInt64 = 0
        let mask = UInt64(1 << Self.digitBits) - 1
        while shift < UInt64(bits) {
            var ends = [Int](repeating: 0, count: 1 << Self.digitBits)
            for number in numbers { ends[Int(number >> shift & mask)] += 1 }
            var total = 0
            for digit in ends.indices {
                total += ends[digit]
                ends[digit] = total - ends[digit]
            }
            var i = 0
            while i < numbers.count {
                let digit = Int(numbers[i] >> shift & mask)
                let place = ends[digit]
                ends[digit] = place + 1
                sortedNumbers[place] = numbers[i]
                sortedPlaces[place] = places[i]
                i += 1
            }
            swap(&numbers, &sortedNumbers)
            swap(&places, &sortedPlaces)
            shift += UInt64(Self.digitBits)
        }
    }
}
