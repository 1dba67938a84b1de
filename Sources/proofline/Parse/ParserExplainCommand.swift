import ArgumentParser
import AuditModel
import Compression
import Parsing

/// `proofline parser explain`: which line of a definition made what of a record.
struct ParserExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "See which line of parser.yaml gave which field of a record, what was dropped and what stayed unknown.",
        discussion: """
            Example: proofline parser explain system-log.jsonl --line 12 --parser okta
            Values are shown as the source wrote them, before any identity becomes a token. Without --parser the one that reads most of the file's
            beginning is taken, and named. The line is one of the decompressed file, from 1. Ends with 1 if its record was quarantined.
            """)

    @Option(help: "The line whose record is explained, from 1.") var line: Int
    @Option(help: "The parser's id.") var parser: String?
    @Option(help: "A folder of your own parsers; may be given several times.") var parsers: [String] = []
    @Option(help: "IANA zone of times that name none.") var timezone: String?
    @Option(help: "text or json.") var format: ParserCommand.OutputFormat = .text
    @Argument(help: "The file (plain, gzip or zstd).") var file: String

    private struct Enough: Error {}

    func validate() throws {
        guard line >= 1 else { throw ValidationError("--line is a number from 1") }
    }

    func run() throws {
        let library = try ParserFolders.load(parsers, requireFixtures: false)
        if parser == nil, file == "-" { throw VerbError.usage("standard input is read once: give --parser ID, or a file") }
        let definition = try library.definition(try parser ?? guessed(library))
        let input = try InputFile(file)
        let explainer = try RecordExplainer(definition, options: ParseOptions(timezone: timezone, fileModified: input.modified), line: line)
        do {
            let damage = try input.read { piece in
                explainer.feed(piece)
                if explainer.isDone { throw Enough() }
            }
            if let damage, explainer.explanations.isEmpty { throw VerbError.failed("\(file): \(damage.message), before line \(line)") }
        } catch is Enough {}
        explainer.finish()
        guard !explainer.explanations.isEmpty else {
            throw VerbError.usage("\(file): \(definition.id) finds no record on line \(line): it lies behind the end, or is blank or a header")
        }
        switch format {
        case .text: for explanation in explainer.explanations { printText(explanation) }
        case .json: print(JSONValue.array(explainer.explanations.map(Self.json)).prettyText())
        }
        let isQuarantined = explainer.explanations.contains { if case .quarantined = $0.outcome { true } else { false } }
        if isQuarantined { throw VerbError.findings }
    }

    private func guessed(_ library: ParserLibrary) throws -> String {
        let sample = try FileSample(file, most: ParserGuess.sampleBytes)
        let guess = try ParserGuess(sample.bytes, isWhole: sample.isWhole, modified: sample.modified, library: library)
        guard let best = guess.candidates.first else {
            throw VerbError.usage("\(file): no parser reads a record of it; name one with --parser to see why it refuses")
        }
        return best.parser
    }

    // MARK: Text

    private func printText(_ explanation: RecordExplanation) {
        let lines = explanation.lines
        let place = lines.count == 1 ? "line \(lines.lowerBound)" : "lines \(lines.lowerBound)-\(lines.upperBound)"
        print("\(place), bytes \(explanation.bytes.lowerBound)-\(explanation.bytes.upperBound), by \(explanation.parser) version \(explanation.version)")
        for step in explanation.path { say("through", Self.text(step)) }
        switch explanation.outcome {
        case .skipped(let rule): say("skipped", "the rule passes over it: \(rule)")
        case .quarantined(let reason, let origin):
            say("quarantined", reason)
            if let origin { say("because of", Self.text(origin)) }
        case .events(let parts):
            for (number, part) in parts.enumerated() {
                if parts.count > 1 { print("event \(number + 1) of \(parts.count)") }
                printFields(part)
            }
        }
        if !explanation.dropped.isEmpty {
            say("dropped", explanation.dropped.sorted { $0.key < $1.key }.map { $0.value > 1 ? "\($0.key) x \($0.value)" : $0.key }.joined(separator: ", "))
        }
        if !explanation.unmapped.isEmpty { say("not mapped", explanation.unmapped.joined(separator: ", ")) }
        let unnamed = explanation.unmappedCount - explanation.unmapped.count
        if unnamed > 0 { say("not mapped", "\(unnamed) \(explanation.unmapped.isEmpty ? "" : "more ")name\(unnamed == 1 ? "" : "s") that the definition does not list") }
    }

    private func say(_ word: String, _ text: String) {
        print("  \(word)\(String(repeating: " ", count: max(1, 12 - word.count)))\(TextTable.printable(text))")
    }

    private func printFields(_ part: RecordExplanation.EventPart) {
        var table = TextTable(titles: ["field", "value", "class", "from"], flexible: [1, 3])
        for field in part.fields {
            table.add([
                field.name, field.value, field.dataClass?.rawValue ?? "",
                field.origins.isEmpty ? "proofline" : field.origins.map(Self.text).joined(separator: " or "),
            ])
        }
        for line in table.lines(width: Terminal.width) { print("  \(line)") }
        func names(_ answer: Question.Answer) -> String {
            part.answers.filter { $0.answer == answer }.map(\.question.rawValue).joined(separator: ", ")
        }
        say("known", names(.known))
        if !names(.unknown).isEmpty { say("unknown", names(.unknown)) }
        if !names(.notApplicable).isEmpty { say("need not be", names(.notApplicable)) }
    }

    /// `okta:12  uuid: text`, cut where it is long.
    private static func text(_ origin: DefinitionOrigin) -> String {
        let line = origin.text.count > 100 ? origin.text.prefix(99) + "…" : Substring(origin.text)
        return "\(origin.parser):\(origin.line)  \(line)"
    }

    // MARK: JSON

    private static func json(_ explanation: RecordExplanation) -> JSONValue {
        var members: [String: JSONValue] = [
            "parser": .string(explanation.parser), "version": .string(explanation.version),
            "firstLine": .integer(Int64(explanation.lines.lowerBound)), "lastLine": .integer(Int64(explanation.lines.upperBound)),
            "fromByte": .integer(Int64(clamping: explanation.bytes.lowerBound)), "toByte": .integer(Int64(clamping: explanation.bytes.upperBound)),
            "through": .array(explanation.path.map(json)), "dropped": .object(explanation.dropped.mapValues { .integer(Int64($0)) }),
            "notMapped": .array(explanation.unmapped.map { .string($0) }), "notMappedCount": .integer(Int64(explanation.unmappedCount)),
        ]
        switch explanation.outcome {
        case .skipped(let rule): members["skipped"] = .string(rule)
        case .quarantined(let reason, let origin):
            members["quarantined"] = .string(reason)
            members["because"] = origin.map(json)
        case .events(let parts): members["events"] = .array(parts.map(json))
        }
        return .object(members)
    }

    private static func json(_ part: RecordExplanation.EventPart) -> JSONValue {
        let fields = part.fields.map { field -> JSONValue in
            var members: [String: JSONValue] = [
                "name": .string(field.name), "value": .string(field.value), "from": .array(field.origins.map(json)),
            ]
            members["class"] = field.dataClass.map { .string($0.rawValue) }
            return .object(members)
        }
        var answers: [String: JSONValue] = [:]
        for (question, answer) in part.answers { answers[question.rawValue] = .string(answer.rawValue) }
        return ["fields": .array(fields), "answers": .object(answers)]
    }

    private static func json(_ origin: DefinitionOrigin) -> JSONValue {
        ["parser": .string(origin.parser), "line": .integer(Int64(origin.line)), "text": .string(origin.text)]
    }
}
