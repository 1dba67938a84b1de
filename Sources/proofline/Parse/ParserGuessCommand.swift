import ArgumentParser
import AuditModel
import Parsing

/// `proofline parser guess`: which parsers read a file.
struct ParserGuessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guess",
        abstract: "See which parsers read a file, best first.",
        discussion: """
            Example: proofline parser guess unknown.log.gz
            All parsers are tried on the file's first MiB. read is the share of records that gave events. Ends with 1 if no parser reads a record.
            """)

    @Option(help: "A folder of your own parsers; may be given several times.") var parsers: [String] = []
    @Option(help: "text or json.") var format: ParserCommand.OutputFormat = .text
    @Argument(help: "The file (plain, gzip or zstd), or - for standard input.") var file: String

    func run() throws {
        let library = try ParserFolders.load(parsers, requireFixtures: false)
        let sample = try FileSample(file, most: ParserGuess.sampleBytes)
        let guess = try ParserGuess(sample.bytes, isWhole: sample.isWhole, modified: sample.modified, library: library)
        switch format {
        case .text: printText(guess, sample)
        case .json: print(Self.json(guess, sample).prettyText())
        }
        if guess.candidates.isEmpty { throw VerbError.findings }
    }

    private func printText(_ guess: ParserGuess, _ sample: FileSample) {
        if guess.candidates.isEmpty {
            print("no parser of \(guess.tried) reads a record of it; `proofline parser new ID --from \(file)` begins one")
        } else {
            var table = TextTable(titles: ["parser", "read", "quarantined", "skipped", "score", "without entry", "title"], flexible: [6])
            for found in guess.candidates {
                let all = Double(found.read + found.quarantined + found.skipped)
                table.add([
                    found.parser, ParserListCommand.percent(found.share), ParserListCommand.percent(Double(found.quarantined) / all),
                    ParserListCommand.percent(Double(found.skipped) / all), ParserListCommand.percent(found.completeness),
                    "\(found.withoutEntry) of \(found.events)", found.title,
                ])
            }
            for line in table.lines(width: Terminal.width) { print(line) }
        }
        let records = guess.candidates.first.map { $0.read + $0.skipped + $0.quarantined }
        let scope = sample.isWhole ? "all \(sample.bytes.count) bytes" : "the first \(sample.bytes.count) bytes, decompressed"
        print("looked at \(scope)\(records.map { ", \($0) records" } ?? ""); \(guess.tried) parsers tried")
    }

    private static func json(_ guess: ParserGuess, _ sample: FileSample) -> JSONValue {
        let candidates = guess.candidates.map { found -> JSONValue in
            var members: [String: JSONValue] = [
                "parser": .string(found.parser), "title": .string(found.title), "read": .integer(Int64(found.read)),
                "skipped": .integer(Int64(found.skipped)), "quarantined": .integer(Int64(found.quarantined)),
                "events": .integer(Int64(found.events)), "withoutEntry": .integer(Int64(found.withoutEntry)),
                "scorePerMille": .integer(Int64(found.completeness * 1_000)),
            ]
            members["mostFrequentReason"] = found.mostFrequentReason.map { .string($0) }
            return .object(members)
        }
        return [
            "sampledBytes": .integer(Int64(sample.bytes.count)), "isWhole": .bool(sample.isWhole), "tried": .integer(Int64(guess.tried)),
            "candidates": .array(candidates),
        ]
    }
}
