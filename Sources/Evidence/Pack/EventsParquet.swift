import AuditModel
import Parquet

/// `data/events.parquet`: a copy of the pack's rows for analysis tools. It proves nothing; the footer says so.
enum EventsParquet {
    static func bytes(_ rows: [(row: EventRow, line: [UInt8])]) throws -> [UInt8] {
        let fields = EventField.allCases
        let schema = try ParquetSchema(
            [.required("seq", .int64), .required("log_index", .int64), .required("batch_index", .int64)]
                + ["time", "observed", "approval.expires"].map { .optional($0, .timestampMicros) } + [.optional("time_bound", .int64)]
                + fields.map { .optional($0.name, .string) }
                + [.list("actor.roles", of: .string), .list("flags", of: .string), .required("canonical", .string)])
        let writer = try ParquetWriter(schema: schema)
        writer.keyValueMetadata = [
            ("proofline.copy_of", "data/events.jsonl"),
            ("proofline.note", "A copy for analysis. What is proven are the lines of data/events.jsonl."),
        ]
        let events = rows.map(\.row.event)
        func integers(_ values: [Int64?]) -> ParquetColumn { .int64(values.map { $0 ?? 0 }, present: values.map { $0 != nil }) }
        var columns: [ParquetColumn] = [
            .int64(rows.map(\.row.seq)), .int64(rows.map { Int64($0.row.logIndex) }), .int64(rows.map { Int64($0.row.index) }),
            integers(events.map { $0.time?.microseconds }), integers(events.map { $0.observed?.microseconds }),
            integers(events.map { $0.approvalExpires?.microseconds }), integers(events.map(\.timeBoundMicroseconds)),
        ]
        for field in fields { columns.append(.strings(events.map { $0[field] })) }
        columns.append(.stringLists(events.map { $0.roles.isEmpty ? nil : $0.roles }))
        columns.append(.stringLists(events.map { $0.flags.isEmpty ? nil : $0.flags }))
        columns.append(.strings(rows.map { String(decoding: $0.line, as: UTF8.self) }))
        if !rows.isEmpty { try writer.appendRowGroup(columns) }
        return try writer.finish()
    }
}
