/// An integer column of a segment.
public enum SegmentInteger: String, CaseIterable, Hashable, Sendable {
    /// Position in the store.
    case seq
    /// Version of the event's schema.
    case schema
    /// Event time, microseconds since 1970 in UTC.
    case time
    /// Half-width of the interval around the time, microseconds.
    case timeBound = "time_bound"
    /// When proofline first saw the record, microseconds since 1970 in UTC.
    case observed
    /// End of the approval, microseconds since 1970 in UTC.
    case approvalExpires = "approval.expires"
    /// Position of the event that this one supersedes.
    case replaces
}

/// A list column of a segment.
public enum SegmentList: String, CaseIterable, Hashable, Sendable {
    /// One member.
    case roles = "actor.roles"
    /// Members type, id, name.
    case targets
    /// Members field, before, after.
    case changes
    /// Members name, value.
    case attributes
    /// One member.
    case flags

    /// How many members an element has.
    public var memberCount: Int {
        switch self {
        case .roles, .flags: 1
        case .targets, .changes: 3
        case .attributes: 2
        }
    }
}
