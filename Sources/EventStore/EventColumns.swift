import AuditModel
import Parquet

/// Turns events into the columns of one row group.
struct EventColumns {
    private var seqs: [Int64] = []
    private var schemas: [Int64] = []
    private var optionals = [[Int64?]](repeating: [], count: SegmentSchema.integers.count - 2)
    private var texts = [ByteValuesBuilder](repeating: ByteValuesBuilder(), count: EventField.count)
    private var roles = TextList()
    private var targets = StructList(memberCount: 3)
    private var changes = StructList(memberCount: 3)
    private var attributes = StructList(memberCount: 2)
    private var flags = TextList()

    /// Makes room.
    init(capacity: Int) {
        seqs.reserveCapacity(capacity)
        schemas.reserveCapacity(capacity)
        for i in optionals.indices { optionals[i].reserveCapacity(capacity) }
        for i in texts.indices { texts[i].reserveCapacity(capacity) }
    }

    /// Number of rows so far.
    var rowCount: Int { seqs.count }

    /// Adds a row.
    mutating func append(_ event: Event, seq: Int64) {
        seqs.append(seq)
        schemas.append(Int64(event.schema))
        optionals[0].append(event.time?.microseconds)
        optionals[1].append(event.timeBoundMicroseconds)
        optionals[2].append(event.observed?.microseconds)
        optionals[3].append(event.approvalExpires?.microseconds)
        optionals[4].append(event.replaces)
        for field in EventField.allCases { texts[Int(field.rawValue)].append(event[field]) }
        roles.append(event.roles)
        targets.beginRow(count: event.targets.count)
        for target in event.targets { targets.append(target.type, target.id, target.name) }
        changes.beginRow(count: event.changes.count)
        for change in event.changes { changes.append(change.field, change.before, change.after) }
        attributes.beginRow(count: event.attributes.count)
        for attribute in event.attributes { attributes.append(attribute.name, attribute.value) }
        flags.append(event.flags)
    }

    /// The columns in the order of ``SegmentSchema/parquet``.
    func columns() -> [ParquetColumn] {
        var columns: [ParquetColumn] = [.int64(seqs), .int64(schemas)]
        columns += optionals.map { ParquetColumn(leaves: [.int64(Int64Values($0))]) }
        columns += texts.map { .bytes($0.values) }
        columns += [roles.column, targets.column, changes.column, attributes.column, flags.column]
        return columns
    }
}

/// A list column of text; an empty list is written as an absent one.
private struct TextList {
    private var offsets = ListOffsetsBuilder()
    private var values = ByteValuesBuilder()

    mutating func append(_ list: [String]) {
        if list.isEmpty { offsets.appendAbsent() } else { offsets.append(count: list.count) }
        for text in list { values.append(text) }
    }

    var column: ParquetColumn {
        ParquetColumn(offsets: offsets.offsets, present: offsets.present, leaves: [.bytes(values.values)])
    }
}

/// A list of structures or a map; an empty one is written as absent.
private struct StructList {
    private var offsets = ListOffsetsBuilder()
    private var members: [ByteValuesBuilder]

    init(memberCount: Int) {
        members = Array(repeating: ByteValuesBuilder(), count: memberCount)
    }

    mutating func beginRow(count: Int) {
        if count == 0 { offsets.appendAbsent() } else { offsets.append(count: count) }
    }

    mutating func append(_ values: String?...) {
        for (i, value) in values.enumerated() { members[i].append(value) }
    }

    var column: ParquetColumn {
        ParquetColumn(offsets: offsets.offsets, present: offsets.present, leaves: members.map { .bytes($0.values) })
    }
}
