import AuditModel

/// What the events of a source in the period say about its clock: how far their observed times lie after their own, and their bounds.
struct ClockFacts: Sendable {
    /// Most differences that are kept; beyond it every second one is given up, and so on.
    static let limit = 65_536

    /// Events whose time lies in the period.
    private(set) var events: Int64 = 0
    /// Largest time bound of those, if any states one (µs).
    private(set) var largestBound: Int64?
    /// Differences of evenly picked events.
    private var kept: [Int64] = []
    private var stride = 1
    private var seen = 0

    init() {}

    /// - Parameter order: Rows of the block in the order of the batch.
    init(_ block: EventBlock, order: [Int], period: Period) {
        let mark = block.flagNames.firstIndex(of: Event.Flag.timeObserved).map { UInt32(1) << UInt32($0) } ?? 0
        for row in order {
            guard let time = block.time[row] ?? block.observed[row], period.contains(Timestamp(microseconds: time)) else { continue }
            events += 1
            if let bound = block.timeBound[row] { largestBound = max(largestBound ?? 0, bound) }
            guard let observed = block.observed[row], block.time[row] != nil, block.flags[row] & mark == 0 else { continue }
            add(observed - time)
        }
    }

    /// Takes over what a later batch says.
    mutating func add(_ later: ClockFacts) {
        events += later.events
        if let bound = later.largestBound { largestBound = max(largestBound ?? 0, bound) }
        for difference in later.kept { add(difference) }
    }

    private mutating func add(_ difference: Int64) {
        defer { seen += 1 }
        guard seen % stride == 0 else { return }
        kept.append(difference)
        guard kept.count >= Self.limit else { return }
        kept = Swift.stride(from: 0, to: kept.count, by: 2).map { kept[$0] }
        stride *= 2
    }

    /// The median, and the distance from the 5th to the 95th percentile; nil without an event that says both times.
    var summary: (median: Int64, spread: Int64)? {
        guard !kept.isEmpty else { return nil }
        let sorted = kept.sorted()
        func at(_ percent: Int) -> Int64 { sorted[(sorted.count - 1) * percent / 100] }
        return (at(50), at(95) - at(5))
    }
}
