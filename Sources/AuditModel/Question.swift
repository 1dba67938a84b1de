/// One of the eight questions an audit trail must answer about each event.
public enum Question: String, CaseIterable, Hashable, Sendable {
    case when
    case who
    case what
    case toWhat = "to_what"
    case through
    case approval
    case policy
    case outcome

    /// Whether an event answers a question, does not, or need not.
    public enum Answer: String, Hashable, Sendable {
        case known, unknown
        case notApplicable = "not_applicable"
    }

    /// Tells whether `event` answers this question.
    ///
    /// - Parameter notApplicable: The questions that the event's parser definition declares as not applicable.
    public func answer(in event: Event, notApplicable: Set<Question> = []) -> Answer {
        if isKnown(in: event) { return .known }
        return notApplicable.contains(self) ? .notApplicable : .unknown
    }

    private func isKnown(in event: Event) -> Bool {
        func any(_ fields: EventField...) -> Bool { fields.contains { event[$0] != nil } }
        switch self {
        case .when: return event.time != nil && !event.flags.contains(Event.Flag.timeObserved)
        case .who: return any(.actorID, .actorName, .actorEmail)
        case .what: return any(.action)
        case .toWhat: return !event.targets.isEmpty || any(.tenant)
        case .through: return any(.surface, .originIP, .originUserAgent, .originHost)
        case .approval: return any(.approvalState)
        case .policy: return any(.policyID)
        case .outcome: return event[.outcome].map { $0 != "unknown" } ?? false
        }
    }
}
