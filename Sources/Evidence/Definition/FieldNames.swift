import AuditModel

/// The fields that expressions may name after `item.`, `row.` or a join.
enum FieldNames {
    /// Fields of an event that are not columns.
    static let ofEvent = [
        "time", "observed", "approval.expires", "seq", "roles", "flags", "actor", "approver", "target", "target.id", "target.name",
        "target.type",
        "actor.person", "target.person", "approval.person", "on_behalf_of.person", "any.person",
    ]

    /// Fields that every item has besides those of its event, row, source or entry.
    static let ofItem = ["id", "time", "person", "system", "population"]

    /// Fields of an item of a coverage population.
    static let ofCoverage = [
        "source", "parser", "day", "events", "delta", "gap", "longest_gap", "gaps", "cause", "judged", "state",
    ]

    /// Fields of an item that is a run of events.
    static let ofRun = ["count", "last", "length"]

    /// Fields of an item that is a source.
    static let ofSource = [
        "source", "parser", "instance", "mode", "state", "events", "oldest", "newest", "first_sealed", "last_sealed", "deleted", "duplicates",
        "quarantined", "delta", "expected_interval", "clock_offset", "clock_spread", "time_bound",
    ]

    /// Members of log entries (docs/formats/seal.md), of all types that a population may ask for.
    static let ofLogEntry = [
        "type", "index", "at", "committed", "source", "sources", "instance", "mode", "epoch", "firstSeq", "count", "events", "received", "parsed",
        "duplicates", "quarantined", "skipped", "minTime", "maxTime", "schema", "parser", "parser.id", "parser.version", "parser.sha256",
        "policy.id", "policy.version", "policy.sha256", "bindingsCount", "session", "from", "to", "state", "seals", "omitted", "cause", "bytes",
        "segment", "reason", "what", "timezone", "expectedIntervalSeconds", "calendar", "action", "origin", "vkey", "packId", "name",
        "revision", "sha256sums", "recipient", "expires", "level", "rule", "keepSeconds", "before", "before.id", "before.version", "before.sha256",
        "hold", "until", "tokens", "batch", "batches", "seal", "content", "ranges", "resolved.records",
    ]

    /// Types of log entries that a population may ask for.
    static let logTypes = ["batch", "heartbeat", "gap", "erasure", "retention", "hold", "key", "config", "reparse", "release"]

    static let ofFigures = ["population", "exceptions", "undecided", "passed", "not_applicable", "findings", "gaps", "sources", "events"]
    static let ofPeriod = ["start", "end"]
    /// What an inventory says about itself: `inventory.<name>.age`.
    static let ofInventory = ["present", "owner", "as_of", "age", "rows"]

    static func isEventField(_ field: String) -> Bool {
        if ofEvent.contains(field) || EventField(name: field) != nil { return true }
        if field.hasPrefix("attributes.") { return field.count > 11 }
        if let part = TargetField(field) { return !part.type.isEmpty }
        return ChangeField(field) != nil
    }

    static var allOfEvent: [String] { ofEvent + EventField.allCases.map(\.name) + ["targets.<type>.id", "changes.<field>", "attributes.<name>"] }
}

/// `targets.<type>.id`, `.name` or `.person`: the first target of a type.
struct TargetField: Hashable, Sendable {
    enum Part: String, Sendable { case id, name, person }

    let type: String
    let part: Part

    init?(_ field: String) {
        let words = field.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "targets", !words[1].isEmpty, let part = Part(rawValue: String(words[2])) else { return nil }
        type = String(words[1])
        self.part = part
    }
}

/// `changes.<field>` (what it became) or `changes.<field>.before`.
struct ChangeField: Hashable, Sendable {
    let field: String
    let isBefore: Bool

    init?(_ field: String) {
        guard field.hasPrefix("changes.") else { return nil }
        let rest = field.dropFirst(8)
        isBefore = rest.hasSuffix(".before")
        self.field = String(isBefore ? rest.dropLast(7) : rest)
        guard !self.field.isEmpty else { return nil }
    }
}
