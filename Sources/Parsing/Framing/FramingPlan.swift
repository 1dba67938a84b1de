/// How the bytes of a source fall into records, for one format of a definition.
struct FormatFraming: Sendable {
    enum Kind: Sendable {
        /// One record a line.
        case lines
        /// A record begins where a line begins like ``FormatFraming/starts`` and goes on to the next such line.
        case multiline
        /// JSON values one after another, or the elements of the arrays at these paths.
        case json(recordPaths: [[String]])
        /// Rows of delimited columns; quoted columns may hold line feeds.
        case csv(delimiter: UInt8)
    }

    let kind: Kind
    /// Patterns for the beginning of a record's first line; nil accepts any line.
    let starts: [Pattern]?

    /// Whether a line can begin a record of this format.
    func accepts(_ line: ByteSlice, slots: UnsafeMutablePointer<Value>, arena: Arena) -> Bool {
        guard let starts else {
            guard case .json = kind else { return true }
            let first = line.trimmed
            return !first.isEmpty && (first[0] == UInt8(ascii: "{") || first[0] == UInt8(ascii: "["))
        }
        return starts.contains { pattern in
            var matcher = PatternMatcher(pattern, line, slots: slots, arena: arena)
            return matcher.match()
        }
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
