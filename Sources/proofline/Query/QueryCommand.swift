import ArgumentParser
import Timeline

/// `proofline query`: events in time order, or what is counted of them, with the gaps that the asked interval crosses.
struct QueryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Find and count events on the timeline.",
        discussion: """
            Example: proofline query --store /var/lib/proofline 'actor:alice@example.com action:data.export.* since:2026-08-01'
            Example: proofline query --store /var/lib/proofline 'action:iam.* | count by outcome'
            The language is in docs/query.md. Names are looked up in the vault; nothing is revealed. A query that names a
            person is itself an event on the timeline.
            """)

    @Option(help: "The store's folder.") var store: String
    @Option(help: "text, jsonl or csv.") var format: QueryFormat = .text
    @Option(help: "Most events to print, the earliest first, or most groups.") var limit: Int?
    @Flag(help: "Say what was passed over, what answered each term, and what was read.") var explain = false
    @OptionGroup var limits: QueryLimitOptions
    @Argument(help: "The query; empty for every event.") var query: [String] = []

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit is a number of events, 0 or more") }
    }

    func run() throws {
        var run = QueryRun(store: store, text: query.joined(separator: " "))
        run.format = format
        run.limit = limit
        run.explain = explain
        run.options = limits.options()
        run.pageCacheBytes = limits.pageCacheBytes
        try run.run()
    }
}

extension QueryError: ErrorWithExitStatus {
    var line: String { message }
    var exitStatus: ExitStatus { .failed }
}
