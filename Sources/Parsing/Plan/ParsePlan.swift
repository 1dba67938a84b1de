import AuditModel

/// A parser definition compiled for running over bytes: pools of constants, tables, patterns and tries, and a tree of bodies.
///
/// Safety: `@unchecked Sendable` because it is built once and then only read; constants live as long as the plan.
final class ParsePlan: @unchecked Sendable {
    var constants = ConstantPool()
    var slotCount = 0
    var operations: [Operation] = []
    var templates: [Template] = []
    var tables: [LookupTable] = []
    var patterns: [Pattern] = []
    var conditions: [Condition] = []
    /// Tries of the JSON documents that a record can hold: itself first, then texts with JSON inside.
    var documents: [CompiledTrie] = []
    /// Tries of the elements of arrays.
    var elements: [CompiledTrie] = []
    /// Tables from a key=value key to the slot it fills, as the constant's number; unknown keys are dropped.
    var keyTables: [[(key: ByteSlice, slot: Int32)]] = []
    var formats: [FormatPlan] = []
    var bodies: [CompiledBody] = []
    /// Names of the dropped counters; the first is `other`.
    var droppedNames: [String] = ["other"]
}

/// One format of a definition: framing, and what its records hold.
struct FormatPlan: Sendable {
    let name: String
    let framing: FormatFraming
    let reading: Reading
    let body: Int

    /// How names are taken from a framed record.
    enum Reading: Sendable {
        case json
        case syslog(SyslogSlots)
        /// Slots by column; -1 for a column nobody maps.
        case csv(delimiter: UInt8, columns: [CSVColumn], hasHeader: Bool, minimum: Int)
        case patterns([Int32], slot: Int32)
        case keyValue(KeyValueText, keys: Int32)
        /// The whole record as `line`.
        case line(slot: Int32)
    }
}

/// A column of a CSV format.
struct CSVColumn: Sendable {
    let name: String
    /// Slot, or -1.
    let slot: Int32
    /// Counter when the column is known and dropped, 0 for others.
    let dropped: Int32
}

/// The slots of the syslog parts, -1 where nobody maps one.
struct SyslogSlots: Sendable {
    var priority: Int32 = -1
    var timestamp: Int32 = -1
    var host: Int32 = -1
    var program: Int32 = -1
    var processID: Int32 = -1
    var messageID: Int32 = -1
    var structuredData: Int32 = -1
    var message: Int32 = -1
}

/// A body behind one reference: running a record costs one retain, not one for each of its lists.
final class CompiledBody: Sendable {
    let plan: BodyPlan

    init(_ plan: BodyPlan) { self.plan = plan }
}
