public import AuditModel

/// Rows that must not be deleted, whatever their age: begun and ended by `hold` entries of the log.
public struct LegalHold: Hashable, Sendable {
    /// What it is called, such as a matter's number.
    public let id: String
    /// The sources it covers; empty for all.
    public let sources: [String]
    /// Event times that it covers: `from ..< until`, a missing bound is open.
    public let from: Timestamp?
    public let until: Timestamp?
    /// The entry that began it, and when.
    public let entry: UInt64
    public let begun: Timestamp

    /// Whether it covers an event of a source at a time. An event without a time is covered by every hold on its source.
    public func covers(source: String, time: Timestamp?) -> Bool {
        guard sources.isEmpty || sources.contains(source) else { return false }
        guard let time else { return true }
        return (from.map { time >= $0 } ?? true) && (until.map { time < $0 } ?? true)
    }

    /// The holds in force after these entries, in the order in which they began.
    static func active(_ entries: [LogEntry]) throws -> [LegalHold] {
        var active: [LegalHold] = []
        for entry in entries where entry.kind == .hold {
            guard let id = entry.json["hold"]?.string, let action = entry.json["action"]?.string else { continue }
            active.removeAll { $0.id == id }
            guard action == "begin" else { continue }
            guard let at = entry.json["at"]?.string.flatMap({ Timestamp(rfc3339: $0) }) else {
                throw StoreError(.damaged, "the hold at log index \(entry.logIndex) has no time: run `proofline fsck`")
            }
            active.append(
                LegalHold(
                    id: id, sources: entry.json["sources"]?.array?.compactMap(\.string) ?? [],
                    from: entry.json["from"]?.string.flatMap { Timestamp(rfc3339: $0) },
                    until: entry.json["until"]?.string.flatMap { Timestamp(rfc3339: $0) }, entry: entry.logIndex, begun: at))
        }
        return active
    }
}

extension StoreSnapshot {
    /// Legal holds that are in force at the checkpoint.
    public func holds() throws -> [LegalHold] { try LegalHold.active(entries([.hold])) }
}

extension EventStore {
    /// Begins a legal hold.
    ///
    /// - Parameters:
    ///   - id: A matter's number or the like; at most ``StoreLimits/identifierBytes``, and not in force already.
    ///   - sources: The sources it covers; empty for all.
    /// - Returns: The entry's place in the log.
    public func beginHold(_ id: String, sources: [String], from: Timestamp? = nil, until: Timestamp? = nil) throws -> UInt64 {
        guard !id.isEmpty, id.utf8.count <= StoreLimits.identifierBytes else {
            throw StoreError(.invalidDraft, "a hold's name has 1 to \(StoreLimits.identifierBytes) bytes")
        }
        guard try !snapshot().holds().contains(where: { $0.id == id }) else {
            throw StoreError(.invalidDraft, "the hold \(id) is in force already: end it first, or choose another name")
        }
        var fields: [String: JSONValue] = ["action": "begin", "hold": .string(id)]
        if !sources.isEmpty { fields["sources"] = .array(sources.sorted().map { .string($0) }) }
        fields["from"] = from.map { .string($0.description) }
        fields["until"] = until.map { .string($0.description) }
        return try appendEntry(.hold, fields)
    }

    /// Ends a legal hold; what it kept is deleted by the next retention that covers it.
    public func endHold(_ id: String) throws -> UInt64 {
        let known = try snapshot().holds().map(\.id)
        guard known.contains(id) else {
            let hint = NearestName.of(id, in: known).map { "; did you mean `\($0)`?" } ?? ""
            throw StoreError(.notFound, "no hold `\(id)` is in force\(hint)")
        }
        return try appendEntry(.hold, ["action": "end", "hold": .string(id)])
    }
}
