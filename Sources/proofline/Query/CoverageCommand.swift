import ArgumentParser
import AuditModel
import EventStore
import Timeline

/// `proofline coverage`: which source covered which days, and the gaps.
struct CoverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "See which sources covered a period, and its gaps.",
        discussion: """
            Example: proofline coverage --store /var/lib/proofline --since 2026-07-01 --until 2026-10-01
            Exit code 1 says that there are gaps. Silence is judged only for sources with an expected interval.
            """)

    @Option(help: "The store's folder.") var store: String
    @Option(help: "Beginning of the period, such as 2026-07-01.") var since: String
    @Option(help: "End of the period, not included.") var until: String
    @Option(help: "text or json.") var format: OutputFormat = .text

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    func run() throws {
        guard let from = QueryTime.parse(since, now: .now), let end = QueryTime.parse(until, now: .now), from < end else {
            throw VerbError.usage("--since and --until are times such as 2026-07-01 or 2026-07-01T08:00:00Z, the first before the second")
        }
        let eventStore = try EventStore.open(directory: store, access: .reader)
        defer { eventStore.close() }
        let coverage = try Coverage(of: try eventStore.snapshot(), period: from..<end)
        switch format {
        case .text: printText(coverage)
        case .json: print(Self.json(coverage).prettyText())
        }
        if !coverage.gaps.isEmpty { throw VerbError.findings }
    }

    private func printText(_ coverage: Coverage) {
        var table = TextTable(titles: ["source", "events", "days with events", "silence judged", "gaps", "quarantined", "activity"], flexible: [6])
        for source in coverage.sources {
            let days = source.eventsByDay.filter { $0 > 0 }.count
            table.add([
                source.id, String(source.eventsByDay.reduce(0, +)), "\(days) of \(source.eventsByDay.count)",
                source.isSilenceJudged ? "yes" : "no",
                String(source.gaps.count), Self.quarantined(source.totals), Self.sparkline(source.eventsByDay),
            ])
        }
        for line in table.lines(width: Terminal.width) { print(line) }
        guard !coverage.gaps.isEmpty else { return print("\nno gap is known in the period") }
        var gaps = TextTable(titles: ["gap", "source", "from", "until", "why"], flexible: [4])
        for gap in coverage.gaps {
            gaps.add([gap.cause.rawValue, gap.source, gap.from.description, gap.until.description, gap.explanation])
        }
        print("")
        for line in gaps.lines(width: Terminal.width) { print(line) }
    }

    /// How many records are set aside, and how many no longer are.
    private static func quarantined(_ totals: SourceTotals?) -> String {
        let resolved = totals?.resolved.records ?? 0
        return String((totals?.counts.quarantined ?? 0) - resolved) + (resolved > 0 ? " (\(resolved) resolved)" : "")
    }

    private static func sparkline(_ days: [Int]) -> String {
        let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        let most = max(days.max() ?? 0, 1)
        return String(days.map { $0 == 0 ? "·" : bars[min(bars.count - 1, $0 * bars.count / (most + 1))] })
    }

    private static func json(_ coverage: Coverage) -> JSONValue {
        let sources = coverage.sources.map { source -> JSONValue in
            .object([
                "quarantined": .integer((source.totals?.counts.quarantined ?? 0) - (source.totals?.resolved.records ?? 0)),
                "resolved": .integer(source.totals?.resolved.records ?? 0), "source": .string(source.id), "silenceJudged": .bool(source.isSilenceJudged),
                "eventsByDay": .array(source.eventsByDay.map { .integer(Int64($0)) }),
                "gaps": .array(
                    source.gaps.map {
                        [
                            "cause": .string($0.cause.rawValue), "from": .string($0.from.description),
                            "until": .string($0.until.description), "explanation": .string($0.explanation),
                        ]
                    }),
            ])
        }
        return [
            "since": .string(coverage.period.lowerBound.description), "until": .string(coverage.period.upperBound.description),
            "sources": .array(sources),
        ]
    }
}
