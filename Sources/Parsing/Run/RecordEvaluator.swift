import AuditModel

/// Runs a plan over one record after another. Holds the scratch memory: one evaluator per record parser, not thread-safe.
///
/// What a record touches lies behind pointers that never change, so that it costs no counting of references and no check of exclusive access.
final class RecordEvaluator {
    let definition: ParserDefinition
    let plan: ParsePlan
    let operations: FlatList<Operation>
    let constants: FlatList<ByteSlice>
    let slots: UnsafeMutablePointer<Value>
    let dropped: UnsafeMutablePointer<Int>
    /// Values of slots that bodies run element by element put back before each.
    let saved: UnsafeMutablePointer<Value>
    let arena = Arena()
    let options: ParseOptions
    let observed: Int64?
    let zones: ZoneResolver
    var years: YearResolver
    /// One index per JSON document that a record can hold: itself and texts with JSON inside.
    let indexes: [JSONIndex]
    /// What walkers see of each document.
    let views: UnsafeMutablePointer<JSONView>
    let window: JSONWindow
    /// What walkers of each document, and of the elements of each array, write to.
    let documentTargets: [JSONWalker.Target]
    let elementTargets: [JSONWalker.Target]
    /// Readers of XML texts, by document.
    var xmlReaders: [Int: XMLReader] = [:]
    /// What was learned of records that are JSON.
    let routes = JSONRoutes()
    private let memories: [KeyMemory]
    private let levels: UnsafeMutablePointer<JSONWalker.Level>
    let day: UnsafeMutablePointer<KnownDay>
    /// Number of the body that holds for the record read last, -1 before there is one: for explaining it.
    let trail: UnsafeMutablePointer<Int32>
    /// Rows that a block may have.
    let rowLimit: UnsafeMutablePointer<Int>
    /// Elements of lists that the record may still go through.
    let elementsLeft: UnsafeMutablePointer<Int>
    /// The order of the columns of a CSV format with a header, as numbers of the plan's columns; -1 for an unknown one.
    var columnOrder: [Int]? {
        didSet { order = PlanMemory().own(columnOrder ?? []) }
    }
    /// The same, for reading rows.
    private(set) var order = PlanMemory().own([Int]())
    /// Set when a value turned out to be damaged while it was read.
    private let faultPlace: UnsafeMutablePointer<JSONFault?>
    /// Those who read parts that are handed over, by parser.
    let children: [String: RecordEvaluator]
    let droppedBefore: UnsafeMutablePointer<Int>
    /// Writers with blocks of their own: for what a part of a record says, and for what the whole record says beside it.
    lazy var partWriter = makeWriter()
    lazy var wholeWriter = makeWriter()
    /// Two definitions' classes as one object for all records.
    var merged: [[ObjectIdentifier]: ClassAssignment] = [:]

    /// Why a record is not taken.
    struct Rejection: Error {
        let reason: String
        /// Whether the record as a whole is not one JSON value, so that framing may have to look again.
        var isFraming = false
        /// Whether nothing is wrong with the record, but the block has no room for its rows.
        var isFull = false
    }

    /// What a record turned out to be.
    enum Outcome {
        case events
        case skipped(String)
    }

    /// - Throws: ``ParsingError`` for options that name no time zone.
    init(_ definition: ParserDefinition, options: ParseOptions, depth: Int = 0) throws(ParsingError) {
        self.definition = definition
        self.options = options
        plan = definition.plan
        operations = plan.operations
        constants = plan.constants
        observed = options.observed?.microseconds
        slots = .allocate(capacity: max(1, plan.slotCount))
        slots.initialize(repeating: Value(), count: max(1, plan.slotCount))
        saved = .allocate(capacity: max(1, plan.savedCount))
        saved.initialize(repeating: Value(), count: max(1, plan.savedCount))
        dropped = .allocate(capacity: plan.droppedNames.count)
        dropped.initialize(repeating: 0, count: plan.droppedNames.count)
        droppedBefore = .allocate(capacity: plan.droppedNames.count)
        droppedBefore.initialize(repeating: 0, count: plan.droppedNames.count)
        day = .allocate(capacity: 1)
        day.initialize(to: KnownDay())
        trail = .allocate(capacity: 1)
        trail.initialize(to: -1)
        rowLimit = .allocate(capacity: 1)
        rowLimit.initialize(to: .max)
        elementsLeft = .allocate(capacity: 1)
        elementsLeft.initialize(to: Self.mostElements)
        faultPlace = .allocate(capacity: 1)
        faultPlace.initialize(to: nil)
        levels = .allocate(capacity: JSONWalker.maximumDepth)
        views = .allocate(capacity: max(1, plan.documents.count))
        views.initialize(repeating: JSONView(), count: max(1, plan.documents.count))
        indexes = plan.documents.map { _ in JSONIndex() }
        window = JSONWindow()
        var memories: [KeyMemory] = []
        var targets: [JSONWalker.Target] = []
        for trie in plan.documents + plan.elements {
            let memory = KeyMemory(trie)
            memories.append(memory)
            targets.append(
                JSONWalker.Target(
                    nodes: trie.nodes, keys: memory.keys, keyNodes: memory.nodes, memory: memory, trie: trie, arena: arena, slots: slots,
                    dropped: dropped, levels: levels))
        }
        self.memories = memories
        documentTargets = Array(targets.prefix(plan.documents.count))
        elementTargets = Array(targets.dropFirst(plan.documents.count))
        zones = try ZoneResolver(timezone: options.timezone)
        years = YearResolver(fileModified: options.fileModified)
        var children: [String: RecordEvaluator] = [:]
        if depth < ParserDefinition.maximumHandOvers {
            for (name, child) in definition.handOvers {
                children[name] = try RecordEvaluator(child, options: options, depth: depth + 1)
            }
        }
        self.children = children
    }

    deinit {
        slots.deallocate()
        saved.deallocate()
        dropped.deallocate()
        droppedBefore.deallocate()
        day.deallocate()
        trail.deallocate()
        rowLimit.deallocate()
        elementsLeft.deallocate()
        faultPlace.deallocate()
        levels.deallocate()
        views.deallocate()
    }

    var fault: JSONFault? {
        get { faultPlace.pointee }
        set { faultPlace.pointee = newValue }
    }

    /// A writer for events of this parser.
    func makeWriter() -> RowWriter {
        let own: [(EventField, String?)] = [
            (.source, options.source), (.instance, options.instance), (.parser, definition.id), (.parserVersion, definition.version),
        ]
        return RowWriter(plan, own: own.compactMap { field, text in text.map { (field, $0) } })
    }

    /// Reads one record and adds its rows. Nothing is left in the block, and nothing counted as dropped, of a record that is not taken.
    ///
    /// - Parameter joined: The lines of the record where it has several; `record` is the one that the format reads.
    func evaluate(
        _ record: ByteSlice, format: Int, into writer: RowWriter, joined: JoinedRecord? = nil
    ) throws(Rejection) -> Outcome {
        // Texts of rows before may lie there and wait: settled for each record they would wait for memory one record at a time.
        if arena.isCrowded {
            writer.settle()
            arena.reset()
        }
        writer.beginRecord()
        let counters = plan.droppedNames.count
        droppedBefore.update(from: dropped, count: counters)
        let first = writer.block.rowCount
        do {
            return try evaluateInside(record, format: format, writer, joined)
        } catch {
            dropped.update(from: droppedBefore, count: counters)
            // Most that are not taken are refused before they begin a row.
            if writer.isBuilding || writer.block.rowCount > first { writer.takeBack(toRow: first) }
            throw error
        }
    }

    /// Forgets what a walk that failed put into slots and counters.
    func startAgain() {
        resetSlots()
        dropped.update(from: droppedBefore, count: plan.droppedNames.count)
    }

    func resetSlots() {
        let count = plan.slotCount
        var number = 0
        while number < count {
            slots[number] = Value()
            number &+= 1
        }
    }

    func evaluateInside(
        _ record: ByteSlice, format: Int, _ writer: RowWriter, _ joined: JoinedRecord? = nil
    ) throws(Rejection) -> Outcome {
        resetSlots()
        fault = nil
        elementsLeft.pointee = Self.mostElements
        trail.pointee = -1
        let body = try read(record, format)
        if let joined { try readParts(joined) }
        let outcome = try run(plan.flatBodies.base + body, writer)
        if let fault { throw Rejection(reason: fault.rawValue) }
        return outcome
    }

    func run(_ body: UnsafePointer<FlatBody>, _ writer: RowWriter) throws(Rejection) -> Outcome {
        body.pointee.each >= 0 ? try runElements(body, writer) : try runOnce(body, writer)
    }

    func runOnce(_ body: UnsafePointer<FlatBody>, _ writer: RowWriter) throws(Rejection) -> Outcome {
        trail.pointee = body.pointee.number
        var number = 0
        while number < body.pointee.steps.count {
            try perform(body.pointee.steps.base + number)
            number &+= 1
        }
        number = 0
        while number < body.pointee.needs.count {
            if !holds(body.pointee.needs.base[number]) {
                throw Rejection(reason: plan.bodies[Int(body.pointee.number)].requirements[number].reason)
            }
            number &+= 1
        }
        number = 0
        while number < body.pointee.rules.count {
            let rule = body.pointee.rules.base + number
            if applies(rule) { return try run(plan.flatBodies.base + Int(rule.pointee.body), writer) }
            number &+= 1
        }
        if body.pointee.ending == .events {
            try row(body, writer)
            return .events
        }
        let plan = plan.bodies[Int(body.pointee.number)]
        switch plan.ending {
        case .events: return .events
        case .skip(let name): return .skipped(name)
        case .quarantine(let reason): throw Rejection(reason: reason)
        case .handOver(let hand): return try handOver(hand, body, writer)
        }
    }

    private func applies(_ rule: UnsafePointer<FlatBody.Rule>) -> Bool {
        if rule.pointee.condition >= 0, !isTrue(rule.pointee.condition) { return false }
        var number = 0
        while number < rule.pointee.matches.count {
            let match = rule.pointee.matches.base + number
            let found = text(match.pointee.value)
            if found.isAbsent || !matchFirst(match.pointee.patterns, found.slice) { return false }
            number &+= 1
        }
        return true
    }

    @inline(__always)
    private func holds(_ need: FlatBody.Need) -> Bool {
        let value = slots[Int(need.slot)]
        switch need.kind {
        case .text: return value.kind == .text && value.count > 0
        case .number: return value.kind == .number
        case .integer:
            return value.kind == .number
                && (0..<value.count).allSatisfy { value.raw[$0].isDigit || $0 == 0 && value.raw[0] == UInt8(ascii: "-") }
        case .boolean: return value.kind == .boolean
        case .object: return value.kind == .object
        case .array: return value.kind == .array
        case .any: return value.kind != .absent && value.kind != .null
        }
    }

    /// The counts of dropped names since the last call, by name; parts handed over included.
    func takeDropped() -> [String: Int] {
        var counts: [String: Int] = [:]
        for (number, name) in plan.droppedNames.enumerated() where dropped[number] > 0 {
            counts[name, default: 0] += dropped[number]
            dropped[number] = 0
        }
        for child in children.values { counts.merge(child.takeDropped(), uniquingKeysWith: +) }
        return counts
    }
}
