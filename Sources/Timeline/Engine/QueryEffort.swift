import AuditModel

/// What a query took, for `--explain`: what was passed over unread, and how each term was answered.
public struct QueryEffort: Hashable, Sendable {
    /// Segments of the snapshot, and those that were not opened: outside the asked time, or without a value that is asked for.
    public var segments = 0
    public var segmentsPruned = 0
    /// Row groups of the segments that are left, and those in which time, index or dictionaries left nothing.
    public var rowGroups = 0
    public var rowGroupsPruned = 0
    /// Pages of the row groups that time did not rule out, and those passed over unread.
    public var pages = 0
    public var pagesPruned = 0
    /// Rows of the pages that were looked at.
    public var rowsScanned = 0
    /// Rows whose values were put together to be shown.
    public var rowsBuilt = 0
    /// Bytes of decoded columns and dictionaries that were looked at.
    public var bytesRead = 0
    /// Wall time in microseconds, of all.
    public var microseconds: Int64 = 0
    /// Term by term, in the order of the query.
    public var terms: [Term] = []

    /// What one term took.
    public struct Term: Hashable, Sendable {
        /// The term with tokens in place of names.
        public let label: String
        /// Pages that an index of terms was asked about, and those that it left.
        public var indexPages = 0
        public var indexPagesLeft = 0
        /// Pages that a filter of text pieces was asked about, and those that it left.
        public var filterPages = 0
        public var filterPagesLeft = 0
        /// Dictionary entries compared.
        public var entries = 0
        /// Pages whose codes were compared.
        public var pagesScanned = 0

        mutating func answeredByIndex(_ pages: RowMask, of count: Int) {
            indexPages += count
            indexPagesLeft += pages.population
        }

        mutating func answeredByFilter(_ pages: RowMask, of count: Int) {
            filterPages += count
            filterPagesLeft += pages.population
        }
    }

    public init() {}

    init(_ plan: QueryPlan) { terms = plan.terms.map { Term(label: $0.label) } }

    /// Adds what another worker took.
    mutating func add(_ other: QueryEffort) {
        segments += other.segments
        segmentsPruned += other.segmentsPruned
        rowGroups += other.rowGroups
        rowGroupsPruned += other.rowGroupsPruned
        pages += other.pages
        pagesPruned += other.pagesPruned
        rowsScanned += other.rowsScanned
        rowsBuilt += other.rowsBuilt
        bytesRead += other.bytesRead
        for (number, term) in other.terms.enumerated() where number < terms.count {
            terms[number].indexPages += term.indexPages
            terms[number].indexPagesLeft += term.indexPagesLeft
            terms[number].filterPages += term.filterPages
            terms[number].filterPagesLeft += term.filterPagesLeft
            terms[number].entries += term.entries
            terms[number].pagesScanned += term.pagesScanned
        }
    }

    /// The lines that `--explain` prints.
    public var lines: [String] {
        var lines = [
            "explain: \(segments) segments, \(segmentsPruned) pruned by time and index; \(rowGroups) row groups, \(rowGroupsPruned) pruned; "
                + "\(pages) pages, \(pagesPruned) pruned; \(rowsScanned) rows scanned on columns, \(rowsBuilt) built; "
                + "\(bytesRead) bytes of columns read; \(Self.milliseconds(microseconds)) ms"
        ]
        for term in terms {
            var parts: [String] = []
            if term.indexPages > 0 { parts.append("index left \(term.indexPagesLeft) of \(term.indexPages) pages") }
            if term.filterPages > 0 { parts.append("filter left \(term.filterPagesLeft) of \(term.filterPages) pages") }
            if term.entries > 0 { parts.append("\(term.entries) dictionary entries compared") }
            parts.append(term.pagesScanned > 0 ? "scan of \(term.pagesScanned) pages" : "no scan")
            lines.append("explain: \(term.label): \(parts.joined(separator: ", "))")
        }
        return lines
    }

    /// Milliseconds with one digit behind the point.
    public static func milliseconds(_ microseconds: Int64) -> String {
        let tenths = (microseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}
