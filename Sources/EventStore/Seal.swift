import AuditModel
import Cryptography
import TransparencyLog

/// Composes the log entry that commits a batch (docs/formats/seal.md).
struct Seal {
    /// What the store adds to a draft.
    struct Place {
        var committed: Timestamp
        var epoch: Int64
        var firstSeq: Int64
        var minTime: Timestamp?
        var maxTime: Timestamp?
        var rowsRoot: MerkleHash?
        var bindingsRoot: MerkleHash?
        var previousSeal: SHA256Digest?
    }

    /// The entry's bytes in canonical JSON.
    ///
    /// - Throws: ``StoreError`` with `entryTooLarge`.
    static func entry(_ draft: BatchDraft, _ place: Place) throws -> [UInt8] {
        var members: [String: JSONValue] = [
            "v": 1, "type": "batch", "source": .string(draft.source), "mode": .string(draft.mode.rawValue),
            "committed": .string(place.committed.description), "epoch": .integer(place.epoch),
            "firstSeq": .integer(place.firstSeq), "count": .integer(Int64(draft.eventCount)),
            "events": .integer(Int64(draft.eventCount)), "received": .integer(draft.counts.received),
            "parsed": .integer(draft.counts.parsed), "duplicates": .integer(draft.counts.duplicates),
            "quarantined": .integer(draft.counts.quarantined), "skipped": .integer(draft.counts.skipped),
            "schema": .integer(Int64(Event.currentSchema)), "parser": json(draft.parser), "policy": json(draft.policy),
        ]
        members["instance"] = draft.instance.map { .string($0) }
        members["minTime"] = place.minTime.map { .string($0.description) }
        members["maxTime"] = place.maxTime.map { .string($0.description) }
        members["rowsRoot"] = place.rowsRoot.map { .string($0.hex) }
        members["rawRoot"] = draft.rawRoot.map { .string($0.hex) }
        members["prevSeal"] = place.previousSeal.map { .string($0.hex) }
        if let root = place.bindingsRoot {
            members["bindingsRoot"] = .string(root.hex)
            members["bindingsCount"] = .integer(Int64(draft.bindings.count))
        }
        if let correction = draft.correction {
            members["resolved"] = .object(correction.counts.json)
            members["parserBefore"] = json(correction.before)
        }
        var cursor: [String: JSONValue] = [:]
        cursor["from"] = draft.cursorFrom
        cursor["to"] = draft.cursorTo
        if !cursor.isEmpty { members["cursor"] = .object(cursor) }
        if let dropped = counts(draft.dropped, limit: StoreLimits.droppedNames) { members["dropped"] = dropped }
        if let minimized = counts(draft.minimized, limit: StoreLimits.droppedNames) { members["minimized"] = minimized }
        return try LogEntryBytes.canonical(members)
    }

    /// The most frequent names with their counts; what is over the limit is summed as `other`.
    private static func counts(_ all: [String: Int], limit: Int) -> JSONValue? {
        let ranked = all.filter { $0.key != "other" }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var kept: [String: JSONValue] = [:]
        for (name, count) in ranked.prefix(limit) { kept[name] = .integer(Int64(count)) }
        let other = ranked.dropFirst(limit).reduce(all["other"] ?? 0) { $0 + $1.value }
        if other > 0 { kept["other"] = .integer(Int64(other)) }
        return kept.isEmpty ? nil : .object(kept)
    }

    static func json(_ reference: DefinitionReference) -> JSONValue {
        ["id": .string(reference.id), "version": .string(reference.version), "sha256": .string(reference.sha256)]
    }
}

/// Canonical bytes of a log entry, within the limit.
enum LogEntryBytes {
    static func canonical(_ members: [String: JSONValue]) throws -> [UInt8] {
        let bytes = JSONValue.object(members).canonicalBytes
        guard bytes.count <= StoreLimits.entryBytes else {
            throw StoreError(
                .entryTooLarge, "a log entry of \(bytes.count) bytes is over the limit of \(StoreLimits.entryBytes): shorten what it carries")
        }
        return bytes
    }
}
