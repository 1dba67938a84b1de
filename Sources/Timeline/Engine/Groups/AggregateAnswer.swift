public import AuditModel

/// Groups with their values, in the order that was asked for.
public struct AggregateAnswer: Sendable {
    /// Names of the columns: `time` where there are buckets, the keys, the value.
    public let columns: [String]
    /// How many groups.
    public let rowCount: Int
    /// How many events match the filter; events that belong to no group among them.
    public let matchCount: Int
    /// Times that the matching events lie between, at the widest.
    public let timeRange: ClosedRange<Timestamp>?
    public let effort: QueryEffort

    private let workers: QueryWorkers
    private let aggregation: Aggregation
    private let layout: GroupKey
    private let keys: [UInt64]
    private let values: [Int64]
    /// The text of each number, by column.
    private let texts: [GlobalTexts]
    /// By key: what ``texts`` are of; empty where they are in another order.
    private let rankings: [GlobalRanking]

    /// A cell of the answer.
    public enum Cell: Hashable, Sendable {
        /// The events of the group lack it.
        case absent
        case text(String)
        case integer(Int64)
        case time(Timestamp)

        /// As a table shows it; empty where absent.
        public var description: String {
            switch self {
            case .absent: ""
            case .text(let text): text
            case .integer(let number): String(number)
            case .time(let time): time.description
            }
        }
    }

    init(_ aggregation: Aggregation, _ outcome: GroupScan.Outcome, _ scan: BoundScan, _ workers: QueryWorkers, _ budget: QueryBudget) throws {
        self.workers = workers
        self.aggregation = aggregation
        layout = outcome.layout
        columns = (aggregation.bucket == nil ? [] : ["time"]) + aggregation.keys.map(\.name) + [aggregation.valueName]
        matchCount = outcome.matchCount
        timeRange = outcome.matchCount == 0 ? nil : Self.times(scan)
        let order = try GroupOrder(aggregation, outcome, budget).indices(outcome.keys, outcome.values)
        rankings = outcome.rankings
        texts = outcome.columns.enumerated().map { $0 < outcome.rankings.count ? outcome.rankings[$0].texts : $1.dictionary.texts }
        let isWhole = outcome.isOrdered && aggregation.order != .byValue && order.count == outcome.keys.count
        keys = isWhole ? outcome.keys : order.map { outcome.keys[$0] }
        values = isWhole ? outcome.values : order.map { outcome.values[$0] }
        rowCount = keys.count
        var effort = outcome.effort
        effort.microseconds = budget.elapsedMicroseconds
        self.effort = effort
    }

    private static func times(_ scan: BoundScan) -> ClosedRange<Timestamp>? {
        var low = Int64.max
        var high = Int64.min
        for group in scan.groups {
            group.plan.pages.forEach { page in
                guard let times = group.pages[page].times else { return }
                low = min(low, times.lowerBound)
                high = max(high, times.upperBound)
            }
        }
        return low <= high ? Timestamp(microseconds: low)...Timestamp(microseconds: high) : nil
    }

    /// The cells of a group, in the order of ``columns``.
    public func cells(_ row: Int) -> [Cell] {
        let key = keys[row]
        var cells: [Cell] = []
        if let time = time(key) { cells.append(time.map(Cell.time) ?? .absent) }
        for (place, part) in layout.fields.enumerated() {
            let number = UInt32(part.value(key))
            cells.append(number == 0 ? .absent : .text(texts[place].text(number)))
        }
        cells.append(value(row))
        return cells
    }

    private func time(_ key: UInt64) -> Timestamp?? {
        guard let part = layout.bucket, let bucket = aggregation.bucket else { return nil }
        let number = part.value(key)
        return .some(number == 0 ? nil : Timestamp(microseconds: bucket.begin(Int64(number) - 1 + layout.firstBucket)))
    }

    private func value(_ row: Int) -> Cell {
        switch aggregation.measure {
        case .count, .distinct: return .integer(values[row])
        case .minimum(.integer(let name)), .maximum(.integer(let name)):
            let isTime = IntegerName(rawValue: name.rawValue)?.isTime ?? false
            return isTime ? .time(Timestamp(microseconds: values[row])) : .integer(values[row])
        case .minimum(.field), .maximum(.field):
            guard let last = texts.last, values[row] > 0 else { return .absent }
            return .text(last.text(UInt32(truncatingIfNeeded: values[row])))
        }
    }

    /// Hands on the first `count` groups as ``lines(_:)``, in order, made by several workers.
    ///
    /// - Parameter deliver: Takes some of the lines, on the calling thread.
    public func writeLines(_ count: Int, deliver: ([UInt8]) throws -> Void) throws {
        let answer = self
        let prepared = preparedLines(count)
        let size = 8_192
        var begin = 0
        while begin < count {
            let from = begin
            let end = min(begin + size * workers.count * 2, count)
            let states = try workers.run(items: (end - from + size - 1) / size, state: { Pieces() }) { own, item in
                let low = from + item * size
                let rows = low..<min(low + size, end)
                own.values.append((item, prepared?.lines(rows) ?? answer.lines(rows)))
            }
            for piece in states.flatMap(\.values).sorted(by: { $0.place < $1.place }) { try deliver(piece.lines) }
            begin = end
        }
    }

    /// Lines made of prepared parts, where many groups share them and values are plain integers.
    private func preparedLines(_ count: Int) -> GroupLines? {
        guard count >= 64 else { return nil }
        switch aggregation.measure {
        case .count, .distinct: break
        case .minimum(.integer(let name)), .maximum(.integer(let name)): if IntegerName(rawValue: name.rawValue)?.isTime ?? true { return nil }
        case .minimum(.field), .maximum(.field): return nil
        }
        return GroupLines(layout, bucket: aggregation.bucket, names: columns, texts: texts, rankings: rankings, keys: keys, values: values)
    }

    private final class Pieces: @unchecked Sendable {
        var values: [(place: Int, lines: [UInt8])] = []
    }

    /// Groups as JSON lines under RFC 8785: a member for each column that is not absent. May be called on several threads.
    public func lines(_ rows: Range<Int>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(rows.count * 96)
        // Each column's name, with what stands before and behind it, in canonical order.
        let order = columns.indices.sorted { CanonicalJSON.keyPrecedes(columns[$0], columns[$1]) }
        let names = columns.map { name in
            var bytes: [UInt8] = [UInt8(ascii: ",")]
            CanonicalJSON.writeString(name, to: &bytes)
            return bytes + [UInt8(ascii: ":")]
        }
        let firstField = layout.bucket == nil ? 0 : 1
        for row in rows {
            let begin = out.count
            for place in order {
                let field = place - firstField
                if place < columns.count - 1, field >= 0 {
                    let number = UInt32(truncatingIfNeeded: layout.fields[field].value(keys[row]))
                    if number == 0 { continue }
                    out.append(contentsOf: names[place])
                    texts[field].appendJSON(number, to: &out)
                    continue
                }
                let bucket = time(keys[row]).flatMap { $0.map(Cell.time) }
                switch place == columns.count - 1 ? value(row) : bucket ?? .absent {
                case .absent: continue
                case .integer(let number):
                    out.append(contentsOf: names[place])
                    CanonicalJSON.writeInteger(number, to: &out)
                case .text(let text):
                    out.append(contentsOf: names[place])
                    CanonicalJSON.writeString(text, to: &out)
                case .time(let time):
                    out.append(contentsOf: names[place])
                    out.append(34)
                    time.write(to: &out)
                    out.append(34)
                }
            }
            if out.count == begin { out.append(UInt8(ascii: "{")) } else { out[begin] = UInt8(ascii: "{") }
            out.append(contentsOf: [UInt8(ascii: "}"), 0x0A])
        }
        return out
    }
}
