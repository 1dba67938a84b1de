import AuditModel

/// Where a text of an event comes from, classified so that the usual shapes need no interpreter.
struct TextSite: BitwiseCopyable {
    enum Kind: UInt8 {
        /// The text of `slot`, nothing else.
        case load
        /// The constant `constant`.
        case constant
        /// A function of the text of `slot` alone: an equal text gives an equal result.
        case function
        /// Whatever the expression computes.
        case general
    }

    let kind: Kind
    /// Whether there is no text where the slot has none.
    let needsSlot: Bool
    let slot: Int32
    let constant: Int32
    let expression: Expression
    /// The number of the site's memory in a ``RowWriter``.
    let memo: Int32
}

/// A body laid out for running: trivial, so that going over it counts no references. Slow parts stay in ``BodyPlan``.
struct FlatBody: BitwiseCopyable {
    enum Ending: UInt8 { case events, skip, quarantine, handOver }

    struct Need: BitwiseCopyable {
        let slot: Int32
        let kind: Requirement.Kind
    }

    struct Rule: BitwiseCopyable {
        /// Number of the condition's node, or -1.
        let condition: Int32
        let matches: FlatList<Match>
        let body: Int32
    }

    struct Match: BitwiseCopyable {
        let value: Expression
        let patterns: FlatList<Int32>
    }

    struct Field: BitwiseCopyable {
        let column: Int32
        let site: TextSite
    }

    struct Action: BitwiseCopyable {
        let code: TextSite
        let action: TextSite
        let table: Int32
        let other: Int32
    }

    struct Each: BitwiseCopyable {
        enum Kind: UInt8 { case array, members, text }

        let kind: Kind
        /// Of an array or object.
        let slot: Int32
        /// Where the key of a member goes, or -1.
        let keySlot: Int32
        let text: Expression
        let separator: Int32
        let trie: Int32
        let slots: FlatList<Int32>
        let itemSlot: Int32
        let pairs: KeyValueText
        /// Number of the keys of a part's own pairs, or -1.
        let keys: Int32
        /// Number of the `each` of the list inside an element, or -1.
        let inner: Int32
    }

    struct Join: BitwiseCopyable {
        let each: Int32
        let value: Expression
        let separator: Int32
    }

    struct Target: BitwiseCopyable {
        let each: Int32
        let condition: Int32
        let type: TextSite
        let id: TextSite
        let name: TextSite
    }

    struct Change: BitwiseCopyable {
        let each: Int32
        let condition: Int32
        let field: TextSite
        let before: TextSite
        let after: TextSite
    }

    struct Attribute: BitwiseCopyable {
        let name: Int32
        let value: TextSite
    }

    struct Moment: BitwiseCopyable {
        let value: TextSite
        let column: TimePlan.Column
        let formats: FlatList<FlatTimeFormat>
        let hasZone: Bool
        let zone: Expression
        let hasNanoseconds: Bool
        let nanoseconds: Expression
    }

    struct Roles: BitwiseCopyable {
        let each: Int32
        let values: FlatList<Expression>
    }

    let number: Int32
    let ending: Ending
    let steps: FlatList<FlatStep>
    let needs: FlatList<Need>
    let rules: FlatList<Rule>
    let fields: FlatList<Field>
    let times: FlatList<Moment>
    /// None or one.
    let action: FlatList<Action>
    let roles: FlatList<Roles>
    let targets: FlatList<Target>
    let changes: FlatList<Change>
    let attributes: FlatList<Attribute>
    /// Number of the `each` that fans out, or -1.
    let each: Int32
    /// Slots that one element fills, and where their values are kept aside.
    let locals: FlatList<Int32>
    let savedAt: Int32
}

/// Lays bodies out.
struct BodyFlattener {
    let memory: PlanMemory
    let operations: [Operation]
    let constants: ConstantPool
    var conditions = ConditionFlattener()
    private(set) var eaches: [FlatBody.Each] = []
    private(set) var memoCount: Int32 = 0
    private(set) var savedCount: Int32 = 0
    private var conditionNumbers: [Int32]

    init(memory: PlanMemory, operations: [Operation], constants: ConstantPool, conditions: [Condition]) {
        self.memory = memory
        self.operations = operations
        self.constants = constants
        conditionNumbers = []
        for condition in conditions { conditionNumbers.append(self.conditions.add(condition)) }
    }

    /// For each condition of the plan the number of its node.
    var roots: [Int32] { conditionNumbers }

    mutating func flatten(_ body: BodyPlan, number: Int) -> FlatBody {
        let ending: FlatBody.Ending =
            switch body.ending {
            case .events: .events
            case .skip: .skip
            case .quarantine: .quarantine
            case .handOver: .handOver
            }
        let locals = body.each?.locals ?? []
        let savedAt = savedCount
        savedCount += Int32(locals.count)
        return FlatBody(
            number: Int32(number), ending: ending, steps: memory.list(body.steps.map { FlatStep($0, memory) }),
            needs: memory.list(body.requirements.map { .init(slot: $0.slot, kind: $0.kind) }),
            rules: memory.list(each(body.rules) { flattener, rule in flattener.rule(rule) }),
            fields: memory.list(each(body.fields) { .init(column: Int32(RowWriter.Column.of($1.field)), site: $0.site($1.value)) }),
            times: memory.list(each(body.times) { $0.moment($1) }),
            action: memory.list(each(body.action.map { [$0] } ?? []) { $0.action($1) }),
            roles: memory.list(each(body.roles.map { [$0] } ?? []) { .init(each: $0.each($1.each), values: $0.memory.list($1.values)) }),
            targets: memory.list(each(body.targets) { $0.target($1) }), changes: memory.list(each(body.changes) { $0.change($1) }),
            attributes: memory.list(
                each(body.attributes) { .init(name: $0.constants.intern($1.name), value: $0.site($1.value, shared: true)) }),
            each: each(body.each), locals: memory.list(locals), savedAt: savedAt)
    }

    mutating func flatten(_ joins: [JoinPlan]) -> [FlatBody.Join] {
        each(joins) { .init(each: $0.each($1.each), value: $1.value, separator: $1.separator) }
    }

    private mutating func each<From, To>(_ elements: [From], _ map: (inout BodyFlattener, From) -> To) -> [To] {
        var result: [To] = []
        for element in elements { result.append(map(&self, element)) }
        return result
    }

    private mutating func rule(_ rule: RulePlan) -> FlatBody.Rule {
        let matches = rule.matches.map { FlatBody.Match(value: $0.value, patterns: memory.list($0.patterns)) }
        return .init(condition: condition(rule.condition), matches: memory.list(matches), body: Int32(rule.body))
    }

    private mutating func action(_ action: ActionPlan) -> FlatBody.Action {
        let code = site(action.code)
        // What the code becomes is a function of the code, and remembered like one.
        let mapped = TextSite(kind: .general, needsSlot: false, slot: -1, constant: -1, expression: action.code, memo: newMemo())
        return .init(code: code, action: mapped, table: action.table, other: action.other)
    }

    private mutating func moment(_ plan: TimePlan) -> FlatBody.Moment {
        .init(
            value: site(plan.value), column: plan.column, formats: memory.list(plan.formats.map(FlatTimeFormat.init)),
            hasZone: plan.zone != nil, zone: plan.zone ?? Expression(start: 0, end: 0), hasNanoseconds: plan.nanoseconds != nil,
            nanoseconds: plan.nanoseconds ?? Expression(start: 0, end: 0))
    }

    private mutating func target(_ plan: TargetPlan) -> FlatBody.Target {
        .init(each: each(plan.each), condition: condition(plan.condition), type: site(plan.type), id: site(plan.id), name: site(plan.name))
    }

    private mutating func change(_ plan: ChangePlan) -> FlatBody.Change {
        .init(
            each: each(plan.each), condition: condition(plan.condition), field: site(plan.field), before: site(plan.before),
            after: site(plan.after))
    }

    private mutating func condition(_ condition: Condition?) -> Int32 { condition.map { conditions.add($0) } ?? -1 }

    private mutating func each(_ each: EachPlan?) -> Int32 {
        guard let each else { return -1 }
        let first = Int32(eaches.count)
        for (number, level) in each.levels.enumerated() {
            var (kind, slot, key, text, separator) = (FlatBody.Each.Kind.array, Int32(-1), Int32(-1), Expression(start: 0, end: 0), Int32(-1))
            switch level.source {
            case .array(let array): slot = array
            case .members(let object, let keySlot): (kind, slot, key) = (.members, object, keySlot)
            case .text(let expression, let constant): (kind, text, separator) = (.text, expression, constant)
            }
            eaches.append(
                .init(
                    kind: kind, slot: slot, keySlot: key, text: text, separator: separator, trie: Int32(level.trie),
                    slots: memory.list(level.slots), itemSlot: level.itemSlot,
                    pairs: level.pairs ?? KeyValueText(separator: 32, assign: 61), keys: level.keys,
                    inner: number + 1 < each.levels.count ? first + Int32(number) + 1 : -1))
        }
        return first
    }

    private mutating func newMemo() -> Int32 {
        memoCount += 1
        return memoCount - 1
    }

    /// Classifies an expression; nil gives a site that has never a text.
    ///
    /// - Parameter shared: Whether several sites fill one column, so that each remembers its own last text.
    private mutating func site(_ expression: Expression?, shared: Bool = false) -> TextSite {
        guard let expression else {
            return TextSite(
                kind: .general, needsSlot: false, slot: -1, constant: -1, expression: Expression(start: 0, end: 0), memo: newMemo())
        }
        let run = operations[Int(expression.start)..<Int(expression.end)]
        var kind = TextSite.Kind.general
        var slot: Int32 = -1
        var constant: Int32 = -1
        if case .load(let first) = run.first, run.dropFirst().allSatisfy(\.isFunction) {
            slot = first
            kind = run.count == 1 && !shared ? .load : .function
        } else if run.count == 1, case .constant(let number) = run.first {
            constant = number
            kind = .constant
        }
        let needsSlot = slot >= 0 && !run.contains { if case .fallback = $0 { true } else { false } }
        return TextSite(kind: kind, needsSlot: needsSlot, slot: slot, constant: constant, expression: expression, memo: newMemo())
    }
}

extension Operation {
    /// Whether the result depends on nothing but the text before it.
    fileprivate var isFunction: Bool {
        switch self {
        case .load, .loadRaw, .template, .join, .jumpIfPresent, .onlyWhen, .pattern, .constant: false
        default: true
        }
    }
}
