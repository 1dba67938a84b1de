public import EventStore

/// Some matching rows in order of time, then position: what an output takes.
public struct RowBatch: Sendable {
    let hits: ArraySlice<Hit>
    let segments: [any SegmentColumns]

    /// How many rows.
    public var count: Int { hits.count }

    /// The events, in order.
    public func events() throws -> [StoredEvent] {
        var events: [StoredEvent?] = Array(repeating: nil, count: hits.count)
        for part in parts() {
            let built = try segments[part.segment].events(rows: part.rows)
            for (place, event) in zip(part.places, built) { events[place] = event }
        }
        return events.compactMap { $0 }
    }

    /// The canonical lines without salt and with `seq`, a line feed behind each, in order.
    public func lines() throws -> [UInt8] {
        let parts = parts()
        var out: [UInt8] = []
        out.reserveCapacity(hits.count * 768)
        var ends: [Int] = []
        if parts.count == 1, parts[0].isInOrder {
            try segments[parts[0].segment].appendLines(rows: parts[0].rows, to: &out, ends: &ends)
            return out
        }
        // Lines come segment by segment and go out in order.
        var pieces: [[UInt8]] = []
        var places = [(piece: Int, range: Range<Int>)](repeating: (0, 0..<0), count: hits.count)
        for part in parts {
            var piece: [UInt8] = []
            ends.removeAll(keepingCapacity: true)
            try segments[part.segment].appendLines(rows: part.rows, to: &piece, ends: &ends)
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

    /// The rows of one segment, ascending, with their places in the batch.
    private struct Part {
        let segment: Int
        let rows: [Int]
        let places: [Int]
        let isInOrder: Bool
    }

    private func parts() -> [Part] {
        var bySegment: [UInt32: [(row: Int, place: Int)]] = [:]
        for (place, hit) in hits.enumerated() { bySegment[hit.segment, default: []].append((Int(hit.row), place)) }
        return bySegment.sorted { $0.key < $1.key }.map { segment, found in
            let isInOrder = zip(found, found.dropFirst()).allSatisfy { $0.row < $1.row }
            let sorted = isInOrder ? found : found.sorted { $0.row < $1.row }
            return Part(
                segment: Int(segment), rows: sorted.map(\.row), places: sorted.map(\.place), isInOrder: isInOrder)
        }
    }
}
