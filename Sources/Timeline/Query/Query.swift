/// A whole query: which events, and what to make of them (docs/query.md).
///
/// `filter | stage | stage`: the filter comes first and may be empty; at most one stage counts or measures, and `first N` may follow.
public struct Query: Hashable, Sendable {
    /// Which events.
    public var filter: Filter
    /// What is counted of them; nil gives the events themselves.
    public var aggregation: Aggregation?
    /// Most rows or groups to give; nil for all.
    public var limit: Int?
    /// The stages as they were written, one space between words; they name fields and numbers, never people.
    public var stages: [String] = []

    public init(filter: Filter, aggregation: Aggregation? = nil, limit: Int? = nil) {
        self.filter = filter
        self.aggregation = aggregation
        self.limit = limit
    }
}
