import AuditModel

/// A parser definition compiled for running over bytes: pools of constants, tables, patterns and tries, and a tree of bodies.
///
/// Everything is immutable, so that running it costs no check of exclusive access and one plan serves all threads; what a record runs over
/// is flat and trivial, so that it costs no counting of references.
final class ParsePlan: Sendable {
    let constants: FlatList<ByteSlice>
    let slotCount: Int
    let taxonomy: ActionTaxonomy
    let operations: FlatList<Operation>
    let templates: FlatList<FlatTemplate>
    let templatePieces: FlatList<TemplatePiece>
    let tables: FlatList<LookupTable>
    let patterns: FlatList<FlatPattern>
    /// Nodes of conditions, the runs of parts that they name, and the node of each condition that operations name.
    let conditions: FlatList<ConditionNode>
    let conditionParts: FlatList<Int32>
    let conditionRoots: FlatList<Int32>
    let eaches: FlatList<FlatBody.Each>
    let flatBodies: FlatList<FlatBody>
    /// How many texts of events there are to remember.
    let memoCount: Int
    /// Tries of the JSON documents that a record can hold: itself first, then texts with JSON inside.
    let documents: [CompiledTrie]
    /// Tries of the elements of arrays.
    let elements: [CompiledTrie]
    /// The keys of each text of pairs.
    let keyTables: FlatList<KeyTable>
    /// What is joined out of lists.
    let joins: FlatList<FlatBody.Join>
    /// How many values bodies that are run element by element keep aside.
    let savedCount: Int
    /// Names that the root of an XML text must have, by document; none for any.
    let xmlRoots: [Int: Set<String>]
    let formats: [FormatPlan]
    let flatFormats: FlatList<FlatFormat>
    let framings: FlatList<FlatFraming>
    let bodies: [BodyPlan]
    /// Names of the dropped counters; the first is `other`.
    let droppedNames: [String]
    /// Own the bytes of the constants, tables and patterns.
    private let pool: ConstantPool
    private let memory: PlanMemory
    private let keep: [Pattern]

    init(
        _ builder: PlanBuilder, documents: [CompiledTrie], elements: [CompiledTrie], keyTables: [KeyTable],
        slotCount: Int, taxonomy: ActionTaxonomy
    ) {
        let memory = builder.memory
        pool = builder.constants
        operations = memory.list(builder.operations)
        tables = memory.list(builder.tables)
        patterns = memory.list(builder.patterns.map(\.flat))
        keep = builder.patterns
        var pieces: [TemplatePiece] = []
        var flatTemplates: [FlatTemplate] = []
        for template in builder.templates {
            flatTemplates.append(
                FlatTemplate(first: Int32(pieces.count), count: Int32(template.pieces.count), separator: template.separator))
            pieces += template.pieces
        }
        templates = memory.list(flatTemplates)
        templatePieces = memory.list(pieces)
        var flattener = BodyFlattener(
            memory: memory, operations: builder.operations, constants: builder.constants, conditions: builder.conditions)
        flatBodies = memory.list(builder.bodies.enumerated().map { flattener.flatten($0.element, number: $0.offset) })
        joins = memory.list(flattener.flatten(builder.joins))
        eaches = memory.list(flattener.eaches)
        savedCount = Int(flattener.savedCount)
        conditions = memory.list(flattener.conditions.nodes)
        conditionParts = memory.list(flattener.conditions.parts)
        conditionRoots = memory.list(flattener.roots)
        memoCount = Int(flattener.memoCount)
        constants = memory.list(builder.constants.slices)
        formats = builder.formats
        flatFormats = memory.list(builder.formats.map { FlatFormat($0, memory) })
        framings = memory.list(builder.formats.map { FlatFraming($0.framing, memory) })
        bodies = builder.bodies
        droppedNames = builder.droppedNames
        self.memory = memory
        self.documents = documents
        self.elements = elements
        self.keyTables = memory.list(keyTables)
        xmlRoots = builder.xmlRoots
        self.slotCount = slotCount
        self.taxonomy = taxonomy
    }
}

/// The pools of a plan while its definition is compiled.
struct PlanBuilder {
    let constants = ConstantPool()
    let memory = PlanMemory()
    var operations: [Operation] = []
    var templates: [Template] = []
    var tables: [LookupTable] = []
    var patterns: [Pattern] = []
    var conditions: [Condition] = []
    var formats: [FormatPlan] = []
    var bodies: [BodyPlan] = []
    var joins: [JoinPlan] = []
    var xmlRoots: [Int: Set<String>] = [:]
    var droppedNames: [String] = ["other"]
}

/// One format of a definition: framing, and what its records hold.
struct FormatPlan: Sendable {
    let name: String
    let framing: FormatFraming
    let reading: Reading
    let body: Int
    /// The names that its records give and their slots, -1 for one that nobody uses; empty where any name may come.
    var names: [String: Int32] = [:]
    /// How its lines are put together; nil where each is a record.
    var join: LineJoin?

    /// How names are taken from a framed record.
    enum Reading: Sendable {
        case json
        case xml
        case journalExport(keys: Int32)
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
struct SyslogSlots: BitwiseCopyable, Sendable {
    var priority: Int32 = -1
    var timestamp: Int32 = -1
    var host: Int32 = -1
    var program: Int32 = -1
    var processID: Int32 = -1
    var messageID: Int32 = -1
    var structuredData: Int32 = -1
    var message: Int32 = -1
}
