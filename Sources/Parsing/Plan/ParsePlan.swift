import AuditModel

/// A parser definition compiled for running over bytes: pools of constants, tables, patterns and tries, and a tree of bodies.
///
/// Everything is immutable, so that running it costs no check of exclusive access and one plan serves all threads.
final class ParsePlan: Sendable {
    let constants: [ByteSlice]
    let slotCount: Int
    let operations: [Operation]
    let templates: [Template]
    let tables: [LookupTable]
    let patterns: [Pattern]
    let conditions: [Condition]
    /// Tries of the JSON documents that a record can hold: itself first, then texts with JSON inside.
    let documents: [CompiledTrie]
    /// Tries of the elements of arrays.
    let elements: [CompiledTrie]
    /// The keys of each key=value text, and the slot that each fills; below zero a dropped counter.
    let keyTables: [[(key: ByteSlice, slot: Int32)]]
    let formats: [FormatPlan]
    let bodies: [CompiledBody]
    /// Names of the dropped counters; the first is `other`.
    let droppedNames: [String]
    /// Owns the bytes of the constants.
    private let pool: ConstantPool

    init(
        _ builder: PlanBuilder, documents: [CompiledTrie], elements: [CompiledTrie], keyTables: [[(key: ByteSlice, slot: Int32)]],
        slotCount: Int
    ) {
        pool = builder.constants
        constants = builder.constants.slices
        operations = builder.operations
        templates = builder.templates
        tables = builder.tables
        patterns = builder.patterns
        conditions = builder.conditions
        formats = builder.formats
        bodies = builder.bodies
        droppedNames = builder.droppedNames
        self.documents = documents
        self.elements = elements
        self.keyTables = keyTables
        self.slotCount = slotCount
    }
}

/// The pools of a plan while its definition is compiled.
struct PlanBuilder {
    let constants = ConstantPool()
    var operations: [Operation] = []
    var templates: [Template] = []
    var tables: [LookupTable] = []
    var patterns: [Pattern] = []
    var conditions: [Condition] = []
    var formats: [FormatPlan] = []
    var bodies: [CompiledBody] = []
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
