public import AuditModel

/// The columns that an index file covers: those by which people follow an actor, a target or a request through time.
public enum PivotColumn: String, CaseIterable, Hashable, Sendable {
    case actorID = "actor.id"
    case actorName = "actor.name"
    case actorEmail = "actor.email"
    case actorOnBehalfOf = "actor.on_behalf_of"
    case session = "session"
    case tenant = "tenant"
    case originIP = "origin.ip"
    case approvalBy = "approval.by"
    case approvalRef = "approval.ref"
    case request = "request"
    case trace = "trace"
    case job = "job"
    case correlation = "correlation"
    case eventID = "event_id"
    /// The `id` of any of the event's targets.
    case targetID = "targets.id"
    /// The `name` of any of the event's targets.
    case targetName = "targets.name"

    /// The scalar field it covers; nil for members of `targets`.
    public var field: EventField? { EventField(name: rawValue) }
}
