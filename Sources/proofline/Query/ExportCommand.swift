import ArgumentParser
import AuditModel
import EventStore
import Parsing
import Synchronization
import Timeline

/// `proofline export`: events in another schema, for other systems.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write events in OCSF, ECS or as CloudEvents, a line each.",
        discussion: """
            Example: proofline export --store /var/lib/proofline --as ocsf 'since:2026-07-01 until:2026-10-01' > q3.ocsf.jsonl
            Tokens stay tokens: nothing is revealed. docs/export.md says what becomes what, and what has no place there.
            """)

    @Option(help: "The store's folder.") var store: String
    @Option(name: .customLong("as"), help: "ocsf, ecs or cloudevents.") var schema: ExchangeSchema
    @Option(help: "A folder of parsers besides the shipped ones, for the actions that it adds. Repeatable.") var parsers: [String] = []
    @OptionGroup var limits: QueryLimitOptions
    @Argument(help: "The query (docs/query.md), without stages; empty for every event.") var query: [String] = []

    func run() throws {
        let text = query.joined(separator: " ")
        let question: Query
        do { question = try QueryParser.question(text, now: .now) } catch { throw VerbError.usage(error.description) }
        guard question.aggregation == nil else {
            throw VerbError.usage("export writes events: leave out what stands behind the |, or use query")
        }
        let taxonomy = try schema == .ocsf ? ParserFolders.taxonomy(parsers) : ActionTaxonomy()
        let session = try QuerySession(store: store, options: limits.options(), pageCacheBytes: limits.pageCacheBytes)
        defer { session.close() }
        let leftOut = LeftOut()
        do {
            let (schema, origin) = (schema, try session.origin())
            let told = try session.answer(text, format: .jsonl, limit: nil) { batch in
                var bytes: [UInt8] = []
                for row in try batch.events() where !schema.write(row, origin, taxonomy, to: &bytes) { leftOut.add(row.event[.action]) }
                return .bytes(bytes)
            }
            try printNotes(told, leftOut)
        } catch is StandardOutput.Closed {
            return
        }
    }

    private func printNotes(_ told: QuerySession.Told, _ leftOut: LeftOut) throws {
        var notes = [told.countText]
        for (action, count) in leftOut.counts.sorted(by: { $0.key < $1.key }) {
            notes.append(
                "\(count) of them left out: the taxonomy has no action '\(action)'; name the folder of its parser with --parsers")
        }
        notes += try GapNotes(told).lines(width: Terminal.width)
        ExitStatus.writeError(notes.map { $0 + "\n" }.joined())
    }

    /// Events without a place in the schema, by action.
    private final class LeftOut: Sendable {
        private let found = Mutex<[String: Int]>([:])

        var counts: [String: Int] { found.withLock { $0 } }

        func add(_ action: String?) { found.withLock { $0[action ?? "", default: 0] += 1 } }
    }
}

/// What events are exported as.
enum ExchangeSchema: String, ExpressibleByArgument, CaseIterable {
    case ocsf, ecs, cloudevents

    /// Writes an event's line; false, and nothing is written, where the schema has no place for it.
    func write(_ row: StoredEvent, _ origin: String, _ taxonomy: ActionTaxonomy, to bytes: inout [UInt8]) -> Bool {
        switch self {
        case .ocsf:
            guard let event = OCSFEvent(row.event, seq: row.seq, taxonomy: taxonomy) else { return false }
            event.writeLine(to: &bytes)
        case .ecs: ECSEvent(row.event, seq: row.seq).writeLine(to: &bytes)
        case .cloudevents: CloudEvent(row.event, seq: row.seq, origin: origin).writeLine(to: &bytes)
        }
        return true
    }
}
