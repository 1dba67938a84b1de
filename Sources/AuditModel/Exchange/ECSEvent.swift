/// An event in the Elastic Common Schema.
///
/// Tokens stay tokens: an address goes to `source.address`, which is a keyword, and not to `source.ip`. What ECS has no place for is under
/// `proofline`, under the names of our schema.
public struct ECSEvent {
    /// The version of the schema that is written.
    public static let version = "8.17.0"

    private let event: Event
    private let seq: Int64?

    /// - Parameter seq: Its position in the store, where it has one.
    public init(_ event: Event, seq: Int64? = nil) {
        self.event = event
        self.seq = seq
    }

    /// The document.
    public var json: JSONValue {
        var members: [String: JSONValue] = ["ecs": .object(["version": .string(Self.version)]), "event": about]
        members["@timestamp"] = (event.time ?? event.observed).map { .string($0.description) }
        members["message"] = text(.message)
        members["user"] = user
        members["source"] = object(["address": text(.originIP)])
        members["host"] = object(["name": text(.originHost)])
        members["user_agent"] = object(["original": text(.originUserAgent)])
        members["organization"] = object(["id": text(.tenant)])
        members["trace"] = object(["id": text(.trace)])
        members["http"] = object(["request": object(["id": text(.request)])])
        members["log"] = object(["level": text(.severity)])
        members["observer"] = .object(["product": "proofline", "type": "audit"])
        members["proofline"] = own
        return .object(members)
    }

    /// One line of JSON with its line feed.
    public func writeLine(to out: inout [UInt8]) {
        json.writeCanonical(to: &out)
        out.append(UInt8(ascii: "\n"))
    }

    private func text(_ field: EventField) -> JSONValue? { event[field].map { .string($0) } }

    private func object(_ members: [String: JSONValue?]) -> JSONValue? {
        let there = members.compactMapValues { $0 }
        return there.isEmpty ? nil : .object(there)
    }

    private var about: JSONValue {
        var members: [String: JSONValue] = ["kind": event[.category] == "detection_finding" ? "alert" : "event"]
        members["id"] = text(.eventID)
        members["action"] = text(.action)
        members["code"] = text(.sourceAction)
        members["dataset"] = text(.source)
        members["module"] = text(.parser)
        members["reason"] = text(.reason)
        members["created"] = event.observed.map { .string($0.description) }
        members["sequence"] = seq.map { .integer($0) }
        if let category = Self.categories[event[.category] ?? ""] { members["category"] = .array(category.map { .string($0) }) }
        if let type { members["type"] = .array(type.map { .string($0) }) }
        switch event[.outcome] {
        case "success": members["outcome"] = "success"
        case "failure", "denied": members["outcome"] = "failure"
        default: members["outcome"] = "unknown"
        }
        return .object(members)
    }

    private static let categories: [String: [String]] = [
        "authentication": ["authentication"], "account_change": ["iam"], "user_access": ["iam"], "group_management": ["iam"],
        "entity_management": ["configuration"], "web_resources_activity": ["web"], "file_hosting": ["file"], "api_activity": ["api"],
        "datastore_activity": ["database"], "scheduled_job_activity": ["process"], "process_activity": ["process"],
        "file_activity": ["file"], "http_activity": ["web"], "network_activity": ["network"], "email_activity": ["email"],
        "detection_finding": ["intrusion_detection"], "application_lifecycle": ["package"],
    ]

    /// The kinds of ECS that the verb of an action is.
    private var type: [String]? {
        guard let action = event[.action] else { return nil }
        if event[.outcome] == "denied" { return ["denied"] }
        switch action.split(separator: ".").last.map(String.init) ?? "" {
        case "create", "invite", "enroll": return ["creation"]
        case "delete", "remove": return ["deletion"]
        case "update", "change", "reset", "grant", "revoke", "add_member", "remove_member", "enable", "disable", "rotate": return ["change"]
        case "start", "open", "enqueue": return ["start"]
        case "end", "close", "stop", "finish", "cancel": return ["end"]
        case "fail", "raise": return ["error"]
        case "read", "list", "search", "download", "run", "export", "use": return ["access"]
        default: return ["info"]
        }
    }

    private var user: JSONValue? {
        var members: [String: JSONValue] = [:]
        members["id"] = text(.actorID)
        members["name"] = text(.actorName)
        members["email"] = text(.actorEmail)
        if !event.roles.isEmpty { members["roles"] = .array(event.roles.map { .string($0) }) }
        members["effective"] = object(["name": text(.actorOnBehalfOf)])
        members["target"] = event.targets.first { $0.isIdentity && $0.type != "device" }.flatMap { target in
            object(["id": target.id.map { .string($0) }, "name": target.name.map { .string($0) }])
        }
        return members.isEmpty ? nil : .object(members)
    }

    /// The event as our own schema says it, without what stands above.
    private var own: JSONValue {
        var members = event.json.object ?? [:]
        for name in ["time", "message", "event_id", "source_action", "observed", "reason", "severity", "trace", "request", "tenant"] {
            members[name] = nil
        }
        return .object(members)
    }
}
