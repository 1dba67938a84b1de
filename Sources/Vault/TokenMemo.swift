/// The identities that this process met, so that a known one costs a dictionary look-up and no SQL.
///
/// Bounded: at its limit it starts anew at the next batch. What a failed batch added is taken back. Not thread-safe: ``Vault`` touches it
/// under its lock alone. A class, because a copy of a quarter million entries per batch would cost more than the batch.
final class TokenMemo {
    struct Entry {
        let bits: UInt64
        let text: String
        var subject: Int64
        let role: Identity.Role
        /// Where an id is unique.
        let namespace: String?
        /// Whether the value is one that only one person has, whoever says it: not a bare word such as `alex`.
        let isDistinctive: Bool

        /// Whether meeting this value in a record of `source` says who the person is. A bare word that another source used as an id
        /// is a coincidence here.
        func isStrong(in source: String) -> Bool {
            role.isStrong && (role != .id || namespace == source || isDistinctive)
        }
    }

    static let limit = 1 << 18

    private var entries: [Key: Entry] = [:]
    private var added: [Key] = []
    /// Subjects that went into others in this process.
    private var merged: [Int64: Int64] = [:]
    /// Pairs already recorded as aliases.
    var aliases: Set<SubjectPair> = []

    private struct Key: Hashable {
        let kind: IdentityKind
        let value: String
        let namespace: String?

        init(_ identity: Identity) {
            kind = identity.kind
            value = identity.value
            namespace = identity.namespace
        }
    }

    struct SubjectPair: Hashable {
        let first: Int64
        let second: Int64
    }

    func begin() {
        if entries.count > Self.limit { entries.removeAll(keepingCapacity: true) }
        added.removeAll(keepingCapacity: true)
    }

    func forget() {
        entries.removeAll()
        merged.removeAll()
        aliases.removeAll()
        added.removeAll()
    }

    func keep() { added.removeAll(keepingCapacity: true) }

    func rollBack() {
        // A merge rewrites subjects of older entries too, so nothing remembered is safe after a failure.
        if !merged.isEmpty { entries.removeAll() }
        for key in added { entries[key] = nil }
        merged.removeAll()
        aliases.removeAll()
        added.removeAll()
    }

    func find(_ identity: Identity) -> Entry? {
        guard var entry = entries[Key(identity)] else { return nil }
        while let next = merged[entry.subject] { entry.subject = next }
        return entry
    }

    func remember(_ identity: Identity, _ entry: Entry) {
        let key = Key(identity)
        entries[key] = entry
        added.append(key)
    }

    func noteMerge(of other: Int64, into subject: Int64) { merged[other] = subject }
}
