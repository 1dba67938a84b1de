public import AuditModel

/// What is counted or measured of the events that match, and over which groups.
public struct Aggregation: Hashable, Sendable {
    /// The value of a group.
    public enum Measure: Hashable, Sendable {
        /// Number of events.
        case count
        /// Number of different values of a field, exactly; absent values are none.
        case distinct(EventField)
        /// The smallest, or largest, value of a column; text in the order of its bytes.
        case minimum(Column)
        case maximum(Column)
    }

    /// A column that has an order.
    public enum Column: Hashable, Sendable {
        case field(EventField)
        case integer(IntegerColumnName)

        /// As it is written in a query.
        public var name: String {
            switch self {
            case .field(let field): field.name
            case .integer(let name): name.rawValue
            }
        }
    }

    /// The integer columns that can be measured.
    public enum IntegerColumnName: String, CaseIterable, Hashable, Sendable {
        case seq, time, observed, replaces
        case timeBound = "time_bound"
        case approvalExpires = "approval.expires"
    }

    /// The order of groups.
    public enum Order: Hashable, Sendable {
        /// By time bucket, then by keys in the order of their bytes, absent ones first.
        case byKey
        /// The largest value first, then by key.
        case byValue
    }

    public var measure: Measure
    /// Fields whose values make groups.
    public var keys: [EventField]
    /// Buckets of time, as a further key.
    public var bucket: TimeBucket?
    public var order: Order
    /// Most groups to give.
    public var limit: Int?
    /// Whether events that lack a key are left out, rather than forming a group of their own.
    public var skipsAbsentKeys: Bool

    public init(
        _ measure: Measure, by keys: [EventField] = [], bucket: TimeBucket? = nil, order: Order? = nil, limit: Int? = nil,
        skipsAbsentKeys: Bool = false
    ) {
        self.measure = measure
        self.keys = keys
        self.bucket = bucket
        self.order = order ?? (bucket == nil ? .byValue : .byKey)
        self.limit = limit
        self.skipsAbsentKeys = skipsAbsentKeys
    }

    /// The name of the value's column in the answer.
    public var valueName: String {
        switch measure {
        case .count: "count"
        case .distinct: "distinct"
        case .minimum: "min"
        case .maximum: "max"
        }
    }
}

/// Buckets of time of one width, in UTC: hours and days as clocks have them, weeks from Monday.
public struct TimeBucket: Hashable, Sendable {
    /// Width in microseconds, at least a second.
    public let microseconds: Int64

    /// Reads `15m`, `1h`, `1d`, `1w` and the like; nil for anything else.
    public init?(_ text: String) {
        guard let width = QueryTime.span(text), width >= 1_000_000, width <= 366 * 86_400_000_000 else { return nil }
        microseconds = width
    }

    /// 1969-12-29, a Monday: where week buckets are counted from, so that all others fall on their clocks' marks too.
    private static let monday: Int64 = -3 * 86_400_000_000

    private var origin: Int64 { microseconds % (7 * 86_400_000_000) == 0 ? Self.monday : 0 }

    /// The number of the bucket that holds a moment.
    func number(_ time: Int64) -> Int64 {
        let (quotient, remainder) = (time &- origin).quotientAndRemainder(dividingBy: microseconds)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Where a bucket begins, in microseconds.
    func begin(_ number: Int64) -> Int64 { number &* microseconds &+ origin }
}
