import ArgumentParser
import AuditModel
import EventStore

/// `proofline hold`: legal holds, which retention respects.
struct HoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Begin, end and list legal holds: events that retention must not delete.",
        discussion: "Example: proofline hold begin case-2026-17 --store /var/lib/proofline --source okta --from 2026-07-01",
        subcommands: [HoldBeginCommand.self, HoldEndCommand.self, HoldListCommand.self])
}

/// `proofline hold begin`: from now on nothing it covers is deleted.
struct HoldBeginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "begin",
        abstract: "Begin a hold.",
        discussion: """
            Example: proofline hold begin case-2026-17 --store /var/lib/proofline --source okta --source github --from 2026-07-01 --until 2026-10-01
            Without --source it covers all sources, without --from and --until all time. It stands in the log, so name a matter, not a person.
            """)

    @Argument(help: "What the hold is called, such as a matter's number.") var hold: String
    @Option(help: "The store's folder.") var store: String
    @Option(name: .customLong("source"), help: "A source; may be given several times.") var sources: [String] = []
    @Option(help: "First moment of events that it covers, such as 2026-07-01.") var from: String?
    @Option(help: "End of the time that it covers.") var until: String?

    func run() throws {
        let (begin, end) = (try Self.time(from, "--from"), try Self.time(until, "--until"))
        if let begin, let end, begin >= end { throw VerbError.usage("--from must be before --until") }
        let eventStore = try EventStore.open(directory: store, access: .writer)
        defer { eventStore.close() }
        let snapshot = try eventStore.snapshot()
        let known = Set(snapshot.sources.keys).union(snapshot.totals.keys)
        for source in sources where !known.contains(source) {
            let hint = NearestName.of(source, in: known.sorted()).map { "; did you mean `\($0)`?" } ?? ""
            throw VerbError.usage("the store knows no source `\(source)`\(hint)")
        }
        let entry = try eventStore.beginHold(hold, sources: sources, from: begin, until: end)
        print("hold \(hold) is in force, log entry \(entry)")
    }

    private static func time(_ text: String?, _ option: String) throws -> Timestamp? {
        guard let text else { return nil }
        guard let time = Timestamp(dateOrTime: text) else {
            throw VerbError.usage("\(option) is a date or a time in UTC, such as 2026-07-01 or 2026-07-01T08:00:00Z")
        }
        return time
    }
}

/// `proofline hold end`: retention may delete again.
struct HoldEndCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end", abstract: "End a hold.", discussion: "Example: proofline hold end case-2026-17 --store /var/lib/proofline")

    @Argument(help: "What the hold is called.") var hold: String
    @Option(help: "The store's folder.") var store: String

    func run() throws {
        let eventStore = try EventStore.open(directory: store, access: .writer)
        defer { eventStore.close() }
        print("hold \(hold) is ended, log entry \(try eventStore.endHold(hold))")
    }
}

/// `proofline hold list`: what is in force.
struct HoldListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the holds in force.", discussion: "Example: proofline hold list --store /var/lib/proofline")

    @Option(help: "The store's folder.") var store: String

    func run() throws {
        let eventStore = try EventStore.open(directory: store, access: .reader)
        defer { eventStore.close() }
        let holds = try eventStore.snapshot().holds()
        guard !holds.isEmpty else {
            print("no hold is in force")
            return
        }
        var table = TextTable(titles: ["hold", "sources", "from", "until", "since"], flexible: [1])
        for hold in holds {
            table.add([
                hold.id, hold.sources.isEmpty ? "all" : hold.sources.joined(separator: ", "), hold.from?.description ?? "", hold.until?.description ?? "",
                hold.begun.description,
            ])
        }
        for line in table.lines(width: Terminal.width) { print(line) }
    }
}
