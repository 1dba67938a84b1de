import ArgumentParser
import AuditModel
import CLinux
import EventStore
import Timeline
import TransparencyLog

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
        let text = query.joined(separator: " ")
        // A query that cannot be read is told before a store is looked for.
        do { _ = try QueryParser.question(text, now: .now) } catch { throw VerbError.usage(error.description) }
        clinux_keep_freed_memory()
        let session = try QuerySession(store: store, options: limits.options(), pageCacheBytes: limits.pageCacheBytes)
        // The process ends with this verb and holds nothing but readers: giving back every mapped segment one by one takes longer.
        _ = Unmanaged.passRetained(session)
        do {
            let told = try session.answer(text, format: format, limit: limit)
            try printNotes(told)
        } catch is StandardOutput.Closed {
            return
        }
    }

    private func printNotes(_ told: QuerySession.Told) throws {
        var notes = [told.countText]
        if told.unknownNames > 0 { notes.append("the vault knows no such identity: nothing that was seen so far belongs to it") }
        notes += try GapNotes(told).lines(width: Terminal.width)
        if explain { notes += told.effort.lines + ["explain: as of checkpoint size \(told.snapshot.checkpoint.size)"] }
        let text = notes.map { $0 + "\n" }.joined()
        if format == .text { try StandardOutput.write("\n" + text) } else { ExitStatus.writeError(text) }
    }
}

extension QueryError: ErrorWithExitStatus {
    var line: String { message }
    var exitStatus: ExitStatus { .failed }
}
