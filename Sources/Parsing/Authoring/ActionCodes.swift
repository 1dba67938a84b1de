public import AuditModel

/// The vendor's codes that a definition has in its tables.
extension ParserDefinition {
    /// Whether a table of this definition, or of one that it hands parts to, has an entry for a vendor's code.
    public func maps(code: String) -> Bool {
        var code = code
        let isMapped = code.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return false }
            let slice = ByteSlice(base: base, count: bytes.count)
            return plan.bodies.contains { body in body.action.map { plan.tables[$0.table].find(slice) >= 0 } ?? false }
        }
        return isMapped || (Array(handOvers.values) + turns).contains { $0 !== self && $0.maps(code: code) }
    }

    /// Whether an event's code found no entry and became its domain's `other`.
    func lacksCode(of event: Event) -> Bool {
        guard let action = event[.action], action.hasSuffix(".activity.other") else { return false }
        return event[.sourceAction].map { !maps(code: $0) } ?? true
    }
}

/// Vendor codes without an entry in a table, counted.
public struct UnmappedCodes: Sendable {
    /// A code of a parser.
    public struct Key: Hashable, Sendable {
        /// The parser's id.
        public let parser: String
        /// The vendor's word; nil where the record names none.
        public let code: String?

        public init(parser: String, code: String?) {
            self.parser = parser
            self.code = code
        }
    }

    /// How often a code was seen, and when.
    public struct Count: Hashable, Sendable {
        /// The action that its events have.
        public var action: String
        public var events: Int
        /// Times of the first and last event; nil where none has a time of its own.
        public var first: Timestamp?
        public var last: Timestamp?
        /// Whether a table has it by now: the events were stored before.
        public var isMappedNow: Bool

        public init(action: String, events: Int, first: Timestamp?, last: Timestamp?, isMappedNow: Bool) {
            self.action = action
            self.events = events
            self.first = first
            self.last = last
            self.isMappedNow = isMappedNow
        }
    }

    /// By parser and code.
    public private(set) var counts: [Key: Count] = [:]
    /// Events that were looked at.
    public var events = 0

    public init() {}

    /// Adds a count.
    public mutating func add(_ key: Key, _ count: Count) {
        guard var known = counts[key] else {
            counts[key] = count
            return
        }
        known.events += count.events
        known.first = [known.first, count.first].compactMap { $0 }.min()
        known.last = [known.last, count.last].compactMap { $0 }.max()
        counts[key] = known
    }

    /// Counts a record's events that lack an entry.
    public mutating func add(_ record: ParsedRecord, of definition: ParserDefinition) {
        guard case .events(let parsed) = record.result else { return }
        for event in parsed.lazy.map(\.event) {
            events += 1
            guard definition.lacksCode(of: event) else { continue }
            add(
                Key(parser: definition.id, code: event[.sourceAction]),
                Count(action: event[.action] ?? "", events: 1, first: event.time, last: event.time, isMappedNow: false))
        }
    }

    /// The most frequent first.
    public var ranked: [(key: Key, count: Count)] {
        counts.sorted { a, b in
            (b.value.events, a.key.parser, a.key.code ?? "") < (a.value.events, b.key.parser, b.key.code ?? "")
        }.map { ($0.key, $0.value) }
    }
}
