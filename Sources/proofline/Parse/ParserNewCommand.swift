import ArgumentParser
import AuditModel
import Compression
import Foundation
import Parsing

/// `proofline parser new`: a folder to begin with.
struct ParserNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Write the folder of a new parser, from some lines of its log.",
        discussion: """
            Example: proofline parser new doors --from doors.log --into my-parsers
            Writes <into>/<id>/ with parser.yaml, README.md and a fixture that `parser test` accepts. From a sample it guesses framing, the time and the
            names; each name gets a data class, and what people did is left for you to say. The fixture holds invented values, not those of the sample.
            """)

    @Argument(help: "The new parser's id: lower-case letters, digits and _.") var id: String
    @Option(help: "A file with lines of the source (plain, gzip or zstd), or - for standard input.") var from: String?
    @Option(help: "The folder of parsers that gets it.") var into = "parsers"
    @Option(help: "Domain of codes that have no action yet: auth, iam, data, job, host ….") var domain = "data"
    @Option(help: "A folder of your own parsers whose taxonomy counts too; may be given several times.") var parsers: [String] = []
    @Option(help: "text or json.") var format: ParserCommand.OutputFormat = .text

    func run() throws {
        let own = FileManager.default.fileExists(atPath: into) ? [into] : []
        let taxonomy = try ParserFolders.taxonomy(parsers + own.filter { !parsers.contains($0) })
        let sample = try from.map { try FileSample($0, most: ParserGuess.sampleBytes) }
        let draft = try DefinitionDraft(
            id: id, sample: sample?.bytes, isWhole: sample?.isWhole ?? true, domain: domain, taxonomy: taxonomy)
        let files = try draft.write(into: into, taxonomy: taxonomy)
        switch format {
        case .text:
            for note in draft.notes { print(note) }
            for file in files { print("wrote     \(file)") }
            print("next      read parser.yaml, then: proofline parser test \(id) --parsers \(into)")
        case .json:
            let value: JSONValue = [
                "parser": .string(id), "files": .array(files.map { .string($0) }), "notes": .array(draft.notes.map { .string($0) }),
            ]
            print(value.prettyText())
        }
    }
}

/// The beginning of a file, decompressed.
struct FileSample {
    let bytes: [UInt8]
    /// Whether that is all of it.
    let isWhole: Bool
    let modified: Timestamp
    /// Bytes of the file on disk; nil where it is none.
    let sizeBytes: Int?

    private struct Enough: Error {}

    /// - Parameter most: Bytes to take.
    init(_ path: String, most: Int) throws {
        let input = try InputFile(path)
        var taken: [UInt8] = []
        var isWhole = true
        do {
            if let damage = try input.read({ piece in
                taken += piece.prefix(most + 1 - taken.count)
                if taken.count > most { throw Enough() }
            }), taken.isEmpty { throw VerbError.failed("\(path): \(damage.message)") }
        } catch is Enough {
            isWhole = false
            taken.removeLast()
        }
        guard !taken.isEmpty else { throw VerbError.usage("\(path) is empty; give a file with some records") }
        self.isWhole = isWhole
        bytes = taken
        modified = input.modified
        sizeBytes = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? nil
    }
}
