import AuditModel
import Parquet

/// Turns columns of a stretch of rows back into events: the inverse of ``EventColumns``.
///
/// Columns that a segment lacks (it was written before they were added) are absent in every event.
struct EventAssembler {
    /// A column that holds at least the stretch.
    struct Part {
        var column: ParquetColumn
        /// The row group's row that the column begins with.
        var firstRow: Int
    }

    private let parts: [Part?]
    private let texts: [TextColumn?]

    /// - Parameters:
    ///   - rows: The stretch, in rows of the row group.
    ///   - part: Gives a column by its position in ``SegmentSchema/parquet``, nil when no row of the stretch has a value there.
    init(rows: Range<Int>, part: (Int) throws -> Part?) throws {
        parts = try SegmentSchema.parquet.fields.indices.map { try part($0) }
        texts = (0..<EventField.count).map { [parts] i in
            parts[SegmentSchema.firstText + i].flatMap { part in part.column.leaves.first?.byteValues.map { TextColumn($0, part.firstRow) } }
        }
        for (index, part) in parts.enumerated() {
            guard let part else { continue }
            let covers = part.firstRow <= rows.lowerBound && part.firstRow + part.column.rowCount >= rows.upperBound
            guard covers, part.column.leaves.count == SegmentSchema.parquet.leafRanges[index].count else {
                throw ParquetError(.corrupt, "The column \(SegmentSchema.parquet.fields[index].name) has another shape than the schema's")
            }
        }
    }

    /// The event in a row.
    ///
    /// - Parameter row: A row of the stretch, counted from the row group's beginning.
    func event(_ row: Int) throws -> StoredEvent {
        guard let seq = integer(0, row), let schema = integer(1, row) else {
            throw ParquetError(.corrupt, "A row has no position or no schema version")
        }
        var event = Event()
        event.schema = Int(schema)
        event.time = integer(2, row).map { Timestamp(microseconds: $0) }
        event.timeBoundMicroseconds = integer(3, row)
        event.observed = integer(4, row).map { Timestamp(microseconds: $0) }
        event.approvalExpires = integer(5, row).map { Timestamp(microseconds: $0) }
        event.replaces = integer(6, row)
        for field in EventField.allCases {
            if let text = texts[Int(field.rawValue)]?[row] { event[field] = text }
        }
        event.roles = list(0, row) { $0[0] }.compactMap { $0 }
        event.targets = list(1, row) { Event.Target(type: $0[0], id: $0[1], name: $0[2]) }
        event.changes = list(2, row) { Event.Change(field: $0[0] ?? "", before: $0[1], after: $0[2]) }
        for attribute in list(3, row, { ($0[0] ?? "", $0[1] ?? "") }) { event.setAttribute(attribute.0, attribute.1) }
        for flag in list(4, row, { $0[0] }) { if let flag { event.setFlag(flag) } }
        return StoredEvent(seq: seq, event: event)
    }

    private func integer(_ column: Int, _ row: Int) -> Int64? {
        guard let part = parts[column] else { return nil }
        return part.column.leaves[0].int64Values?[row - part.firstRow]
    }

    private func list<Element>(_ index: Int, _ row: Int, _ make: ([String?]) -> Element) -> [Element] {
        guard let part = parts[SegmentSchema.firstList + index] else { return [] }
        return part.column.elements(of: row - part.firstRow).map { element in
            make(part.column.leaves.map { $0.byteValues?.string(element) ?? nil })
        }
    }
}

/// A text column whose dictionary entries become strings once.
private final class TextColumn {
    private let values: ByteValues
    private let firstRow: Int
    private var strings: [String?]

    init(_ values: ByteValues, _ firstRow: Int) {
        self.values = values
        self.firstRow = firstRow
        strings = Array(repeating: nil, count: values.dictionary.count)
    }

    subscript(row: Int) -> String? {
        let code = values.codes[row - firstRow]
        guard code != ByteValues.absent else { return nil }
        if let known = strings[Int(code)] { return known }
        let text = values.dictionary.string(Int(code))
        strings[Int(code)] = text
        return text
    }
}
