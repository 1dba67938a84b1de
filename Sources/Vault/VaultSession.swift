import Cryptography
import Foundation
import GRDB

/// One batch's view of the vault, inside ``Vault/batch(_:)``.
public final class VaultSession {
    let vault: Vault
    let db: Database
    let memo: TokenMemo
    private var subjectKeys: [Int64: [UInt8]] = [:]

    init(vault: Vault, db: Database, memo: TokenMemo) {
        self.vault = vault
        self.db = db
        self.memo = memo
    }

    /// The token of an identity; a new one on a subject of its own where it was never seen or was erased.
    public func token(for identity: Identity) throws -> String {
        if let known = try find(identity) { return known.text }
        return try insert(identity, subject: newSubject(), namespace: nil).text
    }

    /// The token of an identity if it has one.
    public func existingToken(for identity: Identity) throws -> String? {
        try find(identity)?.text
    }

    /// The tokens of values that one actor or target carried in one event, in the order given; new ones hang on one subject.
    ///
    /// Where known values of two subjects meet, the subjects become one if both values are strong (id, e-mail or login) and the union has at most
    /// one id per namespace; else the pair is recorded as an alias and nothing is merged (docs/decisions/0041).
    ///
    /// - Parameter namespace: Where an `id` is unique: the source's name from the configuration.
    public func tokens(ofPerson identities: [Identity], namespace: String) throws -> [String] {
        if identities.count == 1 { return [try singleToken(identities[0], namespace: namespace)] }
        var texts = [String](repeating: "", count: identities.count)
        let ranks = try identities.map { try rank($0, namespace: namespace) }
        let order = identities.indices.sorted { ranks[$0] < ranks[$1] }
        var anchor: Anchor?
        for place in order {
            let identity = identities[place]
            guard !identity.isShared else {
                texts[place] = try token(for: identity)
                continue
            }
            if let known = try find(identity) {
                texts[place] = known.text
                anchor = try meet(known, anchor: anchor, namespace: namespace)
            } else {
                let subject = try subjectForNew(identity, anchor: anchor, among: identities, namespace: namespace)
                let isID = identity.role == .id
                let entry = try insert(identity, subject: subject, namespace: isID ? namespace : nil)
                texts[place] = entry.text
                if anchor == nil { anchor = Anchor(subject: subject, isStrong: identity.role.isStrong) }
            }
        }
        return texts
    }

    /// Strong values first. A bare word that another source used as an id comes last.
    private func rank(_ identity: Identity, namespace: String) throws -> Int64 {
        guard identity.role == .id, let known = try find(identity), !known.isStrong(in: namespace) else { return identity.role.rawValue }
        return Identity.Role.name.rawValue + 1
    }

    /// The subject that an event's values gather on.
    private struct Anchor {
        var subject: Int64
        var isStrong: Bool
    }

    private func singleToken(_ identity: Identity, namespace: String) throws -> String {
        if let known = try find(identity) { return known.text }
        return try insert(identity, subject: newSubject(), namespace: identity.role == .id ? namespace : nil).text
    }

    /// Takes note of a known value: it starts the anchor, joins it, or stays apart as an alias.
    private func meet(_ known: TokenMemo.Entry, anchor: Anchor?, namespace: String) throws -> Anchor {
        let isStrong = known.isStrong(in: namespace)
        guard let anchor else { return Anchor(subject: known.subject, isStrong: isStrong) }
        guard known.subject != anchor.subject else { return anchor }
        let pair = TokenMemo.SubjectPair(first: min(anchor.subject, known.subject), second: max(anchor.subject, known.subject))
        guard !memo.aliases.contains(pair) else { return anchor }
        let mayMerge = try anchor.isStrong && isStrong && !idsConflict(anchor.subject, known.subject)
        if mayMerge { try merge(known.subject, into: anchor.subject) }
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO alias VALUES (?, ?, ?)")
            .execute(arguments: mayMerge ? [anchor.subject, known.subject, 1] : [pair.first, pair.second, 0])
        if !mayMerge { memo.aliases.insert(pair) }
        return anchor
    }

    /// The subject that a new value goes to: the anchor's, else that of a strong value in the same event, else a new one.
    private func subjectForNew(
        _ identity: Identity, anchor: Anchor?, among identities: [Identity], namespace: String
    ) throws -> Int64 {
        if let anchor { return anchor.subject }
        for other in identities where other.role.isStrong && other != identity && !other.isShared {
            guard let known = try find(other), known.isStrong(in: namespace) else { continue }
            if identity.role == .id, try hasID(known.subject, namespace: namespace) { continue }
            return known.subject
        }
        return try newSubject()
    }

    private func hasID(_ subject: Int64, namespace: String) throws -> Bool {
        let sql = "SELECT 1 FROM token WHERE subject = ? AND role = \(Identity.Role.id.rawValue) AND namespace = ?"
        return try Bool.fetchOne(db.cachedStatement(sql: sql), arguments: [subject, namespace]) ?? false
    }

    /// Whether both subjects have an id in one namespace; then they are two persons, whatever address they share.
    private func idsConflict(_ first: Int64, _ second: Int64) throws -> Bool {
        let sql = """
            SELECT 1 FROM token a JOIN token b ON a.namespace = b.namespace
            WHERE a.subject = ? AND b.subject = ? AND a.role = \(Identity.Role.id.rawValue) AND b.role = \(Identity.Role.id.rawValue)
            """
        return try Bool.fetchOne(db.cachedStatement(sql: sql), arguments: [first, second]) ?? false
    }

    // MARK: Rows

    func find(_ identity: Identity) throws -> TokenMemo.Entry? {
        if let known = memo.find(identity) { return known }
        let statement = try db.cachedStatement(sql: "SELECT bits, subject, role, namespace FROM token WHERE lookup = ?")
        guard let row = try Row.fetchOne(statement, arguments: [vault.lookupValue(identity)]) else { return nil }
        let bits = UInt64(bitPattern: row[0] as Int64)
        let entry = TokenMemo.Entry(
            bits: bits, text: Token(kind: identity.kind, bits: bits).description, subject: row[1],
            role: Identity.Role(rawValue: row[2]) ?? .name, namespace: row[3], isDistinctive: identity.isDistinctive)
        memo.remember(identity, entry)
        return entry
    }

    func newSubject() throws -> Int64 {
        // Random, so that the order of subjects says nothing about the order of first sight.
        let id = Int64(bitPattern: SecureRandom.uint64() >> 1)
        let key = SecureRandom.bytes(32)
        let wrapped = try AESGCM.seal(key, key: vault.wrapKey, aad: Vault.bigEndian(UInt64(bitPattern: id)))
        try db.cachedStatement(sql: "INSERT INTO subject VALUES (?, ?)").execute(arguments: [id, Data(wrapped)])
        subjectKeys[id] = key
        return id
    }

    private func insert(_ identity: Identity, subject: Int64, namespace: String?) throws -> TokenMemo.Entry {
        var bits = SecureRandom.uint64()
        // 64 bits collide once in billions; erased tokens are never given again.
        while try isTaken(bits) { bits = SecureRandom.uint64() }
        let token = Token(kind: identity.kind, bits: bits)
        let salt = SecureRandom.bytes(32)
        let opened = salt + Array(identity.value.utf8)
        let box = try AESGCM.seal(opened, key: subjectKey(subject), aad: Vault.aad(token))
        let sql = "INSERT INTO token (bits, kind, subject, role, namespace, lookup, box, commitment) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        try db.cachedStatement(sql: sql).execute(arguments: [
            Int64(bitPattern: bits), identity.kind.rawValue, subject, identity.role.rawValue, namespace,
            vault.lookupValue(identity), Data(box), Data(SHA256.hash(opened).bytes),
        ])
        if let scope = identity.namespace {
            try db.cachedStatement(sql: "INSERT OR IGNORE INTO namespace VALUES (?)").execute(arguments: [scope])
        }
        let entry = TokenMemo.Entry(
            bits: bits, text: token.description, subject: subject, role: identity.role, namespace: namespace,
            isDistinctive: identity.isDistinctive)
        memo.remember(identity, entry)
        return entry
    }

    private func isTaken(_ bits: UInt64) throws -> Bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM token WHERE bits = ?1) OR EXISTS (SELECT 1 FROM erased WHERE bits = ?1)"
        return try Bool.fetchOne(db.cachedStatement(sql: sql), arguments: [Int64(bitPattern: bits)]) ?? false
    }

    func subjectKey(_ subject: Int64) throws -> [UInt8] {
        if let key = subjectKeys[subject] { return key }
        let key = try vault.openSubjectKey(subject, db)
        subjectKeys[subject] = key
        return key
    }

    /// Moves every value of `other` under the key of `subject` and destroys the other's key.
    private func merge(_ other: Int64, into subject: Int64) throws {
        let oldKey = try subjectKey(other)
        let newKey = try subjectKey(subject)
        let rows = try Row.fetchAll(db, sql: "SELECT bits, kind, box FROM token WHERE subject = ?", arguments: [other])
        for row in rows {
            let token = try Vault.token(row)
            let opened = try Vault.openBox(row[2], token, key: oldKey)
            let box = try AESGCM.seal(opened, key: newKey, aad: Vault.aad(token))
            try db.execute(
                sql: "UPDATE token SET subject = ?, box = ? WHERE bits = ?",
                arguments: [subject, Data(box), Int64(bitPattern: token.bits)])
        }
        try db.execute(sql: "DELETE FROM subject WHERE id = ?", arguments: [other])
        subjectKeys[other] = nil
        memo.noteMerge(of: other, into: subject)
    }
}
