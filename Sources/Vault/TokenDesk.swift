import Cryptography
import Foundation
import GRDB

/// Gives tokens in memory and keeps what was given until it is written.
///
/// A token that is asked for is found in the memo, else in the file, else made: random bits, a sealed value and, for a new person, a sealed key.
/// The rows wait in ``PendingWrites`` for ``flush(salts:)``. Whoever uses a token before it is durable must not commit anything with it.
///
/// Not thread-safe: ``Vault`` touches it under its lock alone.
final class TokenDesk {
    private let lookupKey: HMACSHA256
    private let keys: AESGCMSealer
    private let values: AESGCMSealer
    private let random = RandomPool()
    private let memo = TokenMemo()
    @exclusivity(unchecked) private var subjects = SubjectTable()
    @exclusivity(unchecked) private var names = NameTable()
    @exclusivity(unchecked) private(set) var pending = PendingWrites()
    private let rows: TokenRows
    /// Whether the memo knows every token there is: the file held none when the memo began.
    @exclusivity(unchecked) private var isComplete: Bool
    @exclusivity(unchecked) private var writtenScopes: Set<String> = []
    /// The high bits of subjects made until the next flush: those of no subject in the file.
    @exclusivity(unchecked) private var flushNumber: Int64
    private static let subjectRandomBits = 40
    /// For the values of one call: whether the file was asked in vain, and their look-ups.
    @exclusivity(unchecked) private var isAbsent: [Bool] = []
    @exclusivity(unchecked) private var lookups: [SHA256Digest?] = []
    @exclusivity(unchecked) private var order: [Int] = []
    @exclusivity(unchecked) private var ranks: [Int64] = []
    @exclusivity(unchecked) private var opened: [UInt8] = []

    init(lookupKey: HMACSHA256, wrapKey: [UInt8], rows: TokenRows) throws {
        self.lookupKey = lookupKey
        keys = try AESGCMSealer(key: wrapKey)
        values = try AESGCMSealer()
        self.rows = rows
        isComplete = try rows.isEmpty()
        flushNumber = try rows.lastSubject() >> Self.subjectRandomBits + 1
    }

    /// Forgets all that was given and not written, and what the memo learned with it.
    func rollBack() throws {
        pending.clear()
        memo.forget()
        subjects.forget()
        writtenScopes.removeAll()
        rows.forget()
        isComplete = try rows.isEmpty()
    }

    /// Tells that the pending rows are in the file.
    func wrote() throws {
        writtenScopes.formUnion(pending.scopes)
        pending.clear()
        flushNumber += 1
        guard memo.count > TokenMemo.limit || subjects.count > SubjectTable.limit else { return }
        memo.forget()
        subjects.forget()
        rows.forget()
        isComplete = try rows.isEmpty()
    }

    /// Writes what is pending, in the transaction that the caller holds open; ``wrote()`` follows its end.
    ///
    /// - Returns: The number of the row that lists the new tokens as waiting for a seal, or nil where there are none.
    func write(_ db: Database) throws -> Int64? {
        try rows.write(pending, names: { names.names[Int($0)] }, key: { try key(of: $0) }, db)
    }

    // MARK: Asking

    /// The token's bits of a value, if it has a token.
    func existing(_ scratch: IdentityScratch, _ place: Int) throws -> UInt64? {
        begin(scratch)
        return try find(scratch, place)?.bits
    }

    /// The token's bits of a value; a new one on a subject of its own where it was never seen or was erased.
    func token(_ scratch: IdentityScratch, _ place: Int) throws -> UInt64 {
        begin(scratch)
        if let known = try find(scratch, place) { return known.bits }
        return try insert(scratch, place, subject: newSubject(), namespace: -1).bits
    }

    /// The tokens' bits of the values that one actor or target carried in one event, in their order; new ones hang on one subject
    /// (``VaultSession/tokens(ofPerson:namespace:)``).
    func tokens(ofPerson scratch: IdentityScratch, namespace name: String, into bits: inout [UInt64]) throws {
        begin(scratch)
        let namespace = names.number(of: name)
        bits.removeAll(keepingCapacity: true)
        bits.append(contentsOf: repeatElement(0, count: scratch.count))
        if scratch.count == 1 {
            bits[0] =
                try find(scratch, 0)?.bits
                ?? insert(scratch, 0, subject: newSubject(), namespace: scratch.values[0].role == .id ? namespace : -1).bits
            return
        }
        try rank(scratch, namespace)
        var anchor: Anchor?
        for step in order.indices {
            let place = order[step]
            let value = scratch.values[place]
            if let known = try find(scratch, place) {
                bits[place] = known.bits
                if !value.isShared { anchor = try meet(known, anchor: anchor, namespace) }
            } else if value.isShared {
                bits[place] = try insert(scratch, place, subject: newSubject(), namespace: -1).bits
            } else {
                let subject = try subjectForNew(scratch, place, anchor: anchor, namespace)
                bits[place] = try insert(scratch, place, subject: subject, namespace: value.role == .id ? namespace : -1).bits
                if anchor == nil { anchor = Anchor(subject: subject, isStrong: value.role.isStrong) }
            }
        }
    }

    private func begin(_ scratch: IdentityScratch) {
        isAbsent.removeAll(keepingCapacity: true)
        isAbsent.append(contentsOf: repeatElement(false, count: scratch.count))
        lookups.removeAll(keepingCapacity: true)
        lookups.append(contentsOf: repeatElement(nil, count: scratch.count))
    }

    /// Strong values first, in a stable order. A bare word that another source used as an id comes last.
    private func rank(_ scratch: IdentityScratch, _ namespace: Int32) throws {
        order.removeAll(keepingCapacity: true)
        ranks.removeAll(keepingCapacity: true)
        for place in 0..<scratch.count {
            var rank = scratch.values[place].role.rawValue
            if scratch.values[place].role == .id, let known = try find(scratch, place), !known.isStrong(in: namespace) {
                rank = Identity.Role.name.rawValue + 1
            }
            var position = order.count
            while position > 0, ranks[position - 1] > rank { position -= 1 }
            order.insert(place, at: position)
            ranks.insert(rank, at: position)
        }
    }

    /// The subject that an event's values gather on.
    private struct Anchor {
        var subject: Int64
        var isStrong: Bool
    }

    /// Takes note of a known value: it starts the anchor, joins it, or stays apart as an alias.
    private func meet(_ known: TokenMemo.Entry, anchor: Anchor?, _ namespace: Int32) throws -> Anchor {
        let isStrong = known.isStrong(in: namespace)
        guard let anchor else { return Anchor(subject: known.subject, isStrong: isStrong) }
        guard known.subject != anchor.subject else { return anchor }
        let pair = TokenMemo.SubjectPair(first: min(anchor.subject, known.subject), second: max(anchor.subject, known.subject))
        guard !memo.aliases.contains(pair) else { return anchor }
        if try anchor.isStrong && isStrong && !idsConflict(anchor.subject, known.subject) {
            try merge(known.subject, into: anchor.subject)
            pending.add(.alias(first: anchor.subject, second: known.subject, isMerged: true))
        } else {
            pending.add(.alias(first: pair.first, second: pair.second, isMerged: false))
            memo.aliases.insert(pair)
        }
        return anchor
    }

    /// The subject that a new value goes to: the anchor's, else that of a strong value in the same event, else a new one.
    private func subjectForNew(_ scratch: IdentityScratch, _ place: Int, anchor: Anchor?, _ namespace: Int32) throws -> Int64 {
        if let anchor { return anchor.subject }
        for other in 0..<scratch.count {
            let value = scratch.values[other]
            guard value.role.isStrong, !value.isShared, !scratch.areSame(place, other) else { continue }
            guard let known = try find(scratch, other), known.isStrong(in: namespace) else { continue }
            if scratch.values[place].role == .id, try whole(known.subject).hasID(in: namespace) { continue }
            return known.subject
        }
        return try newSubject()
    }

    // MARK: Subjects

    /// Whether both subjects have an id in one namespace; then they are two persons, whatever address they share.
    private func idsConflict(_ first: Int64, _ second: Int64) throws -> Bool {
        let other = try whole(second)
        return try whole(first).namespaces.contains { other.hasID(in: $0) }
    }

    /// A subject whose namespaces are all known.
    private func whole(_ id: Int64) throws -> SubjectTable.Subject {
        var subject = subjects[id]
        guard !subject.isWhole else { return subject }
        for name in try rows.namespaces(of: id) { subject.addID(in: names.number(of: name)) }
        subject.isWhole = true
        subjects[id] = subject
        return subject
    }

    private func merge(_ other: Int64, into subject: Int64) throws {
        let gone = try whole(other)
        var kept = try whole(subject)
        for namespace in gone.namespaces { kept.addID(in: namespace) }
        subjects[subject] = kept
        memo.noteMerge(of: other, into: subject)
        pending.add(.merge(other: other, subject: subject))
    }

    private func newSubject() throws -> Int64 {
        // Random within one flush, so that the order of subjects says nothing about the order of first sight; flush by flush higher, so that a
        // flush touches few pages.
        var id: Int64
        repeat {
            id = flushNumber << Self.subjectRandomBits | Int64(truncatingIfNeeded: random.uint64() >> UInt64(64 - Self.subjectRandomBits))
        } while subjects.holds(id)
        let key = [UInt8](unsafeUninitializedCapacity: AESGCM.keySizeBytes) { buffer, count in
            random.fill(buffer.baseAddress!, count: AESGCM.keySizeBytes)
            count = AESGCM.keySizeBytes
        }
        var aad = UInt64(bitPattern: id).bigEndian
        try pending.addSubject(id) { target in
            try key.withUnsafeBytes { key in
                try withUnsafeBytes(of: &aad) { try keys.seal(key, aad: $0, into: target) }
            }
        }
        var subject = SubjectTable.Subject()
        subject.key = key
        subject.isWhole = true
        subjects[id] = subject
        return id
    }

    /// The key of a subject, from memory or the file.
    func key(of id: Int64) throws -> [UInt8] {
        var subject = subjects[id]
        guard subject.key.isEmpty else { return subject.key }
        subject.key = try rows.key(of: id)
        subjects[id] = subject
        return subject.key
    }

    // MARK: Values

    private func find(_ scratch: IdentityScratch, _ place: Int) throws -> TokenMemo.Entry? {
        if let known = scratch.withKey(place, { memo.find($0) }) { return known }
        guard !isComplete, !isAbsent[place] else { return nil }
        let value = scratch.values[place]
        guard let row = try rows.find(lookup(scratch, place)) else {
            isAbsent[place] = true
            return nil
        }
        let entry = TokenMemo.Entry(
            bits: row.bits, subject: memo.current(row.subject), kind: value.kind, role: row.role, isDistinctive: value.isDistinctive,
            namespace: row.namespace.map { names.number(of: $0) } ?? -1)
        scratch.withKey(place) { memo.remember($0, entry) }
        return entry
    }

    private func lookup(_ scratch: IdentityScratch, _ place: Int) -> SHA256Digest {
        if let known = lookups[place] { return known }
        let made = scratch.withKey(place) { lookupKey.authenticate($0) }
        lookups[place] = made
        return made
    }

    private func insert(_ scratch: IdentityScratch, _ place: Int, subject: Int64, namespace: Int32) throws -> TokenMemo.Entry {
        let value = scratch.values[place]
        // 64 bits meet once in billions; then the file refuses the row and nothing of the flush is used.
        let bits = random.uint64()
        let key = try key(of: subject)
        let lookup = lookup(scratch, place)
        let saltBytes = 32
        let size = saltBytes + value.valueCount
        if opened.count < size { opened = [UInt8](repeating: 0, count: 2 * size) }
        try pending.addToken(
            bits: bits, subject: subject, kind: value.kind, role: value.role, namespace: namespace, boxCount: size + AESGCM.overheadBytes
        ) { target in
            try opened.withUnsafeMutableBytes { opened in
                random.fill(opened.baseAddress!, count: saltBytes)
                scratch.withKey(place) { key in
                    (opened.baseAddress! + saltBytes).copyMemory(from: key.baseAddress! + 1, byteCount: value.valueCount)
                }
                let plain = UnsafeRawBufferPointer(rebasing: opened[..<size])
                lookup.withUnsafeBytes { target.copyMemory(from: $0.baseAddress!, byteCount: PendingWrites.digestBytes) }
                SHA256.hash(plain).withUnsafeBytes {
                    (target + PendingWrites.digestBytes).copyMemory(from: $0.baseAddress!, byteCount: PendingWrites.digestBytes)
                }
                try withUnsafeTemporaryAllocation(byteCount: 9, alignment: 1) { aad in
                    aad[0] = UInt8(truncatingIfNeeded: value.kind.rawValue)
                    aad.storeBytes(of: bits.bigEndian, toByteOffset: 1, as: UInt64.self)
                    try key.withUnsafeBytes {
                        try values.seal(
                            plain, key: $0.baseAddress!, aad: UnsafeRawBufferPointer(aad), into: target + 2 * PendingWrites.digestBytes)
                    }
                }
            }
        }
        if let scope = scratch.scopes[place], !writtenScopes.contains(scope) { pending.scopes.insert(scope) }
        if namespace >= 0 { subjects.addID(of: subject, in: namespace) }
        let entry = TokenMemo.Entry(
            bits: bits, subject: subject, kind: value.kind, role: value.role, isDistinctive: value.isDistinctive, namespace: namespace)
        scratch.withKey(place) { memo.remember($0, entry) }
        return entry
    }
}
