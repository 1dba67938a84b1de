import AuditModel

/// Runs a plan over one record after another. Holds the scratch memory: one evaluator per record parser, not thread-safe.
final class RecordEvaluator {
    let definition: ParserDefinition
    let plan: ParsePlan
    let slots: UnsafeMutablePointer<Value>
    let dropped: UnsafeMutablePointer<Int>
    let arena = Arena()
    let options: ParseOptions
    let zones: ZoneResolver
    var years: YearResolver
    /// One index per JSON document that a record can hold: itself and texts with JSON inside.
    let indexes: [JSONIndex]
    /// The order of the columns of a CSV format with a header, as numbers of the plan's columns; -1 for an unknown one.
    var columnOrder: [Int]?
    /// Set when a value turned out to be damaged while it was read.
    var fault: String?
    private let children: [String: RecordEvaluator]

    /// Why a record is not taken.
    struct Rejection: Error {
        let reason: String
        /// Whether the record as a whole is not one JSON value, so that framing may have to look again.
        var isFraming = false
    }

    /// What a record turned out to be.
    enum Outcome {
        case events([ParsedEvent])
        case skipped(String)
    }

    /// - Throws: ``ParsingError`` for options that name no time zone.
    init(_ definition: ParserDefinition, options: ParseOptions, depth: Int = 0) throws(ParsingError) {
        self.definition = definition
        self.options = options
        plan = definition.plan
        slots = .allocate(capacity: max(1, plan.slotCount))
        slots.initialize(repeating: Value(), count: max(1, plan.slotCount))
        dropped = .allocate(capacity: plan.droppedNames.count)
        dropped.initialize(repeating: 0, count: plan.droppedNames.count)
        zones = try ZoneResolver(timezone: options.timezone)
        years = YearResolver(fileModified: options.fileModified)
        indexes = plan.documents.map { _ in JSONIndex() }
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
        dropped.deallocate()
    }

    /// Reads one record.
    func evaluate(_ record: ByteSlice, format: Int) throws(Rejection) -> Outcome {
        arena.reset()
        return try evaluateInside(record, format: format)
    }

    /// Reads a part that another parser hands over; the part lives in that parser's memory.
    private func evaluatePart(_ part: ByteSlice) throws(Rejection) -> Outcome {
        arena.reset()
        guard let format = plan.formats.firstIndex(where: { $0.framing.accepts(part, slots: slots, arena: arena) }) else {
            throw Rejection(reason: "\(definition.id): no format begins like the part handed over")
        }
        do {
            return try evaluateInside(part, format: format)
        } catch {
            throw Rejection(reason: "\(definition.id): \(error.reason)")
        }
    }

    private func evaluateInside(_ record: ByteSlice, format: Int) throws(Rejection) -> Outcome {
        for i in 0..<plan.slotCount where slots[i].kind != .absent { slots[i] = Value() }
        fault = nil
        let formatPlan = plan.formats[format]
        try read(record, formatPlan)
        let outcome = try run(formatPlan.body)
        if let fault { throw Rejection(reason: fault) }
        return outcome
    }

    private func run(_ number: Int) throws(Rejection) -> Outcome {
        let body = plan.bodies[number]
        for step in body.plan.steps { try perform(step) }
        for requirement in body.plan.requirements where !holds(requirement) {
            throw Rejection(reason: requirement.reason)
        }
        for rule in body.plan.rules where applies(rule) {
            return try run(rule.body)
        }
        switch body.plan.ending {
        case .events: return .events(try events(body.plan))
        case .skip(let name): return .skipped(name)
        case .quarantine(let reason): throw Rejection(reason: reason)
        case .handOver(let parser, let part): return try handOver(to: parser, part, body.plan)
        }
    }

    private func applies(_ rule: RulePlan) -> Bool {
        if let condition = rule.condition, !isTrue(condition) { return false }
        for match in rule.matches {
            guard let text = value(match.value), matchFirst(match.patterns, text) else { return false }
        }
        return true
    }

    private func holds(_ requirement: Requirement) -> Bool {
        let value = slots[Int(requirement.slot)]
        switch requirement.kind {
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

    /// What the parser read of the part wins; what it did not say is what this parser knows of the whole record.
    private func handOver(to parser: String, _ part: Expression, _ body: BodyPlan) throws(Rejection) -> Outcome {
        guard let child = children[parser], let text = value(part) else {
            throw Rejection(reason: "the part for \(parser) is not there")
        }
        let own = try event(body)
        switch try child.evaluatePart(text) {
        case .skipped(let rule): return .skipped("\(parser): \(rule)")
        case .events(let inner):
            let classes = ClassAssignment(merging: inner.first?.classes, over: body.classes)
            return .events(inner.map { ParsedEvent(event: Event(part: $0.event, whole: own), classes: classes) })
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

extension ClassAssignment {
    fileprivate convenience init(merging inner: ClassAssignment?, over outer: ClassAssignment) {
        guard let inner else {
            self.init(attributes: outer.attributes, overrides: outer.overrides, changes: outer.changes)
            return
        }
        self.init(
            attributes: outer.attributes.merging(inner.attributes) { $1 }, overrides: outer.overrides.merging(inner.overrides) { $1 },
            changes: outer.changes.merging(inner.changes) { $1 })
    }
}

extension Event {
    /// The event of a part, completed by what the whole record says.
    fileprivate init(part: Event, whole: Event) {
        self = part
        for field in EventField.allCases where self[field] == nil { self[field] = whole[field] }
        // An action names its category: they come from the same side.
        if part[.action] != nil { self[.category] = part[.category] }
        self[.parser] = whole[.parser]
        self[.parserVersion] = whole[.parserVersion]
        if time == nil { time = whole.time }
        if approvalExpires == nil { approvalExpires = whole.approvalExpires }
        if roles.isEmpty { roles = whole.roles }
        for target in whole.targets where !targets.contains(target) { targets.append(target) }
        if changes.isEmpty { changes = whole.changes }
        for attribute in whole.attributes where self.attribute(attribute.name) == nil { setAttribute(attribute.name, attribute.value) }
    }
}
