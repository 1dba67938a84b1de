import AuditModel

@testable import Parsing

/// What readers of records do with bytes that anybody may have made: the bodies of the fuzz targets in Fuzz/, and of the test that replays what
/// they kept. They end, and what must be equal is compared: a difference traps, so that the fuzzer finds it.
enum HostileRecords {
    /// The actions that definitions here speak of.
    static let taxonomy: ActionTaxonomy = {
        var taxonomy = ActionTaxonomy()
        _ = taxonomy.add(.init(action: "data.activity.other", category: "api_activity", classUID: 6003, activityID: 99, meaning: "anything"))
        return taxonomy
    }()

    static let options = ParseOptions(source: "s", fileModified: Timestamp(microseconds: 1_790_812_800_000_000))

    private static func definition(_ formats: String, _ body: String) -> ParserDefinition {
        let text = "id: t\nversion: 1\ntitle: T\nformats:\n\(formats)\n\(body)\n"
        guard let definition = try? ParserLibrary.compile(text, path: "parser.yaml", taxonomy: taxonomy) else {
            fatalError("the definition of a fuzz target does not compile: \(text)")
        }
        return definition
    }

    // MARK: Reading

    /// What became of some bytes.
    struct Account: Equatable {
        var lines: [String] = []
        var ranges: [Range<UInt64>] = []
        var consumed: UInt64 = 0
        var dropped: [String: Int] = [:]
    }

    /// Feeds bytes in pieces, each in memory of its own, and checks that records follow one another and that every byte is accounted for.
    static func account(_ bytes: [UInt8], _ definition: ParserDefinition, pieces: Int = .max) -> Account {
        guard let parser = try? RecordParser(definition, options: options) else { fatalError("options name no time zone") }
        var account = Account()
        var last: UInt64 = 0
        let take: (ParsedRecord) -> Void = { record in
            // Records that are joined of lines may lie between one another's lines.
            guard record.range.lowerBound >= last || definition.joinsLines, record.range.upperBound <= UInt64(bytes.count) else { fatalError("records overlap") }
            last = record.range.upperBound
            if case .quarantined(let reason) = record.result, reason.isEmpty { fatalError("quarantined without a reason") }
            account.lines += record.shownJSON.map(\.canonicalText)
            account.ranges.append(record.range)
        }
        parser.feed(bytes, pieces: pieces, emit: take)
        account.consumed = parser.consumedOffset
        guard account.consumed == UInt64(bytes.count) else { fatalError("\(account.consumed) of \(bytes.count) bytes accounted for") }
        account.dropped = parser.takeDropped()
        return account
    }

    /// Reads bytes whole and in pieces: the same comes out.
    @discardableResult
    static func compare(_ bytes: [UInt8], _ definition: ParserDefinition, pieces: Int) -> Account {
        let whole = account(bytes, definition)
        let parts = account(bytes, definition, pieces: pieces)
        guard whole == parts else { fatalError("\(definition.id) in pieces of \(pieces): \(parts)\nwhole: \(whole)") }
        return whole
    }

    // MARK: Framing

    private static let framings: [ParserDefinition] = {
        let body = "fields: {action: data.activity.other, event_id: line}"
        let json = "fields: {action: data.activity.other, event_id: id}"
        return [
            definition("  - framing: lines", body),
            definition("  - {framing: multiline, starts: \"<:digits> \", pattern: \"<line:rest>\"}", body),
            definition("  - {framing: json, records: Records}", json),
            definition("  - framing: json", json),
            definition("  - {framing: csv, columns: [line, b], minimum_columns: 1}", body),
            definition("  - {framing: csv, header: true, columns: [line, b]}", body),
            definition("  - {framing: csv, delimiter: \";\", starts: \"<:digits>;\", columns: [line, b]}\n  - {framing: json}\n  - {framing: lines}", body),
            definition(
                "  - {framing: json}\n  - {framing: multiline, starts: \"<:like(00:00)>\", pattern: \"<line:rest>\"}\n  - {framing: lines, starts: \"#\"}",
                "fields: {action: data.activity.other, event_id: line}"),
        ]
    }()

    /// Lines, records of several lines, values and wrappers of JSON, rows: the first byte chooses.
    static func framing(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let definition = framings[Int(first) % framings.count]
        compare(Array(bytes.dropFirst()), definition, pieces: 1 + Int(first) / framings.count)
    }

    // MARK: JSON

    private static let objects = definition(
        "  - framing: json",
        """
        extract: [{from: inner, json: x}]
        fields: {action: data.activity.other, event_id: a, actor.id: b.c, actor.name: b.d, message: x.m, session: "\\"k.k\\"", reason: "list[1].v"}
        attributes: {raw: {from: b, raw: true, class: public}, number: {from: n, class: public}, deep: {from: x.y.z, class: public}}
        targets: [{each: list, type: {from: item.type, map: {u: user}, default: other}, id: item.v, name: item.n}]
        dropped: [z, "list[].o", w.*]
        """)

    /// Objects one a line, read together (with what was learned of the ones before) and alone; and beside a reader of another make.
    static func json(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: 10).map(Array.init)
        let whole = compare(bytes, objects, pieces: 1 + bytes.count % 61)
        var together: [UInt8] = []
        var alone: [String] = []
        for line in lines where line.first == UInt8(ascii: "{") {
            guard let value = try? JSONValue(parsing: line, maximumDepth: 100), case .object(let members) = value else { continue }
            let reading = account(line, objects)
            // Blanks behind the last value of a file belong to nobody.
            let end = UInt64((line.lastIndex { !$0.isBlank } ?? -1) + 1)
            guard reading.lines.count == 1, let range = reading.ranges.first, range.lowerBound == 0, range.upperBound >= end else {
                fatalError("not one record: \(reading)")
            }
            if reading.lines[0].contains("\"quarantined\"") {
                // The one thing that we refuse and JSON allows here: what a text inside the record holds.
                guard members["inner"] != nil else { fatalError("JSON was refused: \(reading.lines)") }
            } else if case .string(let text)? = members["a"], !text.isEmpty, text.utf8.count < RecordEvaluator.longestText,
                case .object(let event)? = try? JSONValue(parsing: reading.lines[0]), event["event_id"] != .string(text)
            {
                fatalError("another text: \(reading.lines)")
            }
            together += line + [10]
            alone += reading.lines.map(unnumbered)
        }
        guard account(together, objects).lines.map(unnumbered) == alone else { fatalError("together another reading than alone") }
        _ = whole
    }

    /// A shown record without the number of its line.
    private static func unnumbered(_ line: String) -> String {
        guard let mark = line.firstRange(of: "\"line\":") else { return line }
        return line[..<mark.lowerBound] + String(line[mark.upperBound...].drop { $0.isNumber })
    }

    // MARK: Texts

    private static func withSlice<Result>(_ bytes: [UInt8], _ body: (ByteSlice) -> Result) -> Result {
        // Memory of exactly that size, so that a byte read beyond it is found out.
        let room = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
        defer { room.deallocate() }
        for (number, byte) in bytes.enumerated() { room[number] = byte }
        return body(ByteSlice(base: room, count: bytes.count))
    }

    private static let rows = [UInt8(ascii: ","), UInt8(ascii: ";"), 9].map { delimiter in
        let written = delimiter == 9 ? "\\t" : String(UnicodeScalar(delimiter))
        return (delimiter, definition(
            "  - {framing: csv, delimiter: \"\(written)\", columns: [a, b, c], minimum_columns: 1}",
            "fields: {action: data.activity.other, event_id: a, message: b}\nattributes: {c: {from: c, class: public}}"))
    }

    /// Rows: by framing and by column, and a row that is written from its columns reads as the same columns.
    static func csv(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let (delimiter, definition) = rows[Int(first) % rows.count]
        let text = Array(bytes.dropFirst())
        compare(text, definition, pieces: 1 + Int(first) / rows.count)
        var at = 0
        while at < text.count {
            let rest = Array(text[at...])
            let lineEnd = rest.firstIndex(of: 10)
            guard case .end(let end) = withSlice(rest, { CSVRow.end($0, from: 0, lineEnd: lineEnd, delimiter: delimiter) }) else { return }
            guard end >= 0, end < rest.count, rest[end] == 10 else { fatalError("a row ends at no line feed") }
            let row = Array(rest[..<(end > 0 && rest[end - 1] == 13 ? end - 1 : end)])
            if let columns = columns(row, delimiter) {
                var written: [UInt8] = []
                for (number, column) in columns.enumerated() {
                    if number > 0 { written.append(delimiter) }
                    written.append(34)
                    for byte in column { written += byte == 34 ? [34, 34] : [byte] }
                    written.append(34)
                }
                guard self.columns(written, delimiter) == columns else { fatalError("a row does not read again") }
            }
            at += end + 1
        }
    }

    private static func columns(_ row: [UInt8], _ delimiter: UInt8) -> [[UInt8]]? {
        withSlice(row) { row in
            var found: [[UInt8]] = []
            let isWhole = CSVRow.columns(row, delimiter: delimiter, arena: Arena()) { number, text in
                guard number == found.count else { fatalError("columns out of order") }
                found.append(Array(UnsafeBufferPointer(start: text.base, count: text.count)))
            }
            return isWhole ? found : nil
        }
    }

    private static let messages = definition(
        "  - {framing: lines, syslog: true}",
        """
        fields: {action: data.activity.other, time: {from: timestamp, format: [syslog, iso]}, origin.host: host, message: message, event_id: message_id}
        attributes: {program: {from: program, class: public}, pid: {from: pid, class: public}, data: {from: structured_data, class: public}}
        """)

    /// Lines of syslog of all ages, and stamps in every format.
    static func syslog(_ bytes: [UInt8]) {
        compare(bytes, messages, pieces: 1 + bytes.count % 37)
        for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
            withSlice(Array(line)) { line in
                guard let header = SyslogHeader(line) else { return }
                let parts = [header.priority, header.timestamp, header.host, header.program, header.processID, header.messageID, header.structuredData, header.message]
                for part in parts.compactMap({ $0 }) where !part.isEmpty {
                    guard part.base >= line.base, part.base + part.count <= line.base + line.count else { fatalError("a part lies outside the line") }
                }
            }
        }
    }

    private static let pairsOf = definition(
        "  - {framing: lines, key_value: {separator: \" \", assign: \"=\"}}",
        "fields: {action: data.activity.other, event_id: id, message: msg}\ndropped: [x, y]")

    /// key=value texts with several separators.
    static func keyValue(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let text = Array(bytes.dropFirst())
        compare(text, pairsOf, pieces: 1 + Int(first))
        let separators = Array(" ,;&|\n\t=".utf8)
        let reader = KeyValueText(separator: separators[Int(first) % separators.count], assign: [61, 58, 32, 34][Int(first) / separators.count % 4])
        withSlice(text) { text in
            var count = 0
            let arena = Arena()
            reader.pairs(text, arena: arena) { key, value in
                count += 1
                guard !key.isEmpty, key.base >= text.base, key.base + key.count <= text.base + text.count, value.count <= text.count else {
                    fatalError("a pair lies outside the text")
                }
            }
            guard count <= text.count else { fatalError("more pairs than bytes") }
        }
    }

    /// A pattern up to the first zero byte, and the texts behind it, each matched as a whole and as a beginning.
    static func pattern(_ bytes: [UInt8]) {
        let parts = bytes.split(separator: 0, maxSplits: 8, omittingEmptySubsequences: false)
        guard let source = parts.first, source.count <= 512, let spelled = String(validating: source, as: UTF8.self) else { return }
        for isPrefix in [false, true] {
            var names: [String] = []
            let compiled = try? Pattern(spelled, isPrefix: isPrefix) { name in
                names.append(name)
                return Int32(names.count - 1)
            }
            guard let compiled else { return }
            for text in parts.dropFirst() { match(compiled, slots: names.count, Array(text), isPrefix: isPrefix) }
        }
    }

    private static func match(_ pattern: Pattern, slots count: Int, _ bytes: [UInt8], isPrefix: Bool) {
        let slots = UnsafeMutablePointer<Value>.allocate(capacity: max(1, count))
        slots.initialize(repeating: Value(), count: max(1, count))
        defer { slots.deallocate() }
        let arena = Arena()
        withSlice(bytes) { text in
            var matcher = PatternMatcher(pattern, text, slots: slots, arena: arena)
            let isMatch = matcher.match()
            for number in 0..<count where slots[number].kind != .absent {
                guard isMatch else { fatalError("an attempt that failed left a field behind") }
                guard slots[number].count <= text.count else { fatalError("a field is longer than its text") }
            }
            if isMatch, isPrefix ? matcher.end > text.count : matcher.end != text.count { fatalError("a match ends outside the text") }
        }
    }

    // MARK: Whole parsers

    /// The parser that the first byte chooses, over the rest; whole and in pieces.
    static func parsers(_ bytes: [UInt8], _ definitions: [ParserDefinition]) {
        guard bytes.count > 1 else { return }
        compare(Array(bytes.dropFirst(2)), definitions[Int(bytes[0]) % definitions.count], pieces: 1 + Int(bytes[1]))
    }
}
