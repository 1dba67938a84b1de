import ArgumentParser
import AuditModel
import Compression
import EventStore
import Minimization
import Parsing
import Timeline

/// `proofline parser coverage`: vendor codes without an entry in a table, counted.
struct ParserCoverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "Count the vendor codes that no table maps, in a store or in files.",
        discussion: """
            Examples: proofline parser coverage --store /var/lib/proofline
                      proofline parser coverage --parser okta exports/*.jsonl.gz
            A code without an entry gets the `other` of its domain. Each is shown with how often, and when first and last, it was seen. A code that holds
            something personal is counted and not shown.
            """)

    @Option(help: "The store's folder.") var store: String?
    @Option(help: "The parser's id: the files' parser, or the only one to count in a store.") var parser: String?
    @Option(help: "A folder of your own parsers; may be given several times.") var parsers: [String] = []
    @Option(help: "text or json.") var format: ParserCommand.OutputFormat = .text
    @Argument(help: "Files (plain, gzip or zstd) instead of a store.") var files: [String] = []

    func validate() throws {
        guard (store == nil) != files.isEmpty else { throw ValidationError("give either --store DIR or files with --parser ID") }
        guard files.isEmpty || parser != nil else { throw ValidationError("files need their parser: --parser ID; `proofline parser guess FILE` finds it") }
    }

    func run() throws {
        let library = try ParserFolders.load(parsers, requireFixtures: false)
        let only = try parser.map { try library.definition($0) }
        var found = UnmappedCodes()
        var damage: [String] = []
        if let only, store == nil {
            for file in files { damage += try count(file, only, &found) }
        } else if let store {
            try count(store, library, only: only?.id, &found)
        }
        let rows = found.ranked.map { row in (row.key.parser, Self.shown(row.key.code), row.count) }
        switch format {
        case .text: Self.printText(rows, found.events)
        case .json: print(Self.json(rows, found.events).prettyText())
        }
        if let first = damage.first { throw VerbError(line: first, exitStatus: .findings) }
    }

    private func count(_ file: String, _ definition: ParserDefinition, _ found: inout UnmappedCodes) throws -> [String] {
        let input = try InputFile(file)
        let reader = try RecordParser(definition, options: ParseOptions(fileModified: input.modified))
        var counted = UnmappedCodes()
        let damage = try input.read { piece in reader.feed(piece) { counted.add($0, of: definition) } }
        reader.finish { counted.add($0, of: definition) }
        found.events += counted.events
        for (key, count) in counted.counts { found.add(key, count) }
        return damage.map { ["\(file): \($0.message); what could be read is counted"] } ?? []
    }

    private func count(_ directory: String, _ library: ParserLibrary, only: String?, _ found: inout UnmappedCodes) throws {
        let eventStore = try EventStore.open(directory: directory, access: .reader)
        defer { eventStore.close() }
        let engine = QueryEngine(snapshot: try eventStore.snapshot(), options: QueryOptions(), codes: GlobalCodes())
        let everything = ResolvedFilter(.all) { _ in [] }
        let keys: [EventField] = [.parser, .sourceAction, .action]
        func table(_ measure: Aggregation.Measure) throws -> [[AggregateAnswer.Cell]: AggregateAnswer.Cell] {
            let answer = try engine.aggregate(everything, Aggregation(measure, by: keys, order: .byKey))
            let cells = (0..<answer.rowCount).map { answer.cells($0) }
            return Dictionary(cells.map { (Array($0.prefix(keys.count)), $0[keys.count]) }, uniquingKeysWith: { first, _ in first })
        }
        let first = try table(.minimum(.integer(.time)))
        let last = try table(.maximum(.integer(.time)))
        for (key, value) in try table(.count) {
            guard case .text(let parser) = key[0], case .text(let action) = key[2], case .integer(let events) = value,
                only == nil || parser == only
            else { continue }
            found.events += Int(events)
            guard action.hasSuffix(".activity.other") else { continue }
            var code: String?
            if case .text(let text) = key[1] { code = text }
            let isMapped = code.flatMap { code in library[parser]?.maps(code: code) } ?? false
            found.add(
                UnmappedCodes.Key(parser: parser, code: code),
                UnmappedCodes.Count(
                    action: action, events: Int(events), first: Self.time(first[key]), last: Self.time(last[key]), isMappedNow: isMapped))
        }
    }

    private static func time(_ cell: AggregateAnswer.Cell?) -> Timestamp? {
        if case .time(let time) = cell { time } else { nil }
    }

    /// A code that may be shown: what a scrubber would find in it, or what is too long for a word of a vendor's, is not.
    static func shown(_ code: String?) -> String {
        guard let code else { return "(none)" }
        guard code.utf8.count <= 128, !code.contains("@"), Scrubber().findings(in: code).isEmpty else { return "(not shown)" }
        return code
    }

    private static func printText(_ rows: [(parser: String, code: String, count: UnmappedCodes.Count)], _ events: Int) {
        guard !rows.isEmpty else { return print("every code of \(events) events has an entry") }
        var table = TextTable(titles: ["parser", "code", "events", "first seen", "last seen", "action", "now"], flexible: [1])
        for row in rows {
            table.add([
                row.parser, row.code, String(row.count.events), row.count.first?.description ?? "", row.count.last?.description ?? "", row.count.action,
                row.count.isMappedNow ? "has an entry" : "",
            ])
        }
        for line in table.lines(width: Terminal.width) { print(line) }
        let open = rows.filter { !$0.count.isMappedNow }
        print("\(open.count) codes in \(open.reduce(0) { $0 + $1.count.events }) of \(events) events have no entry")
    }

    private static func json(_ rows: [(parser: String, code: String, count: UnmappedCodes.Count)], _ events: Int) -> JSONValue {
        let codes = rows.map { row -> JSONValue in
            var members: [String: JSONValue] = [
                "parser": .string(row.parser), "code": .string(row.code), "events": .integer(Int64(row.count.events)),
                "action": .string(row.count.action), "isMappedNow": .bool(row.count.isMappedNow),
            ]
            members["first"] = row.count.first.map { .string($0.description) }
            members["last"] = row.count.last.map { .string($0.description) }
            return .object(members)
        }
        return ["events": .integer(Int64(events)), "codes": .array(codes)]
    }
}
