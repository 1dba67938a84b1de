import ArgumentParser
import AuditModel
import EventStore
import Timeline
import TransparencyLog
import Vault

/// `proofline query`: events in time order, with the gaps that the asked interval crosses.
struct QueryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Find events on the timeline.",
        discussion: """
            Example: proofline query --store /var/lib/proofline 'actor:alice@example.com action:data.export.* since:2026-08-01'
            The language is in docs/query.md. Names are looked up in the vault; nothing is revealed. A query that names a
            person is itself an event on the timeline.
            """)

    @Option(help: "The store's folder.") var store: String
    @Option(help: "text, jsonl or csv.") var format: OutputFormat = .text
    @Option(help: "Most events to print, the earliest first.") var limit: Int?
    @Flag(help: "Say what was pruned and scanned.") var explain = false
    @Argument(help: "The query; empty for every event.") var query: [String] = []

    enum OutputFormat: String, ExpressibleByArgument { case text, jsonl, csv }

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit is a number of events, 0 or more") }
    }

    func run() throws {
        let now = Timestamp.now
        let text = query.joined(separator: " ")
        let filter: Filter
        do { filter = try QueryParser.parse(text, now: now) } catch { throw VerbError.usage(error.description) }

        let eventStore = try EventStore.open(directory: store, access: .reader)
        defer { eventStore.close() }
        let vault = try Vault.open(directory: eventStore.layout.vault, access: .reader)
        let resolved = try ResolvedFilter(filter) { try vault.tokens(ofPersonWith: $0) }
        if !resolved.tokens.isEmpty {
            try QueryAct(resolved: resolved).record(in: eventStore.layout, now: now)
        }
        let snapshot = try eventStore.snapshot()
        let answer = try QueryEngine(snapshot: snapshot).run(resolved, limit: limit)
        print(answer)
        try printNotes(answer, resolved, snapshot)
    }

    private func print(_ answer: QueryEngine.Answer) {
        switch format {
        case .text:
            var table = TextTable(titles: EventColumns.titles, flexible: EventColumns.flexible)
            for row in answer.events { table.add(EventColumns.cells(seq: row.seq, row.event)) }
            for line in table.withoutEmptyColumns().lines(width: Terminal.width) { Swift.print(line) }
        case .jsonl:
            for row in answer.events {
                guard case .object(var members) = row.event.json else { continue }
                members["seq"] = .integer(row.seq)
                Swift.print(JSONValue.object(members).canonicalText)
            }
        case .csv:
            Swift.print(CSVLine.text(EventColumns.titles), terminator: "")
            for row in answer.events { Swift.print(CSVLine.text(EventColumns.cells(seq: row.seq, row.event)), terminator: "") }
        }
    }

    private func printNotes(_ answer: QueryEngine.Answer, _ resolved: ResolvedFilter, _ snapshot: StoreSnapshot) throws {
        var notes: [String] = []
        let shown = answer.events.count
        notes.append(
            shown == answer.matchCount ? "\(shown) event\(shown == 1 ? "" : "s")" : "the first \(shown) of \(answer.matchCount) events")
        if resolved.unknownNames > 0 {
            notes.append("the vault knows no such identity: nothing that was seen so far belongs to it")
        }
        notes += try gapLines(resolved.filter, answer, snapshot)
        if explain { notes.append(Self.explanation(answer.effort, snapshot)) }
        let text = notes.map { $0 + "\n" }.joined()
        if format == .text { Swift.print("\n" + text, terminator: "") } else { ExitStatus.writeError(text) }
    }

    /// The gaps crossed by the asked interval, or by the answer's own where none was asked.
    private func gapLines(_ filter: Filter, _ answer: QueryEngine.Answer, _ snapshot: StoreSnapshot) throws -> [String] {
        let bounds = filter.timeBounds
        guard let from = bounds.from ?? answer.timeRange?.lowerBound,
            let until = bounds.until ?? answer.timeRange.map({ Timestamp(microseconds: $0.upperBound.microseconds + 1) })
        else { return [] }
        guard from < until else { return [] }
        let coverage = try Coverage(of: snapshot, period: from..<until)
        guard !coverage.sources.isEmpty else { return ["the store holds no source: nothing is known of this time"] }
        let gaps = coverage.gaps
        guard !gaps.isEmpty else {
            let judged = coverage.sources.filter(\.isSilenceJudged).count
            return ["no gap is known between \(from) and \(until); silence was judged for \(judged) of \(coverage.sources.count) sources"]
        }
        var table = TextTable(titles: ["gap", "source", "from", "until", "why"], flexible: [4])
        for gap in gaps { table.add([gap.cause.rawValue, gap.source, gap.from.description, gap.until.description, gap.explanation]) }
        return [
            "\(gaps.count) gap\(gaps.count == 1 ? " is" : "s are") crossed; nothing is claimed over \(gaps.count == 1 ? "it" : "them"):"
        ] + table.lines(width: Terminal.width)
    }

    private static func explanation(_ effort: QueryEngine.Effort, _ snapshot: StoreSnapshot) -> String {
        "explain: \(effort.segments) segments, \(effort.segmentsPruned) pruned by time; \(effort.rowGroups) row groups, \(effort.rowGroupsPruned) pruned; "
            + "\(effort.rowsScanned) rows scanned on columns; as of checkpoint size \(snapshot.checkpoint.size)"
    }
}
