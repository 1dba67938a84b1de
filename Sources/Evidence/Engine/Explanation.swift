import AuditModel

/// What somebody said about an exception: an event of proofline's own, sealed like any other.
///
/// It is printed beside the exception and changes nothing else: neither whether the item failed, nor a count, nor an outcome.
struct Explanation: Sendable {
    static let action = "proofline.exception.explain"
    static let targetType = "exception"

    /// `X-…` of one finding, or `K-…` of the same finding in every period.
    let exception: String
    let ticket: String
    /// Token of the person who answers for the exception.
    let owner: String
    /// Tokens of who wrote it and who agreed.
    let author: String
    let approver: String
    let reason: String
    let expires: Timestamp
    let row: EventRow

    /// Nil for an event that is no whole explanation.
    init?(_ row: EventRow) {
        let event = row.event
        guard event[.action] == Self.action, let target = event.targets.first(where: { $0.type == Self.targetType }), let exception = target.id,
            let ticket = event[.approvalRef], let owner = event.attribute("owner"), let author = event[.actorName],
            let approver = event[.approvalBy], let reason = event[.reason], let expires = event.approvalExpires
        else { return nil }
        (self.exception, self.ticket, self.owner, self.author) = (exception, ticket, owner, author)
        (self.approver, self.reason, self.expires, self.row) = (approver, reason, expires, row)
    }

    /// Whether it still holds at the end of the period: a pack knows no other clock.
    func holds(for period: Period) -> Bool { expires >= period.end }

    func sentence(_ period: Period) -> String {
        // It ends with its last day.
        let day = CalendarText.day(Timestamp(microseconds: expires.microseconds - 1))
        return holds(for: period)
            ? "Explained by \(author) under \(ticket), agreed by \(approver), owner \(owner), until \(day): \(reason)"
            : "The explanation by \(author) under \(ticket) ran out on \(day), owner \(owner): \(reason)"
    }
}

/// The explanations of a store, the latest of each exception.
struct Explanations: Sendable {
    private var latest: [String: Explanation] = [:]

    /// - Parameter rows: In time order.
    init(_ rows: [EventRow]) {
        for row in rows { if let explanation = Explanation(row) { latest[explanation.exception] = explanation } }
    }

    /// What was said about a finding; words on this one go before words on its kind.
    func of(id: String, key: String) -> Explanation? { latest[id] ?? latest[key] }
}
