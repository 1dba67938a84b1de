import AuditModel
import EventStore

/// What the engine reads of one segment: columns by page, and what an index says about pages. Implementations are thread-safe: two
/// workers ask for different pages at once, and what they are given stays valid for as long as they keep it.
///
/// Pages are counted from the row group's beginning, rows of a page from the page's. Bytes are those of the canonical line.
protocol SegmentColumns: AnyObject, Sendable {
    /// Identifies the segment's content for caches: never used for other rows.
    var id: Int64 { get }
    /// Row groups in file order.
    var rowGroups: [RowGroupShape] { get }
    /// The pages of a row group, in order.
    func pages(rowGroup: Int) throws -> [PageShape]
    /// Rows at or beyond this position are not part of the snapshot, and the segment may hold such; nil when it holds none.
    var seqEnd: Int64? { get }

    /// Position of the row group's first row where the others follow without holes; nil where ``IntegerName/seq`` must be read.
    func firstSeq(rowGroup: Int) -> Int64?
    /// Whether any row of the row group may have a value; false only when it is known that none has.
    func mayHoldValues(_ leaf: TextLeaf, rowGroup: Int) -> Bool
    /// The entries that all pages' codes refer to; nil where each page has entries of its own (``CodePage/entries``).
    func dictionary(_ leaf: TextLeaf, rowGroup: Int) throws -> EntryTable?
    /// The codes of entries that equal these texts (ASCII letters of both in either case), without making the dictionary whole where that
    /// costs less; nil where each page has entries of its own.
    ///
    /// - Parameter terms: ASCII letters in lower case.
    func codes(ofTerms terms: [[UInt8]], in leaf: TextLeaf, rowGroup: Int) throws -> TermCodes?
    /// The codes of a scalar column.
    func codes(_ field: EventField, rowGroup: Int, page: Int) throws -> CodePage
    /// A list column.
    func list(_ list: ListName, rowGroup: Int, page: Int) throws -> ListPage
    /// An integer column.
    func integers(_ name: IntegerName, rowGroup: Int, page: Int) throws -> IntegerPage

    /// The pages that may hold a value equal to `term` (ASCII letters of both in either case); nil when no index says.
    ///
    /// - Parameter term: ASCII letters in lower case.
    func pages(mayHold term: [UInt8], in leaf: TextLeaf, rowGroup: Int) throws -> RowMask?
    /// The pages that may hold a value with `text` in it (ASCII letters of both in either case); nil when no filter says.
    ///
    /// - Parameter text: ASCII letters in lower case.
    func pages(mayContain text: [UInt8], in leaf: TextLeaf, rowGroup: Int) throws -> RowMask?

    /// The rows of a page whose field equals `term`, where that is found without decoding the page; nil where codes must be compared.
    ///
    /// - Parameter term: ASCII letters in lower case.
    func rows(equalTo term: [UInt8], in field: EventField, rowGroup: Int, page: Int) throws -> RowMask?

    /// Reads whole rows.
    ///
    /// - Parameter rows: Counted from the segment's beginning, ascending.
    func wholeRows(_ rows: [Int]) throws -> any WholeRows
}

/// Rows of one segment that were read whole.
protocol WholeRows: Sendable {
    /// The events.
    func events() throws -> [StoredEvent]
    /// Appends the canonical line of each row, without salt, with `seq`, and with a line feed; `ends` gets the end of each.
    func appendLines(to out: inout [UInt8], ends: inout [Int]) throws
}

/// What a dictionary has of some texts.
struct TermCodes: Sendable {
    /// Entries of the dictionary.
    let count: Int
    /// For each text the codes of entries that equal it, ascending.
    let codes: [[UInt32]]
    /// Bytes that were looked at.
    let byteCount: Int
}

extension SegmentColumns {
    func codes(ofTerms terms: [[UInt8]], in leaf: TextLeaf, rowGroup: Int) throws -> TermCodes? {
        guard let entries = try dictionary(leaf, rowGroup: rowGroup) else { return nil }
        let codes = terms.map { term in
            (0..<entries.count).compactMap { code in
                let values = entries.entry(code).bindMemory(to: UInt8.self)
                return values.count == term.count && TextPattern.stands(term, in: values, at: 0) ? UInt32(code) : nil
            }
        }
        return TermCodes(count: entries.count, codes: codes, byteCount: entries.bytes.count)
    }
}

/// A row group: a stretch of rows that share dictionaries.
struct RowGroupShape: Sendable {
    /// Rows counted from the segment's beginning.
    let rows: Range<Int>
    /// Earliest and latest time in microseconds; nil when unknown or no row has one.
    let times: ClosedRange<Int64>?
    /// Whether some rows may lack a time.
    let mayLackTimes: Bool
}

/// A page: the same stretch of rows in every column, decoded at once.
struct PageShape: Sendable {
    /// Rows counted from the segment's beginning.
    let rows: Range<Int>
    /// Earliest and latest time in microseconds; nil when unknown or no row has one.
    let times: ClosedRange<Int64>?
    /// Whether some rows may lack a time.
    let mayLackTimes: Bool
}

/// A text column: a field, or a member of a list's elements.
enum TextLeaf: Hashable, Sendable {
    case field(EventField)
    case member(ListName, Int)
}

/// The list columns, with their members in file order.
enum ListName: String, CaseIterable, Hashable, Sendable {
    /// One member.
    case roles = "actor.roles"
    /// Type, id, name.
    case targets
    /// Field, before, after.
    case changes
    /// Name, value.
    case attributes
    /// One member.
    case flags

    var memberCount: Int {
        switch self {
        case .roles, .flags: 1
        case .targets, .changes: 3
        case .attributes: 2
        }
    }
}

/// The integer columns.
enum IntegerName: String, CaseIterable, Hashable, Sendable {
    case seq, schema, time, observed, replaces
    case timeBound = "time_bound"
    case approvalExpires = "approval.expires"

    /// Whether values are microseconds since 1970.
    var isTime: Bool { self == .time || self == .observed || self == .approvalExpires }
}
