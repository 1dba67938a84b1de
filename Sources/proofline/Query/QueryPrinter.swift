import AuditModel
import EventStore
import Timeline

/// Prints rows of events, or groups, in one format, as they come.
final class QueryPrinter {
    /// What a batch of events becomes, on any thread.
    enum Piece: Sendable {
        case bytes([UInt8])
        case cells([[String]])
    }

    private let format: QueryFormat
    private let width: Int?
    private var table: TextTable
    private var hasBegun = false

    /// Rows of one table for people: more of them are printed as several tables, since a table's widths need all its rows.
    private static let tableRows = 20_000

    init(_ format: QueryFormat) {
        self.format = format
        width = Terminal.width
        table = TextTable(titles: EventColumns.titles, flexible: EventColumns.flexible)
    }

    // MARK: Events

    /// Makes the output of some rows.
    static func render(_ batch: RowBatch, _ format: QueryFormat) throws -> Piece {
        switch format {
        case .jsonl: return .bytes(try batch.lines())
        case .text: return .cells(try batch.events().map { EventColumns.cells(seq: $0.seq, $0.event) })
        case .csv:
            var bytes: [UInt8] = []
            for row in try batch.events() { bytes += CSVLine.text(EventColumns.cells(seq: row.seq, row.event)).utf8 }
            return .bytes(bytes)
        }
    }

    /// Prints what was rendered.
    func print(_ piece: Piece) throws {
        switch piece {
        case .bytes(let bytes):
            try begin(EventColumns.titles)
            try StandardOutput.write(bytes)
        case .cells(let rows):
            for cells in rows {
                table.add(cells)
                if table.rows.count == Self.tableRows { try printTable(cutsEmptyColumns: true) }
            }
        }
    }

    /// Prints what waits. Called once, behind the last row.
    func finish() throws {
        switch format {
        case .text: if !table.rows.isEmpty || !hasBegun { try printTable(cutsEmptyColumns: true) }
        case .csv: try begin(EventColumns.titles)
        case .jsonl: break
        }
    }

    private func begin(_ titles: [String]) throws {
        if format == .csv, !hasBegun { try StandardOutput.write(CSVLine.text(titles)) }
        hasBegun = true
    }

    private func printTable(cutsEmptyColumns: Bool) throws {
        let shown = cutsEmptyColumns ? table.withoutEmptyColumns() : table
        for line in shown.lines(width: width) { try StandardOutput.write(line + "\n") }
        table = TextTable(titles: table.titles, flexible: table.flexible)
        hasBegun = true
    }

    // MARK: Groups

    /// Prints an answer's groups; cells of events that lack a field stay empty.
    ///
    /// - Parameter count: How many of them.
    func print(_ answer: AggregateAnswer, count: Int) throws {
        switch format {
        case .jsonl: try answer.writeLines(count) { try StandardOutput.write($0) }
        case .csv:
            try begin(answer.columns)
            for row in 0..<count { try StandardOutput.write(CSVLine.text(answer.cells(row).map(\.description))) }
        case .text:
            table = TextTable(titles: answer.columns, flexible: Set(answer.columns.indices.dropLast()))
            for row in 0..<count {
                table.add(answer.cells(row).map(\.description))
                if table.rows.count == Self.tableRows { try printTable(cutsEmptyColumns: false) }
            }
            if !table.rows.isEmpty || !hasBegun { try printTable(cutsEmptyColumns: false) }
        }
    }
}
