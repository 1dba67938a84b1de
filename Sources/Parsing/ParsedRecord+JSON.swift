import AuditModel

extension ParsedRecord {
    /// The record as `proofline parse` and fixtures show it: one canonical JSON object per event, each with `line`; or one
    /// with `quarantined`, or `skipped`. The parser's own version is left out, so that fixtures outlive it.
    public var shownJSON: [JSONValue] {
        switch result {
        case .events(let events):
            return events.map { parsed in
                guard case .object(var members) = parsed.event.json else { return .null }
                members["line"] = .integer(Int64(firstLine))
                members["parser_version"] = nil
                return .object(members)
            }
        case .quarantined(let reason): return [["line": .integer(Int64(firstLine)), "quarantined": .string(reason)]]
        case .skipped(let rule): return [["line": .integer(Int64(firstLine)), "skipped": .string(rule)]]
        }
    }
}
