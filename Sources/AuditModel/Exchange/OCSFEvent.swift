/// An event in the Open Cybersecurity Schema Framework, in the version that the taxonomy pins.
///
/// The action's class and activity come from the taxonomy. What a stored event holds as a token stays a token: an address goes to `uid` of
/// the endpoint, an e-mail address to `uid_alt` of the user, because OCSF's own fields for them want the plain form. What OCSF has no place
/// for is in `unmapped`, under the names of our schema. Where a class requires what the event does not say, the value is `unstated`.
public struct OCSFEvent {
    let event: Event
    let seq: Int64?
    let taxonomy: ActionTaxonomy
    let entry: ActionTaxonomy.Entry

    /// What stands where a class requires a text that the event does not have.
    public static let unstated = "unstated"

    /// - Parameters:
    ///   - seq: Its position in the store, where it has one.
    /// - Returns: nil where the taxonomy does not know the event's action: there is no class to put it in.
    public init?(_ event: Event, seq: Int64? = nil, taxonomy: ActionTaxonomy) {
        guard let action = event[.action], let entry = taxonomy.entry(for: action) else { return nil }
        self.event = event
        self.seq = seq
        self.taxonomy = taxonomy
        self.entry = entry
    }

    /// The document.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "activity_id": .integer(Int64(entry.activityID)), "category_uid": .integer(Int64(entry.classUID / 1_000)),
            "class_uid": .integer(Int64(entry.classUID)), "class_name": .string(entry.category),
            "type_uid": .integer(Int64(entry.classUID * 100 + entry.activityID)), "severity_id": .integer(severity.id),
            "time": .integer(Self.milliseconds(event.time ?? event.observed ?? Timestamp(microseconds: 0))), "metadata": metadata,
        ]
        if entry.activityID == 99 { members["activity_name"] = .string(entry.action) }
        if severity.id == 99 { members["severity"] = event[.severity].map { .string($0) } }
        members["message"] = event[.message].map { .string($0) }
        addOutcome(to: &members)
        addClass(to: &members)
        members["unmapped"] = unmapped
        return .object(members)
    }

    /// One line of JSON with its line feed.
    public func writeLine(to out: inout [UInt8]) {
        json.writeCanonical(to: &out)
        out.append(UInt8(ascii: "\n"))
    }

    static func milliseconds(_ time: Timestamp) -> Int64 { time.microseconds.flooredDivision(by: 1_000).quotient }

    // MARK: What every class has

    private var metadata: JSONValue {
        var members: [String: JSONValue] = [
            "version": .string(taxonomy.schemaVersion),
            "product": .object(["name": .string(event[.parser] ?? Self.unstated)]),
        ]
        members["uid"] = event[.eventID].map { .string($0) }
        members["event_code"] = event[.sourceAction].map { .string($0) }
        members["log_name"] = event[.source].map { .string($0) }
        members["correlation_uid"] = event[.correlation].map { .string($0) }
        members["tenant_uid"] = event[.tenant].map { .string($0) }
        members["logged_time"] = event.observed.map { .integer(Self.milliseconds($0)) }
        members["sequence"] = seq.map { .integer($0) }
        if event.flags.contains(Event.Flag.truncated) { members["is_truncated"] = .bool(true) }
        return .object(members)
    }

    private var severity: (id: Int64, name: String) {
        switch event[.severity]?.lowercased() {
        case nil: (1, "informational")
        case "debug", "trace", "info", "informational", "notice", "6", "7", "5": (1, "informational")
        case "low": (2, "low")
        case "medium", "moderate", "warn", "warning", "4": (3, "medium")
        case "high", "error", "err", "3": (4, "high")
        case "critical", "crit", "alert", "2", "1": (5, "critical")
        case "fatal", "panic", "emerg", "emergency", "0": (6, "fatal")
        default: (99, "other")
        }
    }

    private func addOutcome(to members: inout [String: JSONValue]) {
        switch event[.outcome] {
        case "success": members["status_id"] = 1
        case "failure": members["status_id"] = 2
        case "denied":
            members["status_id"] = 2
            members["status_code"] = "denied"
        default: members["status_id"] = 0
        }
        members["status_detail"] = event[.reason].map { .string($0) }
    }

    /// Our fields without a place in OCSF.
    private var unmapped: JSONValue? {
        var rest: [String: JSONValue] = ["action": .string(entry.action)]
        let fields: [EventField] = [
            .instance, .parserVersion, .surface, .originNet, .approvalState, .approvalBy, .approvalRef, .approvalSubjectHash, .policyID,
            .policyVersion, .actorOnBehalfOf, .trace, .job,
        ]
        for field in fields { rest[field.name] = event[field].map { .string($0) } }
        rest["approval.expires"] = event.approvalExpires.map { .string($0.description) }
        if let bound = event.timeBoundMicroseconds { rest["time_bound"] = .integer(bound) }
        if let replaces = event.replaces { rest["replaces"] = .integer(replaces) }
        if !event.flags.isEmpty { rest["flags"] = .array(event.flags.map { .string($0) }) }
        if !event.attributes.isEmpty {
            rest["attributes"] = .object(Dictionary(uniqueKeysWithValues: event.attributes.map { ($0.name, .string($0.value)) }))
        }
        if !event.changes.isEmpty {
            rest["changes"] = .array(
                event.changes.map { change in
                    var members: [String: JSONValue] = ["field": .string(change.field)]
                    members["before"] = change.before.map { .string($0) }
                    members["after"] = change.after.map { .string($0) }
                    return .object(members)
                })
        }
        if !event.targets.isEmpty { rest["targets"] = .array(event.targets.map(Self.target)) }
        return .object(rest)
    }

    private static func target(_ target: Event.Target) -> JSONValue {
        var members: [String: JSONValue] = [:]
        members["type"] = target.type.map { .string($0) }
        members["id"] = target.id.map { .string($0) }
        members["name"] = target.name.map { .string($0) }
        return .object(members)
    }
}
