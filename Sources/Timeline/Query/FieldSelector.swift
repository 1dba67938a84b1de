import AuditModel

/// The part of an event that a term of a filter looks at.
public enum FieldSelector: Hashable, Sendable {
    /// Any of these columns.
    case fields([EventField])
    /// Type, id or name of any target.
    case target
    /// One member of any target.
    case targetMember(TargetMember)
    /// Any of the actor's roles.
    case role
    /// Any mark of the event.
    case flag
    /// The name of any changed property.
    case change
    /// One attribute.
    case attribute(String)

    public enum TargetMember: String, Hashable, Sendable { case type, id, name }

    /// The selector that a name in a query stands for, or nil.
    ///
    /// Every column has its own name (`actor.id`); short names stand for what people mean by them: `actor` is any of the
    /// actor's identities and whoever is acted for, `ip` is `origin.ip`.
    public init?(name: String) {
        switch name {
        case "actor", "who": self = .fields([.actorID, .actorName, .actorEmail, .actorOnBehalfOf])
        case "target": self = .target
        case "target.type", "target.id", "target.name":
            guard let member = TargetMember(rawValue: String(name.dropFirst("target.".count))) else { return nil }
            self = .targetMember(member)
        case "ip": self = .fields([.originIP, .originNet])
        case "host": self = .fields([.originHost])
        case "on_behalf_of": self = .fields([.actorOnBehalfOf])
        case "approver": self = .fields([.approvalBy])
        case "ticket": self = .fields([.approvalRef])
        case "role", "actor.roles": self = .role
        case "flag", "flags": self = .flag
        case "change", "changes": self = .change
        default:
            if name.hasPrefix("attributes."), name.count > "attributes.".count {
                self = .attribute(String(name.dropFirst("attributes.".count)))
            } else if let field = EventField(name: name) {
                self = .fields([field])
            } else {
                return nil
            }
        }
    }

    /// Names offered when somebody mistypes one.
    public static let names: [String] =
        [
            "actor", "target", "target.type", "target.id", "target.name", "ip", "host", "on_behalf_of", "approver", "ticket", "role",
            "flag", "change", "since", "until",
        ] + EventField.allCases.map(\.name)

    /// Whether values here are tokens, so that a name must be looked up before it can be compared.
    public var holdsIdentities: Bool {
        switch self {
        case .fields(let fields): fields.contains { $0.dataClass == .identity || $0.dataClass == .networkIdentity }
        case .target, .targetMember(.id), .targetMember(.name): true
        case .targetMember(.type), .role, .flag, .change, .attribute: false
        }
    }

    /// Calls `body` with each value of the event that the selector names, until it returns true.
    ///
    /// - Returns: Whether `body` returned true.
    func contains(in event: Event, where body: (String) -> Bool) -> Bool {
        switch self {
        case .fields(let fields): fields.contains { event[$0].map(body) ?? false }
        case .target:
            event.targets.contains { ($0.id.map(body) ?? false) || ($0.name.map(body) ?? false) || ($0.type.map(body) ?? false) }
        case .targetMember(.type): event.targets.contains { $0.type.map(body) ?? false }
        case .targetMember(.id): event.targets.contains { $0.id.map(body) ?? false }
        case .targetMember(.name): event.targets.contains { $0.name.map(body) ?? false }
        case .role: event.roles.contains(where: body)
        case .flag: event.flags.contains(where: body)
        case .change: event.changes.contains { body($0.field) }
        case .attribute(let name): event.attribute(name).map(body) ?? false
        }
    }
}
