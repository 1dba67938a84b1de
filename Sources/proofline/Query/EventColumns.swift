import AuditModel

/// The columns in which events are shown to people and written as CSV.
enum EventColumns {
    static let titles = ["seq", "time", "source", "actor", "for", "action", "target", "tenant", "ip", "approval", "outcome", "message"]
    /// Those that a narrow terminal cuts.
    static let flexible: Set<Int> = [6, 11, 3, 4, 5, 8]

    /// The cells of one event. Empty where the source did not say.
    static func cells(seq: Int64, _ event: Event) -> [String] {
        [
            String(seq), event.time.map(short) ?? "", event[.source] ?? "", actor(event), event[.actorOnBehalfOf] ?? "",
            event[.action] ?? event[.sourceAction] ?? "", event.targets.map(target).joined(separator: ", "), event[.tenant] ?? "",
            [event[.originIP], event[.originNet].map { "(\($0))" }].compactMap { $0 }.joined(separator: " "), approval(event),
            event[.outcome] ?? "", event[.message] ?? "",
        ]
    }

    /// Milliseconds are what people compare; the exact time is in the JSON lines.
    private static func short(_ time: Timestamp) -> String { String(time.description.prefix(23)) + "Z" }

    private static func actor(_ event: Event) -> String {
        event[.actorEmail] ?? event[.actorName] ?? event[.actorID] ?? event[.actorType] ?? ""
    }

    private static func target(_ target: Event.Target) -> String {
        [target.type, target.name ?? target.id].compactMap { $0 }.joined(separator: ":")
    }

    private static func approval(_ event: Event) -> String {
        [event[.approvalState], event[.approvalRef]].compactMap { $0 }.joined(separator: " ")
    }
}
