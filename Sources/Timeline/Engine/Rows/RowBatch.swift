public import EventStore

/// Some matching rows in order of time, then position: what an output takes.
public struct RowBatch: Sendable {
    let hits: ArraySlice<Hit>
    let segments: [any SegmentColumns]
    private let parts: [Part]

    /// Rows that are read when their output is made.
    init(hits: ArraySlice<Hit>, segments: [any SegmentColumns]) {
        self.hits = hits
        self.segments = segments
        parts = Self.parts(hits)
    }

    /// Rows that several workers read now, each of them whole segments, so that every page and dictionary is looked at once: for few rows
    /// out of many places.
    init(reading hits: ArraySlice<Hit>, segments: [any SegmentColumns], _ workers: QueryWorkers, _ budget: QueryBudget) throws {
        self.hits = hits
        self.segments = segments
        let parts = Self.parts(hits)
        let states = try workers.run(items: parts.count, state: { Read() }) { own, item in
            try budget.check()
            own.parts.append((item, try segments[parts[item].segment].wholeRows(parts[item].rows)))
        }
        var read = parts
        for (part, rows) in states.flatMap(\.parts) { read[part].known = rows }
        self.parts = read
    }

    private final class Read: @unchecked Sendable {
        var parts: [(part: Int, rows: any WholeRows)] = []
    }

    /// How many rows.
    public var count: Int { hits.count }

    /// The events, in order.
    public func events() throws -> [StoredEvent] {
        var events: [StoredEvent?] = Array(repeating: nil, count: hits.count)
        for part in parts {
            for (place, event) in zip(part.places, try whole(part).events()) { events[place] = event }
        }
        return events.compactMap { $0 }
    }

    /// The canonical lines without salt and with `seq`, a line feed behind each, in order.
    public func lines() throws -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(hits.count * 768)
        var ends: [Int] = []
        if parts.count == 1, parts[0].isInOrder {
            try whole(parts[0]).appendLines(to: &out, ends: &ends)
            return out
        }
        // Lines come segment by segment and go out in order.
        var pieces: [[UInt8]] = []
        var places = [(piece: Int, range: Range<Int>)](repeating: (0, 0..<0), count: hits.count)
        for part in parts {
            var piece: [UInt8] = []
            ends.removeAll(keepingCapacity: true)
            try whole(part).appendLines(to: &piece, ends: &ends)
            var begin = 0
            for (place, end) in zip(part.places, ends) {
                places[place] = (pieces.count, begin..<end)
                begin = end
            }
            pieces.append(piece)
        }
        for (piece, range) in places { out.append(contentsOf: pieces[piece][range]) }
        return out
    }

    private func whole(_ part: Part) throws -> any WholeRows { try part.known ?? segments[part.segment].wholeRows(part.rows) }

    /// The rows of one segment, ascending, with their places in the batch.
    private struct Part: Sendable {
        let segment: Int
        let rows: [Int]
        let places: [Int]
        let isInOrder: Bool
        var known: (any WholeRows)?
    }

    private static func parts(_ hits: ArraySlice<Hit>) -> [Part] {
        let order = hits.indices.sorted { (hits[$0].segment, hits[$0].row) < (hits[$1].segment, hits[$1].row) }
        var parts: [Part] = []
        var begin = 0
        while begin < order.count {
            let segment = hits[order[begin]].segment
            var end = begin
            while end < order.count, hits[order[end]].segment == segment { end += 1 }
            let places = order[begin..<end].map { $0 - hits.startIndex }
            parts.append(
                Part(
                    segment: Int(segment), rows: order[begin..<end].map { Int(hits[$0].row) }, places: places,
                    isInOrder: zip(places, places.dropFirst()).allSatisfy { $0 < $1 }))
            begin = end
        }
        return parts
    }
}
