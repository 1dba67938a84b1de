import AuditModel
import Parquet

/// The columns of a segment, version 1 (docs/formats/store.md). Columns are only ever added, at the end.
enum SegmentSchema {
    /// The version in the footer of segments that this build writes.
    static let version = 1

    static let seq = "seq"
    static let schema = "schema"
    static let time = "time"
    static let timeBound = "time_bound"
    static let observed = "observed"
    static let approvalExpires = "approval.expires"
    static let replaces = "replaces"
    static let roles = "actor.roles"
    static let targets = "targets"
    static let changes = "changes"
    static let attributes = "attributes"
    static let flags = "flags"

    /// Integer columns, in file order, before the text columns.
    static let integers = [seq, schema, time, timeBound, observed, approvalExpires, replaces]
    /// List and map columns, in file order, behind the text columns.
    static let lists = [roles, targets, changes, attributes, flags]
    /// Position of the first text column; ``EventField``'s raw value is added to it.
    static let firstText = integers.count
    /// Position of the first list column.
    static let firstList = integers.count + EventField.count

    /// Text columns for which other programs get a bloom filter; our own reader uses the index file.
    static let bloomFilterFields: Set<String> = ["actor.id", "origin.ip", "session", "request", "event_id"]

    /// The schema that is written.
    static let parquet: ParquetSchema = {
        var fields: [ParquetField] = [
            .required(seq, .int64), .required(schema, .int64), .optional(time, .timestampMicros), .optional(timeBound, .int64),
            .optional(observed, .timestampMicros), .optional(approvalExpires, .timestampMicros), .optional(replaces, .int64),
        ]
        fields += EventField.allCases.map { .optional($0.name, .string) }
        fields += [
            .list(roles, of: .string),
            .structs(targets, [
                ParquetMember("type", .string, isOptional: true), ParquetMember("id", .string, isOptional: true),
                ParquetMember("name", .string, isOptional: true),
            ]),
            .structs(changes, [
                ParquetMember("field", .string, isOptional: false), ParquetMember("before", .string, isOptional: true),
                ParquetMember("after", .string, isOptional: true),
            ]),
            .map(attributes), .list(flags, of: .string),
        ]
        do {
            return try ParquetSchema(fields)
        } catch {
            preconditionFailure("the segment schema is well formed: \(error)")
        }
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
