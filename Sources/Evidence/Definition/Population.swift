/// What a report tests: a kind of item, and where its items come from.
struct Population: Sendable {
    enum Kind: Hashable, Sendable {
        /// One item per event of these sets, each event once.
        case events(sets: [String])
        /// One item per source and day.
        case coverage
        /// One item per row of an inventory.
        case rows(inventory: String)
        /// One item per moment that a schedule of an inventory's row names.
        case schedule(inventory: String)
        /// One item per run of events with equal keys.
        case groups(RunRule)
        /// One item per entry of the transparency log of these types.
        case log(types: [String])
        /// One item per source of a role.
        case sources(role: String)
    }

    /// When events belong to one run.
    struct RunRule: Hashable, Sendable {
        let set: String
        /// Over `row`.
        let by: [Expression]
        /// Longest pause between two events of a run.
        let within: Amount
        /// Fewest events of a run that counts.
        let atLeast: Amount
    }

    /// A value, or the parameter that holds it.
    enum Amount: Hashable, Sendable {
        case value(Value)
        case parameter(String)

        /// The value, given those of the parameters.
        func value(_ parameters: [String: Value]) -> Value {
            switch self {
            case .value(let value): value
            case .parameter(let name): parameters[name] ?? .missing
            }
        }
    }

    /// Empty where the definition has one population without a name.
    let name: String
    let kind: Kind
    let time: Expression?
    let person: Expression?
    /// Role of the sources across which each event is tested: one item per source.
    let across: String?
    /// Whether the test applies to an item at all.
    let applies: Expression?
    let notApplicable: String
    let label: TextTemplate
    /// What makes findings of different periods the same one; empty is the label.
    let same: [Expression]

    /// The keys that say the kind, of which a population has exactly one.
    static let kindKeys = ["each", "coverage", "rows", "schedule", "groups", "log", "each_source"]

    /// The inventory whose rows make the items, if any.
    var inventory: String? {
        switch kind {
        case .rows(let name), .schedule(let name): name
        default: nil
        }
    }
}
