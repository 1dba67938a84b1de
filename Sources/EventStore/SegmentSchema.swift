import AuditModel
import Parquet

/// The columns of a segment, version 4 (docs/formats/store.md). Columns are only ever added, at the end.
enum SegmentSchema {
    /// The version in the footer of segments that this build writes.
    static let version = 4

    /// Integer columns, in file order, before the text columns.
    static let integers = SegmentInteger.allCases
    /// List and map columns, in file order, behind the text columns.
    static let lists = SegmentList.allCases
    /// Position of the first text column; ``EventField``'s raw value is added to it.
    static let firstText = integers.count
    /// Position of the first list column.
    static let firstList = integers.count + EventField.count
    /// Position of the first typed sibling of a text column.
    static let firstSibling = firstList + lists.count

    /// Text columns that have typed siblings, in the order of the siblings: ids of vendors and systems, mostly random.
    static let typedFields: [EventField] = [.eventID, .session, .request, .trace, .job, .correlation]

    /// The position of the first sibling (``TypedForm/siblings``) of a text column, or nil where it has none.
    static func firstSibling(of field: EventField) -> Int? {
        typedFields.firstIndex(of: field).map { firstSibling + $0 * TypedForm.siblings.count }
    }

    /// Position of the column of what a time has beyond whole milliseconds.
    static let timeMicros = firstSibling + typedFields.count * TypedForm.siblings.count

    /// Position of the first typed sibling of a target's `id`: a list of its own, so that it costs nothing where it is not used.
    static let firstTargetSibling = timeMicros + 1
    /// Position of the list that names the column of the row which says the same as a target's `id`.
    static let targetReference = firstTargetSibling + TypedForm.siblings.count
    /// Columns that `id` of a target may refer to.
    static let targetReferred: [EventField] = [.job, .session, .tenant, .request]
    /// Position of the column that names the column of the row which says the same as `correlation`.
    static let correlationReference = targetReference + 1
    /// Position of the name of the first attribute with a column of its own; its value follows, then the next.
    static let firstAttribute = correlationReference + 1
    /// How many attributes may have columns of their own.
    static let attributeSlots = 10
    /// Columns that `correlation` may refer to.
    static let correlationReferred: [EventField] = [.request, .trace, .job]

    /// Text columns for which other programs get a bloom filter; our own reader uses the index file.
    static let bloomFilterFields: Set<String> = ["actor.id", "origin.ip"]
    /// A false positive in twenty or fewer: the size is the next power of two.
    static let bloomFilterBitsPerValue = 6.0
    /// Columns whose pages have bounds; in columns of ids bounds cut nothing and cost as much as the pages' headers.
    static let pageBoundFields: Set<String> = ["seq", "time", "observed"]

    /// The schema that is written.
    static let parquet: ParquetSchema = {
        var fields: [ParquetField] = integers.map { column in
            switch column {
            case .seq, .schema: .required(column.rawValue, .int64)
            case .time: .optional(column.rawValue, .timestampMillis)
            case .observed, .approvalExpires: .optional(column.rawValue, .timestampMicros)
            case .timeBound, .replaces: .optional(column.rawValue, .int64)
            }
        }
        fields += EventField.allCases.map { .optional($0.name, .string) }
        fields += lists.map { list in
            switch list {
            case .roles, .flags: .list(list.rawValue, of: .string)
            case .attributes: .map(list.rawValue)
            case .targets:
                .structs(list.rawValue, [
                    ParquetMember("type", .string, isOptional: true), ParquetMember("id", .string, isOptional: true),
                    ParquetMember("name", .string, isOptional: true),
                ])
            case .changes:
                .structs(list.rawValue, [
                    ParquetMember("field", .string, isOptional: false), ParquetMember("before", .string, isOptional: true),
                    ParquetMember("after", .string, isOptional: true),
                ])
            }
        }
        for field in typedFields {
            fields += TypedForm.siblings.map { .optional("\(field.name).\($0.suffix)", $0.type) }
        }
        fields.append(.optional("time.micros", .int64))
        fields += TypedForm.siblings.map { .structs("targets.id.\($0.suffix)", [ParquetMember("value", $0.type, isOptional: true)]) }
        fields.append(.structs("targets.id.field", [ParquetMember("value", .string, isOptional: true)]))
        fields.append(.optional("correlation.field", .string))
        for place in 0..<attributeSlots { fields += ["name", "value"].map { .optional("attributes.\(place).\($0)", .string) } }
        do {
            return try ParquetSchema(fields)
        } catch {
            preconditionFailure("the segment schema is well formed: \(error)")
        }
    }()

    /// How segments are written.
    static let options: ParquetWriterOptions = {
        var options = ParquetWriterOptions()
        options.pageRowCount = StoreLimits.pageRows
        options.pageBytes = StoreLimits.columnBytes
        options.bloomFilterFields = bloomFilterFields
        options.bloomFilterBitsPerValue = bloomFilterBitsPerValue
        options.pageBoundFields = pageBoundFields
        return options
    }()

    /// Keys of the footer's metadata.
    enum Footer {
        static let version = "proofline.segment.version"
        static let order = "proofline.segment.order"
        static let firstSeq = "proofline.segment.firstSeq"
        static let rowCount = "proofline.segment.rowCount"
        static let seals = "proofline.segment.seals"
    }
}
