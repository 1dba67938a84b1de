import AuditModel

/// A question put to the timeline, as a tree: what `proofline query` and report definitions write (docs/query.md).
///
/// A filter still speaks of identities as people write them. ``ResolvedFilter`` is the same with tokens in their place; only
/// that can be evaluated, so that nobody compares a name with a token by mistake.
public indirect enum Filter: Hashable, Sendable {
    /// Every event.
    case all
    case and([Filter])
    case or([Filter])
    case not(Filter)
    /// The field, or any of the fields, that the selector names holds a value like the pattern.
    case field(FieldSelector, TextPattern)
    /// The event's time is in `from ..< until`; a missing bound is open.
    case time(from: Timestamp?, until: Timestamp?)
    /// The word stands anywhere in the event's texts.
    case word(String)

    /// The narrowest interval outside which no event can match, for pruning: `from ..< until`.
    public var timeBounds: (from: Timestamp?, until: Timestamp?) {
        switch self {
        case .time(let from, let until): return (from, until)
        case .and(let filters):
            return filters.map(\.timeBounds).reduce((nil, nil)) { all, one in
                (Self.pick(all.from, one.from, by: max), Self.pick(all.until, one.until, by: min))
            }
        case .or(let filters):
            let bounds = filters.map(\.timeBounds)
            let from = bounds.contains { $0.from == nil } ? nil : bounds.compactMap(\.from).min()
            let until = bounds.contains { $0.until == nil } ? nil : bounds.compactMap(\.until).max()
            return (from, until)
        case .all, .not, .field, .word: return (nil, nil)
        }
    }

    private static func pick(_ a: Timestamp?, _ b: Timestamp?, by choose: (Timestamp, Timestamp) -> Timestamp) -> Timestamp? {
        guard let a, let b else { return a ?? b }
        return choose(a, b)
    }
}
