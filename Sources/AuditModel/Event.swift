/// One normalized record: who did what to which target, through which surface, with which approval, under which policy,
/// with what outcome (docs/formats/event.md).
///
/// Before minimization the identity fields hold what the source wrote; a stored event holds tokens there. Absent differs
/// from empty: a nil field was not said, an empty text was. An empty list is the same as an absent one and is not written.
public struct Event: Hashable, Sendable {
    /// The schema version that this build writes.
    public static let currentSchema = 1

    /// Marks in ``flags``.
    public enum Flag {
        /// The record had no time of its own; `time` is when it was observed.
        public static let timeObserved = "time_observed"
        /// The source used this `event_id` before, for a record with other bytes.
        public static let eventIDReused = "event_id_reused"
        /// A text was longer than its limit and was cut.
        public static let truncated = "truncated"
    }

    /// The schema version of this row. Compaction never changes it.
    public var schema = Event.currentSchema
    /// When it happened, as the source says.
    public var time: Timestamp?
    /// Half-width of the interval around `time` in which it happened, in microseconds.
    public var timeBoundMicroseconds: Int64?
    /// When proofline first saw the record.
    public var observed: Timestamp?
    /// When the approval ends.
    public var approvalExpires: Timestamp?
    /// The roles the actor held while acting.
    public var roles: [String] = []
    /// What was acted on, in the source's order.
    public var targets: [Target] = []
    /// What changed, in the source's order.
    public var changes: [Change] = []
    /// Allow-listed extras, sorted by name in UTF-16 code units, names unique.
    public private(set) var attributes: [Attribute] = []
    /// Marks set by ingestion (``Flag``), sorted.
    public private(set) var flags: [String] = []
    /// Position of the event that this one supersedes (reparse).
    public var replaces: Int64?

    private var texts: [String?] = Array(repeating: nil, count: EventField.count)

    /// An event that says nothing yet.
    public init() {}

    /// The text of a scalar field, or nil where the source did not say it.
    public subscript(field: EventField) -> String? {
        get { texts[Int(field.rawValue)] }
        set { texts[Int(field.rawValue)] = newValue }
    }

    /// The value of an attribute, or nil.
    public func attribute(_ name: String) -> String? {
        attributes.first { $0.name == name }?.value
    }

    /// Sets or replaces an attribute.
    public mutating func setAttribute(_ name: String, _ value: String) {
        // Parsers give attributes in order.
        if attributes.last.map({ CanonicalJSON.keyPrecedes($0.name, name) }) ?? true {
            attributes.append(Attribute(name: name, value: value))
            return
        }
        let position = attributes.firstIndex { !CanonicalJSON.keyPrecedes($0.name, name) } ?? attributes.count
        if position < attributes.count, attributes[position].name == name {
            attributes[position].value = value
        } else {
            attributes.insert(Attribute(name: name, value: value), at: position)
        }
    }

    /// Removes an attribute if it is there.
    public mutating func removeAttribute(_ name: String) {
        attributes.removeAll { $0.name == name }
    }

    /// Adds a mark once.
    public mutating func setFlag(_ flag: String) {
        let position = flags.firstIndex { $0 >= flag } ?? flags.count
        if position < flags.count, flags[position] == flag { return }
        flags.insert(flag, at: position)
    }

    /// What was acted on.
    public struct Target: Hashable, Sendable {
        /// Kind of thing in lower snake case: `user`, `repository`, `bucket`.
        public var type: String?
        public var id: String?
        public var name: String?

        public init(type: String? = nil, id: String? = nil, name: String? = nil) {
            self.type = type
            self.id = id
            self.name = name
        }

        /// Whether this kind of target is a person or something that stands for one.
        public var isIdentity: Bool { type.map(Self.identityTypes.contains) ?? false }

        /// The kinds whose `id` and `name` are identities.
        public static let identityTypes: Set<String> = ["user", "device", "mailbox", "person"]
    }

    /// One changed property.
    public struct Change: Hashable, Sendable {
        public var field: String
        public var before: String?
        public var after: String?

        public init(field: String, before: String? = nil, after: String? = nil) {
            self.field = field
            self.before = before
            self.after = after
        }
    }

    /// An allow-listed extra.
    public struct Attribute: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }
}
