import AuditModel

/// The fields that expressions may name after `item.`, `row.` or a join.
enum FieldNames {
    /// Fields of an event that are not columns.
    static let ofEvent = [
        "time", "observed", "approval.expires", "seq", "roles", "flags", "actor", "approver", "target", "target.id", "target.name",
        "target.type",
        "actor.person", "target.person", "approval.person", "on_behalf_of.person", "any.person",
    ]

    /// Fields that an item has besides those of its event.
    static let ofItem = ["id", "person", "system", "recorded"]

    /// Fields of an item of a coverage population.
    static let ofCoverage = [
        "id", "time", "source", "parser", "day", "events", "delta", "gap", "longest_gap", "gaps", "cause", "judged", "state",
    ]

    static let ofFigures = ["population", "exceptions", "undecided", "passed", "not_applicable", "findings", "gaps", "sources", "events"]
    static let ofPeriod = ["start", "end"]

    static func isEventField(_ field: String) -> Bool {
        ofEvent.contains(field) || EventField(name: field) != nil || (field.hasPrefix("attributes.") && field.count > 11)
    }

    static var allOfEvent: [String] { ofEvent + EventField.allCases.map(\.name) }
}
