import AuditModel

extension Event {
    /// An event for tests.
    static func at(
        _ time: String, _ action: String? = nil, actor: String? = nil, target: String? = nil, outcome: String = "success",
        _ fill: (inout Event) -> Void = { _ in }
    ) -> Event {
        var event = Event()
        event.time = Timestamp(rfc3339: time)
        event[.action] = action
        event[.actorEmail] = actor
        event[.outcome] = outcome
        if let target { event.targets = [Target(type: "user", id: target)] }
        fill(&event)
        return event
    }
}
