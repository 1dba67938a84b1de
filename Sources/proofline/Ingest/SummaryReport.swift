import AuditModel
import EventStore
import Ingestion

/// What `ingest` prints at its end.
struct SummaryReport {
    let summary: IngestSummary
    let seconds: Double
    /// Sources in the order of the configuration.
    let order: [String]

    /// A table by source, then what was set aside and left out, then the sums.
    var text: String {
        var table = TextTable(titles: [
            "source", "read", "parsed", "quarantined", "duplicate", "skipped", "events", "dropped fields", "bytes",
        ])
        for (id, source) in sources { table.add(Self.cells(id, source)) }
        let total = summary.total
        if sources.count > 1 { table.add(Self.cells("all", total)) }
        var lines = table.lines(width: nil)
        for (id, source) in sources where !source.quarantined.isEmpty {
            for (reason, count) in Self.ranked(source.quarantined).prefix(5) {
                lines.append("quarantined, \(id): \(Figures.grouped(Int64(count))) \(reason)")
            }
        }
        for (id, source) in sources where !source.dropped.isEmpty {
            let names = Self.ranked(source.dropped).prefix(5).map { "\($0.0) \(Figures.grouped(Int64($0.1)))" }
            lines.append("dropped, \(id): " + names.joined(separator: ", ") + (source.dropped.count > 5 ? ", …" : ""))
        }
        lines.append(closing(total))
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same as JSON.
    var json: JSONValue {
        var members: [String: JSONValue] = [:]
        for (id, source) in sources { members[id] = Self.json(source) }
        return .object([
            "sources": .object(members), "total": Self.json(summary.total), "findings": .array(summary.findings.map { .string($0) }),
            "commits": .integer(Int64(summary.commits)), "rawBytes": .integer(Int64(clamping: summary.rawBytes)),
            "milliseconds": .integer(Int64(seconds * 1_000)),
        ])
    }

    private var sources: [(String, IngestSummary.Source)] { order.map { ($0, summary.sources[$0] ?? IngestSummary.Source.none) } }

    private func closing(_ total: IngestSummary.Source) -> String {
        guard total.counts.received > 0 else { return "nothing new" }
        let elapsed = max(seconds, 0.001)
        return "\(Figures.grouped(total.events)) events in \(Figures.oneDecimal(seconds)) s"
            + " (\(Figures.grouped(Int64(Double(total.events) / elapsed))) events/s,"
            + " \(Figures.oneDecimal(Double(total.bytes) / elapsed / 1e6)) MB/s)"
    }

    private static func cells(_ id: String, _ source: IngestSummary.Source) -> [String] {
        let counts = source.counts
        return [id]
            + [
                counts.received, counts.parsed, counts.quarantined, counts.duplicates, counts.skipped, source.events,
                Int64(source.dropped.values.reduce(0, +)),
            ].map(Figures.grouped) + [Figures.bytes(source.bytes)]
    }

    private static func ranked(_ counts: [String: Int]) -> [(String, Int)] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }

    private static func json(_ source: IngestSummary.Source) -> JSONValue {
        func object(_ counts: [String: Int]) -> JSONValue { .object(counts.mapValues { .integer(Int64($0)) }) }
        return .object([
            "read": .integer(source.counts.received), "parsed": .integer(source.counts.parsed),
            "quarantined": .integer(source.counts.quarantined), "duplicate": .integer(source.counts.duplicates),
            "skipped": .integer(source.counts.skipped), "events": .integer(source.events), "bytes": .integer(Int64(clamping: source.bytes)),
            "quarantinedByReason": object(source.quarantined), "skippedByRule": object(source.skipped),
            "droppedFields": object(source.dropped),
            "minimized": object(source.minimized),
        ])
    }
}
