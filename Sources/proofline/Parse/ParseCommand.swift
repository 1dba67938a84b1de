import ArgumentParser
import AuditModel
import Compression
import Foundation
import Ingestion
import Parsing

/// `proofline parse`: records to events before minimization, without a store.
struct ParseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parse",
        abstract: "Show what a parser makes of a file.",
        discussion: """
            Example: proofline parse --parser okta --format text system-log.jsonl
            Events are shown as the source wrote them, before any identity becomes a token: for writing parsers, on a machine
            where that may be seen. A record that could not be read is shown with its reason. Nothing is stored.
            """)

    @Option(help: "The parser's id.") var parser: String?
    @Option(help: "A sources file: the parser, mapping and zone of one of its sources are used.") var config: String?
    @Option(help: "The source in --config; not needed where it has one only.") var source: String?
    @Option(help: "A folder of your own parsers; may be given several times. Yours win over shipped ones.") var parsers: [String] = []
    @Option(help: "IANA zone of times that name none.") var timezone: String?
    @Option(help: "jsonl, json, text or csv.") var format: OutputFormat = .jsonl
    @Argument(help: "The file (plain, gzip or zstd), or - for standard input.") var file: String

    enum OutputFormat: String, ExpressibleByArgument { case jsonl, json, text, csv }

    func validate() throws {
        guard (parser == nil) != (config == nil) else { throw ValidationError("give either --parser or --config") }
        guard source == nil || config != nil else { throw ValidationError("--source names a source of --config") }
    }

    func run() throws {
        let (definition, zone) = try definitionAndZone()
        let input = try InputFile(file)
        let options = ParseOptions(timezone: timezone ?? zone, fileModified: input.modified)
        let reader = try RecordParser(definition, options: options)
        var output = RecordOutput(format: format)
        let damage = try input.read { piece in
            reader.feed(piece) { output.add($0) }
        }
        reader.finish { output.add($0) }
        output.finish()
        if let damage { throw VerbError(line: "\(file): \(damage.message); what could be read is shown", exitStatus: .findings) }
        if reader.consumedOffset == 0 { return }
        let dropped = reader.takeDropped()
        if format == .text, !dropped.isEmpty {
            let list = dropped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
            ExitStatus.writeError("not mapped: \(list.joined(separator: ", "))\n")
        }
    }

    /// The parser that was asked for, or that of a source with its mapping and zone.
    private func definitionAndZone() throws -> (ParserDefinition, String?) {
        guard let config else {
            return (try ParserFolders.load(parsers, only: [parser ?? ""], requireFixtures: false).definition(parser ?? "", mapping: nil), nil)
        }
        let configuration = try SourcesConfiguration.load(path: config)
        let ids = configuration.sources.map(\.id)
        guard let found = configuration.sources.first(where: { $0.id == source || source == nil && ids.count == 1 }) else {
            throw VerbError.usage("say with --source which source of \(config) is meant: \(ids.joined(separator: ", "))")
        }
        let library = try ParserFolders.load(configuration.parserFolders + parsers, requireFixtures: false)
        return (try library.definition(found.parser, mapping: found.mapping), found.timezone)
    }
}

/// A file that is read whole, in pieces, decompressed if need be.
struct InputFile {
    private let handle: FileHandle
    private let path: String
    /// When it was last written; now for standard input.
    let modified: Timestamp

    init(_ path: String) throws {
        self.path = path
        func micros(_ date: Date) -> Timestamp { Timestamp(microseconds: Int64(date.timeIntervalSince1970 * 1_000_000)) }
        if path == "-" {
            handle = .standardInput
            modified = micros(Date())
            return
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw VerbError.usage("\(path): there is no such file; check the path")
        }
        guard !isFolder.boolValue else { throw VerbError.usage("\(path) is a folder; give one file, or use ingest for folders") }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw VerbError.failed("\(path) cannot be read; check its permissions")
        }
        self.handle = handle
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        modified = micros(attributes?[.modificationDate] as? Date ?? Date())
    }

    /// Calls `body` with each decompressed piece.
    ///
    /// - Returns: the damage before which a compressed file ended, if any.
    func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> CompressionError? {
        var decompressor: Decompressor?
        do {
            while let data = try next(), !data.isEmpty {
                try data.withUnsafeBytes { bytes in
                    let active = try decompressor ?? Decompressor(format: .detect(bytes))
                    decompressor = active
                    try active.decompress(bytes, into: body)
                }
            }
            try decompressor?.finish()
        } catch let error as CompressionError {
            return error
        }
        return nil
    }

    private func next() throws -> Data? {
        do { return try handle.read(upToCount: 1 << 18) } catch { throw VerbError.failed("\(path) cannot be read to its end; check the disk") }
    }
}

/// Writes parsed records in one of the output formats.
private struct RecordOutput {
    private let format: ParseCommand.OutputFormat
    private var table = TextTable(titles: Self.titles, flexible: [3, 5, 6, 9])
    private var isFirst = true
    private var buffer: [UInt8] = []

    private static let titles = ["line", "time", "source_action", "actor", "action", "target", "ip", "outcome", "approval", "message"]

    init(format: ParseCommand.OutputFormat) {
        self.format = format
        if format == .csv { write(CSVLine.text(Self.titles)) }
        if format == .json { write("[") }
    }

    mutating func add(_ record: ParsedRecord) {
        switch format {
        case .jsonl:
            for value in record.shownJSON {
                buffer += value.canonicalBytes
                buffer.append(10)
            }
        case .json:
            for value in record.shownJSON {
                write(isFirst ? "\n" : ",\n")
                isFirst = false
                buffer += value.canonicalBytes
            }
        case .text: for row in Self.rows(record) { table.add(row) }
        case .csv: for row in Self.rows(record) { write(CSVLine.text(row)) }
        }
        if buffer.count > 1 << 16 { flush() }
    }

    mutating func finish() {
        if format == .json { write("\n]\n") }
        if format == .text { for line in table.lines(width: Terminal.width) { write(line + "\n") } }
        flush()
    }

    private mutating func write(_ text: String) { buffer += Array(text.utf8) }

    private mutating func flush() {
        FileHandle.standardOutput.write(Data(buffer))
        buffer.removeAll(keepingCapacity: true)
    }

    private static func rows(_ record: ParsedRecord) -> [[String]] {
        switch record.result {
        case .quarantined(let reason): return [[String(record.firstLine), "", "", "", "quarantined: \(reason)", "", "", "", "", ""]]
        case .skipped(let rule): return [[String(record.firstLine), "", "", "", "skipped: \(rule)", "", "", "", "", ""]]
        case .events(let events): return events.map { row($0.event, line: record.firstLine) }
        }
    }

    private static func row(_ event: Event, line: Int) -> [String] {
        let targets = event.targets.map { [$0.type, $0.name ?? $0.id].compactMap { $0 }.joined(separator: ":") }
        return [
            String(line), event.time?.description ?? "", event[.sourceAction] ?? "",
            event[.actorEmail] ?? event[.actorName] ?? event[.actorID] ?? "", event[.action] ?? "", targets.joined(separator: ", "),
            event[.originIP] ?? "", event[.outcome] ?? "", event[.approvalState] ?? "", event[.message] ?? "",
        ]
    }
}
