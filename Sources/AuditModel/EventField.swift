/// The scalar text columns of an event, in the order in which stores and documents list them.
///
/// Times, lists and maps are typed properties of ``Event``. The raw value is an index into per-event storage and is never
/// written anywhere: outside, a field is its ``name``. Fields are only ever added, at the end of their group's documentation.
public enum EventField: UInt8, CaseIterable, Hashable, Sendable {
    case eventID, source, instance, parser, parserVersion
    case actorType, actorID, actorName, actorEmail, actorOnBehalfOf, session
    case action, sourceAction, category
    case tenant
    case surface, originIP, originNet, originUserAgent, originHost
    case approvalState, approvalBy, approvalRef, approvalSubjectHash
    case policyID, policyVersion
    case outcome, reason, severity
    case request, trace, job, correlation
    case message

    /// The number of fields.
    public static let count = allCases.count

    /// The field's name in definitions, queries, columns and, split at the dot, in JSON: `actor.id`.
    public var name: String { Self.names[Int(rawValue)] }

    /// The field with this name, or nil.
    public init?(name: String) {
        guard let field = Self.byName[name] else { return nil }
        self = field
    }

    /// What the field says about a person, unless a parser definition overrides it.
    public var dataClass: DataClass {
        switch self {
        case .actorID, .actorName, .actorEmail, .actorOnBehalfOf, .approvalBy, .originHost: .identity
        case .originIP: .networkIdentity
        case .originUserAgent: .quasi
        case .reason, .message: .freeText
        default: .public
        }
    }

    private static let names: [String] = allCases.map(\.spelling)
    private static let byName: [String: EventField] = Dictionary(uniqueKeysWithValues: allCases.map { ($0.spelling, $0) })

    private var spelling: String {
        switch self {
        case .eventID: "event_id"
        case .source: "source"
        case .instance: "instance"
        case .parser: "parser"
        case .parserVersion: "parser_version"
        case .actorType: "actor.type"
        case .actorID: "actor.id"
        case .actorName: "actor.name"
        case .actorEmail: "actor.email"
        case .actorOnBehalfOf: "actor.on_behalf_of"
        case .session: "session"
        case .action: "action"
        case .sourceAction: "source_action"
        case .category: "category"
        case .tenant: "tenant"
        case .surface: "surface"
        case .originIP: "origin.ip"
        case .originNet: "origin.net"
        case .originUserAgent: "origin.user_agent"
        case .originHost: "origin.host"
        case .approvalState: "approval.state"
        case .approvalBy: "approval.by"
        case .approvalRef: "approval.ref"
        case .approvalSubjectHash: "approval.subject_hash"
        case .policyID: "policy.id"
        case .policyVersion: "policy.version"
        case .outcome: "outcome"
        case .reason: "reason"
        case .severity: "severity"
        case .request: "request"
        case .trace: "trace"
        case .job: "job"
        case .correlation: "correlation"
        case .message: "message"
        }
    }
}
