import AuditModel

/// Finds the records on a line of a source and explains what a parser made of them. Not thread-safe.
///
/// Feed decompressed bytes from the beginning until ``isDone``: headers, years and what came before count as they do at ingest.
public final class RecordExplainer {
    /// Explanations of the records that the line belongs to, in the order of the source.
    public private(set) var explanations: [RecordExplanation] = []
    /// Whether the line was passed.
    public private(set) var isDone = false

    /// Most records of one line that are explained.
    public static let mostRecords = 20

    private let definition: ParserDefinition
    private let parser: RecordParser
    private let line: Int
    private var outlines: [String: DefinitionOutline] = [:]

    /// - Parameter line: The line of the source, from one.
    /// - Throws: ``ParsingError``.
    public init(_ definition: ParserDefinition, options: ParseOptions, line: Int) throws(ParsingError) {
        guard definition.turns.isEmpty else {
            throw ParsingError(code: .invalidValue, message: "'\(definition.id)' names several parsers; explain one at a time")
        }
        self.definition = definition
        self.line = line
        parser = try RecordParser(definition, options: options)
        parser.shownAtOnce = 1
        outlines[definition.id] = try DefinitionOutline(definition)
        for child in definition.handOvers.values { outlines[child.id] = try DefinitionOutline(child) }
    }

    /// Reads on.
    public func feed(_ bytes: UnsafeRawBufferPointer) {
        guard !isDone else { return }
        parser.feed(bytes) { take($0) }
    }

    /// Ends the source.
    public func finish() {
        guard !isDone else { return }
        parser.finish { take($0) }
        isDone = true
    }

    private func take(_ record: ParsedRecord) {
        let dropped = parser.takeDropped()
        defer { Self.forget(parser.evaluator) }
        guard !isDone else { return }
        guard record.firstLine <= line else {
            isDone = true
            return
        }
        let last = record.firstLine + record.bytes.reduce(0) { $0 + ($1 == 10 ? 1 : 0) }
        guard last >= line, explanations.count < Self.mostRecords else { return }
        explanations.append(explain(record, lastLine: last, dropped))
    }

    /// Forgets where the record was, so that the next one's way is its own.
    private static func forget(_ evaluator: RecordEvaluator) {
        evaluator.trail.pointee = -1
        for child in evaluator.children.values { forget(child) }
    }

    // MARK: One record

    private func explain(_ record: ParsedRecord, lastLine: Int, _ dropped: [String: Int]) -> RecordExplanation {
        let trail = trail()
        let outcome: RecordExplanation.Outcome
        switch record.result {
        case .events(let events): outcome = .events(events.map { part($0, trail) })
        case .skipped(let rule): outcome = .skipped(rule: rule)
        case .quarantined(let reason): outcome = .quarantined(reason: reason, origin: origin(ofReason: reason, trail))
        }
        var named = dropped
        let other = named.removeValue(forKey: "other") ?? 0
        let unmapped = unmapped(record)
        return RecordExplanation(
            parser: definition.id, version: definition.version, lines: record.firstLine...lastLine, bytes: record.range, outcome: outcome,
            path: trail.reversed().flatMap { step in outlines[step.parser]?.path(step.places) ?? [] }, dropped: named,
            unmapped: unmapped, unmappedCount: max(other, unmapped.count))
    }

    /// The bodies that held for the record, by parser; that of a parser it was handed to first.
    private func trail() -> [(parser: String, places: [DefinitionPlace])] {
        var steps: [(parser: String, places: [DefinitionPlace])] = []
        var evaluator: RecordEvaluator? = parser.evaluator
        while let current = evaluator {
            evaluator = nil
            let body = Int(current.trail.pointee)
            guard body >= 0, body < current.plan.bodies.count else { continue }
            let plan = current.plan.bodies[body]
            steps.insert((current.definition.id, plan.places), at: 0)
            if case .handOver(let hand) = plan.ending {
                evaluator = current.children[hand.parser]
            }
        }
        return steps
    }

    private func part(_ parsed: ParsedEvent, _ trail: [(parser: String, places: [DefinitionPlace])]) -> RecordExplanation.EventPart {
        let own: Set = ["schema", "parser", "parser_version", "source", "instance"]
        let fields = FlatFields.of(parsed.event.json).filter { !own.contains($0.name) }.map { name, value in
            let found = trail.lazy.compactMap { step -> [DefinitionOrigin]? in
                guard let outline = self.outlines[step.parser] else { return nil }
                let origins = outline.origins(of: name, in: parsed.event, outline.chain(step.places))
                return origins.isEmpty ? nil : origins
            }
            return RecordExplanation.Field(
                name: name, value: value, dataClass: Self.dataClass(of: name, parsed), origins: found.first ?? [])
        }
        let answers = Question.allCases.map { ($0, $0.answer(in: parsed.event, notApplicable: definition.notApplicable)) }
        return RecordExplanation.EventPart(fields: fields, answers: answers)
    }

    private static func dataClass(of name: String, _ parsed: ParsedEvent) -> DataClass? {
        if let field = EventField(name: name) { return parsed.classes.dataClass(of: field) }
        if name.hasPrefix("attributes.") { return parsed.classes.attributes[String(name.dropFirst("attributes.".count))] }
        if name.hasPrefix("changes["), !name.hasSuffix(".field"), let number = number(in: name), number < parsed.event.changes.count {
            return parsed.classes.changes[parsed.event.changes[number].field] ?? .freeText
        }
        if name.hasPrefix("targets["), !name.hasSuffix(".type"), let number = number(in: name), number < parsed.event.targets.count {
            let isPerson = Event.Target.identityTypes.contains(parsed.event.targets[number].type ?? "")
            return isPerson ? .identity : name.hasSuffix(".name") ? .freeText : .public
        }
        return .public
    }

    private static func number(in name: String) -> Int? {
        name.firstIndex(of: "[").flatMap { open in Int(name[name.index(after: open)...].prefix { $0 != "]" }) }
    }

    private func origin(ofReason reason: String, _ trail: [(parser: String, places: [DefinitionPlace])]) -> DefinitionOrigin? {
        for step in trail {
            // What a parser says of a part begins with its id.
            let own = reason.hasPrefix("\(step.parser): ") ? String(reason.dropFirst(step.parser.count + 2)) : reason
            if let found = outlines[step.parser]?.origin(ofReason: own, step.places) { return found }
        }
        return trail.isEmpty ? outlines[definition.id]?.origin(ofReason: reason, []) : nil
    }

    private func unmapped(_ record: ParsedRecord) -> [String] {
        guard let first = record.bytes.first, first == UInt8(ascii: "{"), let value = try? JSONValue(parsing: record.bytes, maximumDepth: 128)
        else { return [] }
        if case .quarantined = record.result { return [] }
        var names = UnmappedNames(definition.plan)
        names.collect(value)
        return names.paths
    }
}
