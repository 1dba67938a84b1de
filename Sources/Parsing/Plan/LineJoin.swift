/// How several lines of one deed become one record (docs/decisions/0095-lines-of-one-deed.md).
struct LineJoin: Sendable {
    /// Where a line tells what it belongs to and what it is.
    enum Finding: Sendable {
        /// Patterns for whole lines, tried in order. Their fields go to the slots of ``LineJoiner``: kind, stamp and text have their own
        /// (``LineJoin/kindSlot`` …), every field but kind and text is a piece of the key.
        case patterns([Pattern], keySlots: [[Int32]])
        /// Members of a JSON object, by their keys from the outside in.
        case members(key: [String], kind: [String])
    }

    /// What a line of one kind does.
    struct Kind: Sendable {
        let name: String
        /// Whether such a line begins a record that others may join.
        let opens: Bool
        /// Whether it ends the record that it joins.
        let ends: Bool
        /// Number of the part that it fills, or -1.
        let part: Int
        /// Rank among the lines that may be read as the record, 0 first; `Int.max` for those that may not.
        let rank: Int
    }

    /// What becomes of the lines of one kind.
    struct Part: Sendable {
        enum Reading: Sendable {
            /// `key=value` pairs, of all lines of the kind.
            case pairs(KeyValueText, keys: Int32)
            /// JSON, of the only line of the kind.
            case document(Int)
            /// Nothing but the text.
            case text
        }

        let reading: Reading
        /// Slot of the text: all lines of the kind, a line feed between them.
        let slot: Int32
        /// Whether several lines of the kind belong to one record.
        let isSeveral: Bool
    }

    static let kindSlot: Int32 = 0
    static let stampSlot: Int32 = 1
    static let textSlot: Int32 = 2
    static let firstKeySlot: Int32 = 3

    /// Lines, bytes and milliseconds of waiting where a definition names no others.
    static let usualLines = 1_000
    static let usualBytes = 1 << 20
    static let usualWaitMilliseconds = 2_000

    let finding: Finding
    let kinds: [Kind]
    let parts: [Part]
    /// Lines and bytes from a record's first line on, beyond which it is closed as it is.
    let mostLines: Int
    let mostBytes: Int
    /// A line with a stamp that lies this much after a record's shows that nothing more comes for it; nil where lines have no stamps.
    let mostMicroseconds: Int64?
    /// How long a source that is being followed waits for the rest of a record.
    let waitMilliseconds: UInt64
    /// Slot of the mark of a record that was closed by a limit.
    let cutSlot: Int32
    /// What then stands there: a constant's number.
    let cutText: Int32
}

/// The lines of one record, for reading it.
final class JoinedRecord {
    struct Line {
        let text: ByteSlice
        let part: Int
    }

    let plan: LineJoin
    let lines: [Line]
    let isCut: Bool

    init(_ plan: LineJoin, lines: [Line], isCut: Bool) {
        self.plan = plan
        self.lines = lines
        self.isCut = isCut
    }
}
