import AuditModel
import EventStore

/// When each source spoke in a period: counts by day, and stretches without a silence inside.
///
/// A page whose rows are of one source and whose bounds lie inside one day, or no further apart than the source's expected interval, is
/// told by its bounds; others are read.
struct SourceActivity {
    /// One source.
    struct Source {
        /// Events by UTC day of the period; empty where there are none or they were not asked for.
        var days: [Int] = []
        /// Stretches in microseconds, ascending by beginning, in which no two neighbouring events are further apart than expected.
        var stretches: [ClosedRange<Int64>] = []
    }

    private static let day: Int64 = 86_400_000_000

    private(set) var sources: [String: Source] = [:]
    /// A count of zero for each day of the period.
    let noDays: [Int]
    private let low: Int64
    /// Not included.
    private let high: Int64
    private let intervals: [String: Int64]
    private let detail: Coverage.Detail

    /// - Parameter intervals: Expected intervals in microseconds, of the sources that have one.
    init(of snapshot: StoreSnapshot, period: Range<Timestamp>, intervals: [String: Int64], detail: Coverage.Detail) throws {
        low = period.lowerBound.microseconds
        high = period.upperBound.microseconds
        self.intervals = intervals
        self.detail = detail
        noDays = Array(repeating: 0, count: detail == .gaps ? 0 : Int((high - low + Self.day - 1) / Self.day))
        if detail == .gaps, intervals.isEmpty { return }
        for record in snapshot.segments {
            if let first = record.minTime, let last = record.maxTime, last < period.lowerBound || first >= period.upperBound { continue }
            let segment = StoreSegment(try snapshot.reader(record), seqEnd: snapshot.seqEnd)
            for rowGroup in segment.rowGroups.indices { try add(segment, rowGroup) }
        }
        for id in sources.keys { sources[id]?.stretches.sort { $0.lowerBound < $1.lowerBound } }
    }

    private mutating func add(_ segment: StoreSegment, _ rowGroup: Int) throws {
        let group = segment.rowGroups[rowGroup]
        if let times = group.times, times.upperBound < low || times.lowerBound >= high { return }
        guard let entries = try segment.dictionary(.field(.source), rowGroup: rowGroup) else { return }
        let names = (0..<entries.count).map { String(decoding: entries.entry($0), as: UTF8.self) }
        if detail == .gaps, names.allSatisfy({ intervals[$0] == nil }) { return }
        for (number, page) in try segment.pages(rowGroup: rowGroup).enumerated() {
            if let times = page.times, times.upperBound < low || times.lowerBound >= high { continue }
            if names.count == 1, segment.seqEnd == nil, !page.mayLackTimes, let times = page.times, isToldByBounds(times, names[0]) {
                // Every record has a source: it is the ledger's key.
                add(names[0], times, count: page.rows.count)
            } else {
                try add(segment, rowGroup, number, names)
            }
        }
    }

    private func isToldByBounds(_ times: ClosedRange<Int64>, _ source: String) -> Bool {
        guard times.lowerBound >= low, times.upperBound < high else { return false }
        if detail == .daysAndGaps, (times.lowerBound - low) / Self.day != (times.upperBound - low) / Self.day { return false }
        return intervals[source].map { times.upperBound - times.lowerBound <= $0 } ?? true
    }

    private mutating func add(_ source: String, _ times: ClosedRange<Int64>, count: Int) {
        if detail == .daysAndGaps {
            if sources[source]?.days.isEmpty ?? true { sources[source, default: Source()].days = noDays }
            sources[source]?.days[Int((times.lowerBound - low) / Self.day)] += count
        }
        if intervals[source] != nil { sources[source, default: Source()].stretches.append(times) }
    }

    private mutating func add(_ segment: StoreSegment, _ rowGroup: Int, _ page: Int, _ names: [String]) throws {
        let times = try segment.integers(.time, rowGroup: rowGroup, page: page)
        let codes = try segment.codes(.source, rowGroup: rowGroup, page: page)
        let seqs = try segment.seqEnd.map { ($0, try segment.integers(.seq, rowGroup: rowGroup, page: page)) }
        var found = names.map { _ in [Int64]() }
        for row in 0..<times.count {
            let time = times.values[row]
            guard time >= low, time < high, let code = codes.code(row), code < names.count else { continue }
            if let (end, seqs) = seqs, seqs.values[row] >= end { continue }
            found[code].append(time)
        }
        for (code, times) in found.enumerated() where !times.isEmpty { add(names[code], times.sorted()) }
    }

    /// Adds ascending times of one source.
    private mutating func add(_ source: String, _ times: [Int64]) {
        if detail == .daysAndGaps {
            if sources[source]?.days.isEmpty ?? true { sources[source, default: Source()].days = noDays }
            for time in times { sources[source]?.days[Int((time - low) / Self.day)] += 1 }
        }
        guard let interval = intervals[source] else { return }
        var begin = times[0]
        var last = times[0]
        for time in times.dropFirst() {
            if time - last > interval {
                sources[source, default: Source()].stretches.append(begin...last)
                begin = time
            }
            last = time
        }
        sources[source, default: Source()].stretches.append(begin...last)
    }
}
