import AuditModel

/// How the bytes of a sample fall into records, and the records that were found; a guess from a few lines.
struct SampleShape {
    /// What a record is.
    enum Kind: Equatable {
        /// JSON objects; `records` is the path of the array that holds them, if they lie in one.
        case json(records: String?)
        /// Rows under a header.
        case csv(delimiter: Character)
        case syslog
        case keyValue
        /// Lines that begin with a time; what follows may be key=value, under `kv`.
        case timed(hasPairs: Bool)
        case lines
    }

    let kind: Kind
    /// Names with their texts and whether they are numbers, one dictionary a record.
    var records: [[String: (text: String, isNumber: Bool)]] = []
    /// Names in the order in which they come first.
    var names: [String] = []
    /// The records as they stand in the sample, for masking.
    var raw: [JSONValue] = []
    var lines: [String] = []

    /// Records that are looked at.
    static let mostRecords = 200

    /// Looks at decompressed bytes from the beginning of a file.
    ///
    /// - Parameter isWhole: Whether they are all of it; else the last line is left out.
    /// - Throws: ``ParsingError`` `.invalidValue` where there is nothing to look at.
    init(_ sample: [UInt8], isWhole: Bool) throws(ParsingError) {
        guard let text = String(validating: isWhole ? sample : Array(sample.prefix(through: sample.lastIndex(of: 10) ?? -1 + sample.count)), as: UTF8.self) else {
            throw ParsingError(code: .invalidValue, message: "the sample is not UTF-8 text; decode it first, or write the definition by hand")
        }
        let all = text.split(whereSeparator: \.isNewline).map(String.init).filter { !$0.allSatisfy(\.isWhitespace) }
        lines = Array(all.prefix(Self.mostRecords))
        guard !lines.isEmpty else {
            throw ParsingError(code: .invalidValue, message: "the sample holds no line; give a file with some records of this source")
        }
        if let json = Self.json(text, lines) {
            kind = .json(records: json.path)
            raw = Array(json.records.prefix(Self.mostRecords))
            for record in raw { add(Self.leaves(record)) }
        } else if let delimiter = Self.delimiter(lines) {
            kind = .csv(delimiter: delimiter)
            let header = Self.columns(lines[0], delimiter)
            for line in lines.dropFirst() { add(Array(zip(header, Self.columns(line, delimiter).map { ($0, false) }))) }
        } else if Self.most(lines, { line in SampleValue.withSlice(line) { SyslogHeader($0) != nil && SyslogHeader($0)?.program != nil } }) {
            kind = .syslog
        } else if Self.most(lines, { SampleValue.timeFormat(String($0.prefix(19)), isNumber: false) != nil }) {
            let hasPairs = Self.most(lines, { Self.pairs(Self.behindTime($0).rest).count >= 2 })
            kind = .timed(hasPairs: hasPairs)
            if hasPairs { for line in lines { add(Self.pairs(Self.behindTime(line).rest).map { ("kv.\($0.0)", ($0.1, false)) }) } }
        } else if Self.most(lines, { Self.pairs($0).count >= 3 }) {
            kind = .keyValue
            for line in lines { add(Self.pairs(line).map { ($0.0, ($0.1, false)) }) }
        } else {
            kind = .lines
        }
    }

    private mutating func add(_ pairs: [(String, (String, Bool))]) {
        var record: [String: (text: String, isNumber: Bool)] = [:]
        for (name, value) in pairs where !value.0.isEmpty {
            if record[name] == nil { record[name] = (value.0, value.1) }
            if !names.contains(name), names.count < 400 { names.append(name) }
        }
        records.append(record)
    }

    private static func most(_ lines: [String], _ holds: (String) -> Bool) -> Bool { lines.count { holds($0) } * 10 >= lines.count * 9 }

    // MARK: JSON

    private static func json(_ text: String, _ lines: [String]) -> (path: String?, records: [JSONValue])? {
        guard let first = lines[0].first(where: { !$0.isWhitespace }), first == "{" || first == "[" else { return nil }
        var values = lines.compactMap { try? JSONValue(parsing: $0, maximumDepth: 128) }
        if values.count * 10 < lines.count * 9 {
            guard let whole = try? JSONValue(parsing: text, maximumDepth: 128) else { return nil }
            values = [whole]
        }
        var records: [JSONValue] = []
        var path: String?
        for value in values {
            if let elements = value.array {
                records += elements.filter { $0.object != nil }
            } else if values.count == 1, let members = value.object,
                let wrapped = members.first(where: { $0.value.array.map { !$0.isEmpty && $0.allSatisfy { $0.object != nil } } ?? false }),
                ["records", "events", "items", "value", "data", "logs", "entries", "results"].contains(wrapped.key.lowercased())
            {
                path = wrapped.key
                records += wrapped.value.array ?? []
            } else if value.object != nil {
                records.append(value)
            }
        }
        return records.isEmpty ? nil : (path, records)
    }

    /// Scalars below objects, by path. Lists are left to whoever writes the definition, and so are keys that may be somebody's data.
    private static func leaves(_ value: JSONValue, _ path: String = "") -> [(String, (String, Bool))] {
        switch value {
        case .object(let members):
            return members.sorted { $0.key < $1.key }.flatMap { key, member in
                isName(key) ? leaves(member, path.isEmpty ? spelled(key) : "\(path).\(spelled(key))") : []
            }
        case .string(let text): return [(path, (text, false))]
        case .integer, .number: return [(path, (value.canonicalText, true))]
        case .bool(let bool): return [(path, (bool ? "true" : "false", true))]
        case .array, .null: return []
        }
    }

    /// Whether a key is a name, not somebody's address or id.
    static func isName(_ key: String) -> Bool {
        !key.isEmpty && key.utf8.count <= 60 && key.utf8.allSatisfy { $0.isDigit || ($0 | 32 >= 97 && $0 | 32 <= 122) || "_-. @:/$".utf8.contains($0) }
            && !(key.dropFirst().contains("@")) && key.utf8.count(where: \.isDigit) <= 4
    }

    /// A key as a path names it.
    static func spelled(_ key: String) -> String { key.contains(".") || key.contains("[") ? "\"\(key)\"" : key }

    // MARK: Lines

    private static func delimiter(_ lines: [String]) -> Character? {
        for delimiter in [",", ";", "\t", "|"] as [Character] {
            let header = columns(lines[0], delimiter)
            guard header.count >= 3, Set(header).count == header.count, lines.count >= 2,
                header.allSatisfy({ isName($0) && !$0.contains("=") && SampleValue.timeFormat($0, isNumber: false) == nil && Int($0) == nil }),
                most(Array(lines.dropFirst()), { columns($0, delimiter).count == header.count })
            else { continue }
            return delimiter
        }
        return nil
    }

    /// A line cut behind the time that it begins with.
    static func behindTime(_ line: String) -> (time: String, rest: String) {
        let bytes = Array(line.utf8)
        let end = SampleValue.withSlice(line) { ISOStamp.end($0, 0) } ?? min(19, bytes.count)
        return (String(decoding: bytes.prefix(end), as: UTF8.self), String(decoding: bytes.dropFirst(end + 1), as: UTF8.self))
    }

    static func columns(_ line: String, _ delimiter: Character) -> [String] {
        let arena = Arena()
        var found: [String] = []
        let isWhole = SampleValue.withSlice(line) { slice in
            CSVRow.columns(slice, delimiter: delimiter.asciiValue ?? 44, arena: arena) { _, column in found.append(column.text) }
        }
        return isWhole ? found : []
    }

    static func pairs(_ line: String) -> [(String, String)] {
        let arena = Arena()
        var found: [(String, String)] = []
        SampleValue.withSlice(line) { slice in
            KeyValueText(separator: 32, assign: UInt8(ascii: "=")).pairs(slice, arena: arena) { key, value in
                if isName(key.text), !key.text.contains(" ") { found.append((key.text, value.text)) }
            }
        }
        return found
    }
}
