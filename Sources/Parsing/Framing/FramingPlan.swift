/// How the bytes of a source fall into records, for one format of a definition.
struct FormatFraming: Sendable {
    enum Kind: Sendable {
        /// One record a line.
        case lines
        /// A record begins where a line begins like ``FormatFraming/starts`` and goes on to the next such line.
        case multiline
        /// JSON values one after another, or the elements of the arrays at these paths; a path that ends in `*` stands for the members of an
        /// object.
        case json(recordPaths: [[String]])
        /// XML elements with these names.
        case xml(elements: [String])
        /// Entries of the systemd journal's export format.
        case journalExport
        /// Rows of delimited columns; quoted columns may hold line feeds.
        case csv(delimiter: UInt8)
    }

    let kind: Kind
    /// Patterns for the beginning of a record's first line; nil accepts any line.
    let starts: [Pattern]?
}

/// A framing laid out for running.
struct FlatFraming: BitwiseCopyable {
    enum Kind: UInt8 { case lines, multiline, json, csv, xml, journalExport }

    let kind: Kind
    var delimiter: UInt8 = 0
    private let hasStarts: Bool
    private let starts: FlatList<FlatPattern>
    /// A JSON line that holds one of these texts may wrap records.
    let wrappers: FlatList<ByteSlice>
    /// Names of the XML elements that are records.
    let elements: FlatList<ByteSlice>

    init(_ framing: FormatFraming, _ memory: PlanMemory) {
        hasStarts = framing.starts != nil
        starts = memory.list(framing.starts?.map(\.flat) ?? [])
        var wrappers: [ByteSlice] = []
        var elements: [ByteSlice] = []
        switch framing.kind {
        case .lines: kind = .lines
        case .multiline: kind = .multiline
        case .csv(let delimiter):
            kind = .csv
            self.delimiter = delimiter
        case .json(let paths):
            kind = .json
            for path in paths {
                guard let last = path.last(where: { $0 != "*" }) else { continue }
                let bytes = Array(("\"" + last + "\"").utf8)
                wrappers.append(ByteSlice(base: memory.copy(bytes), count: bytes.count))
            }
        case .xml(let names):
            kind = .xml
            elements = names.map { ByteSlice(base: memory.copy(Array($0.utf8)), count: $0.utf8.count) }
        case .journalExport: kind = .journalExport
        }
        self.elements = memory.list(elements)
        self.wrappers = memory.list(wrappers)
    }

    /// Whether every line that is a JSON object is a record of this format, whatever is in it.
    var takesObjectLines: Bool { kind == .json && !hasStarts && wrappers.count == 0 }

    /// Whether a line can begin a record of this format.
    @inline(__always)
    func accepts(_ line: ByteSlice, slots: UnsafeMutablePointer<Value>, arena: Arena) -> Bool {
        guard hasStarts else {
            if kind == .journalExport { return JournalEntry.isField(line) }
            guard kind == .json || kind == .xml else { return true }
            var at = 0
            while at < line.count, line[at].isBlank { at &+= 1 }
            guard at < line.count else { return false }
            return kind == .xml ? line[at] == UInt8(ascii: "<") : line[at] == UInt8(ascii: "{") || line[at] == UInt8(ascii: "[")
        }
        var number = 0
        while number < starts.count {
            var matcher = PatternMatcher(starts.base[number], line, slots: slots, arena: arena)
            if matcher.match() { return true }
            number &+= 1
        }
        return false
    }
}

/// One record found by the framer, as offsets into the text that was given.
struct Frame: Equatable {
    /// The record's bytes, without its line end.
    var start: Int
    var end: Int
    /// Where the next record may begin.
    var next: Int
    /// The format's number, or -1 where no format accepts the line.
    var format: Int
    /// Why the record cannot be read, or nil.
    var fault: String?
    /// Whether a JSON line was taken on trust: a grammar fault in it calls for ``Framer/reframe(_:from:isEnd:)``.
    var isTentative = false
    /// Whether the record and the blanks before it lie in one line, which ends where the frame ends.
    var isOneLine = false
}

/// Sizes beyond which a record is refused.
enum FramingLimit {
    /// Bytes of one record.
    static let recordBytes = 16 << 20
    /// Bytes of an oversized record that go to quarantine.
    static let keptBytes = 64 << 10
}
