import AuditModel
import Parquet

/// Turns columns of a stretch of rows back into events: the inverse of ``EventColumns``.
///
/// Columns that a segment lacks (it was written before they were added) are absent in every event.
struct EventAssembler {
    private let columns: [ParquetColumn?]
    private let rowCount: Int
    private let texts: [TextColumn?]

    /// - Parameter column: Gives a column by its position in ``SegmentSchema/parquet``, nil when the file lacks it.
    init(rowCount: Int, column: (Int) throws -> ParquetColumn?) throws {
        self.rowCount = rowCount
        columns = try SegmentSchema.parquet.fields.indices.map { try column($0) }
        texts = (0..<EventField.count).map { [columns] i in
            columns[SegmentSchema.firstText + i]?.leaves.first?.byteValues.map(TextColumn.init)
        }
        for (index, column) in columns.enumerated() {
            guard let column else { continue }
            let isSane = column.rowCount == rowCount && column.leaves.count == SegmentSchema.parquet.leafRanges[index].count
            guard isSane else {
                throw ParquetError(.corrupt, "The column \(SegmentSchema.parquet.fields[index].name) has another shape than the schema's")
            }
        }
    }

    /// The event in a row.
    ///
    /// - Parameter row: Counted from the stretch's beginning.
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
        columns[column]?.leaves[0].int64Values?[row]
    }

    private func list<Element>(_ index: Int, _ row: Int, _ make: ([String?]) -> Element) -> [Element] {
        guard let column = columns[SegmentSchema.firstList + index] else { return [] }
        return column.elements(of: row).map { element in
            make(column.leaves.map { $0.byteValues?.string(element) ?? nil })
        }
    }
}

/// A text column whose dictionary entries become strings once.
private final class TextColumn {
    private let values: ByteValues
    private var strings: [String?]

    init(_ values: ByteValues) {
        self.values = values
        strings = Array(repeating: nil, count: values.dictionary.count)
    }

    subscript(row: Int) -> String? {
        let code = values.codes[row]
        guard code != ByteValues.absent else { return nil }
        if let known = strings[Int(code)] { return known }
        let text = values.dictionary.string(Int(code))
        strings[Int(code)] = text
        return text
    }
}
