import AuditModel

/// What a definition, a format or a rule says, compiled; what its ancestors said is merged in.
struct BodyPlan: Sendable {
    var steps: [ExtractionStep] = []
    var requirements: [Requirement] = []
    var fields: [(field: EventField, value: Expression)] = []
    var times: [TimePlan] = []
    var roles: ListPlan?
    var action: ActionPlan?
    var targets: [TargetPlan] = []
    var changes: [ChangePlan] = []
    var attributes: [(name: String, value: Expression)] = []
    var classes = ClassAssignment(attributes: [:])
    var notApplicable: Set<Question> = []
    /// One event per element, or nil for one event.
    var each: EachPlan?
    var ending = Ending.events
    /// The first rule that applies takes over.
    var rules: [RulePlan] = []
    /// Where it stands in the file: its format and the rules down to it, outermost first.
    var places: [DefinitionPlace] = []

    /// What becomes of a record that ends here.
    enum Ending: Sendable {
        case events
        case skip(String)
        case quarantine(String)
        /// Another parser reads a part of the record.
        case handOver(HandOverPlan)
    }
}

/// What another parser is given: a text that it frames and takes apart, or the names that one of its formats would have given.
struct HandOverPlan: Sendable {
    struct Name: Sendable {
        let name: String
        let value: Expression
        /// The place of the name, for the error that nobody there provides it.
        let unknown: ParsingError
    }

    let parser: String
    /// nil where names are given.
    let part: Expression?
    var names: [Name] = []
}

/// A rule: when it applies, and the body that then holds.
struct RulePlan: Sendable {
    let condition: Condition?
    /// All must match; the first fitting pattern of each fills its fields.
    let matches: [(value: Expression, patterns: [Int32])]
    let body: Int
}

/// Takes names out of a value before rules are tried.
enum ExtractionStep: Sendable {
    case pattern(Expression, patterns: [Int32], isRequired: Bool)
    case json(Expression, document: Int, isRequired: Bool)
    case xml(Expression, document: Int, isRequired: Bool)
    case keyValue(Expression, KeyValueText, keys: Int32)
    case csv(Expression, delimiter: UInt8, slots: [Int32], isRequired: Bool)
    /// Elements of the first of some lists; slots of an element's key and of its values, in order of trial.
    case pairs([Int32], trie: Int, slots: [Int32], keys: Int32, isRequired: Bool)
    case let_(Expression, slot: Int32)

    /// The slot of a `let`.
    var letSlot: Int32? {
        if case .let_(_, let slot) = self { slot } else { nil }
    }
}

/// A shape without which a record is quarantined.
struct Requirement: Sendable {
    let slot: Int32
    let kind: Kind
    let reason: String

    enum Kind: String, CaseIterable, Sendable {
        case text, number, integer, boolean, object, array, any
    }
}

/// A time column: its text, formats in order of trial, and where its zone stands.
struct TimePlan: Sendable {
    enum Column: Sendable { case time, approvalExpires }
    let column: Column
    let value: Expression
    let formats: [TimeFormat]
    let zone: Expression?
    /// Nanoseconds that a whole number of seconds lacks, where they stand by themselves.
    let nanoseconds: Expression?
}

/// The elements of an array, the members of an object or the parts of a text; of lists inside one another the innermost.
struct EachPlan: Sendable {
    enum Source: Sendable {
        /// Slot that holds an array; a lone value counts as its only element.
        case array(slot: Int32)
        /// Slot that holds an object, and the slot that a member's key goes to.
        case members(slot: Int32, key: Int32)
        /// A text and the constant between its parts.
        case text(Expression, separator: Int32)
    }

    /// One list.
    struct Level: Sendable {
        let source: Source
        /// Number of the trie of an element's names.
        let trie: Int
        /// The element's slots: reset before each.
        let slots: [Int32]
        /// The slot of the element itself.
        let itemSlot: Int32
        /// How `key=value` pairs are taken from a part of a text, and the number of their keys; -1 where they are not.
        var pairs: KeyValueText?
        var keys: Int32 = -1
    }

    /// The outermost first.
    let levels: [Level]
    /// Slots that what is done for one element fills: before each they are as they were before the first.
    var locals: [Int32] = []
}

/// What is in a list, as one text.
struct JoinPlan: Sendable {
    let each: EachPlan
    let value: Expression
    let separator: Int32
}

/// A list of texts.
struct ListPlan: Sendable {
    let each: EachPlan?
    let values: [Expression]
}

struct ActionPlan: Sendable {
    let code: Expression
    let table: Int32
    let other: Int32
}

struct TargetPlan: Sendable {
    let each: EachPlan?
    let condition: Condition?
    let type: Expression
    let id: Expression?
    let name: Expression?
}

struct ChangePlan: Sendable {
    let each: EachPlan?
    let condition: Condition?
    let field: Expression
    let before: Expression?
    let after: Expression?
}
