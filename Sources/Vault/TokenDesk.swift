import Cryptography
import GRDB

/// Gives tokens in memory and keeps what was given until it is written.
///
/// A token that is asked for is found in the memo, else in the file, else made: random bits and, for a new person, a random key. What was made waits in
/// ``PendingWrites`` and is sealed when it is written. Whoever uses a token before it is durable must not commit anything with it.
///
/// What it holds is bounded: ``TokenMemo/limit`` values, ``SubjectTable/limit`` subjects, twelve bits for each look-up and each token of the file, and what was
/// given since the last flush. Not thread-safe: ``Vault`` touches it under its lock alone.
final class TokenDesk {
    /// Questions in vain after which the file's keys are read into a filter.
    private static let missesBeforeReading = 512

    private let lookupKey: HMACSHA256
    private let random = RandomPool()
    private let memo = TokenMemo()
    private let file: VaultFile
    @exclusivity(unchecked) private var subjects: SubjectTable
    @exclusivity(unchecked) private var names: NameTable
    @exclusivity(unchecked) private(set) var pending: PendingWrites
    /// Whether the memo knows every token there is: the file held none when the memo began.
    @exclusivity(unchecked) private var isComplete: Bool
    /// Look-ups and bits of the file and the bits of what is pending; nil until enough was asked in vain.
    @exclusivity(unchecked) private var filter: KeyFilter?
    @exclusivity(unchecked) private var misses = 0
    /// For the values of one call: whether the file was asked in vain, and their look-ups.
    @exclusivity(unchecked) private var isAbsent: [Bool] = []
    @exclusivity(unchecked) private var lookups: [SHA256Digest?] = []
    @exclusivity(unchecked) private var order: [Int] = []
    @exclusivity(unchecked) private var ranks: [Int64] = []

    init(lookupKey: HMACSHA256, file: VaultFile) throws {
        self.lookupKey = lookupKey
        self.file = file
        try file.refresh()
        names = NameTable(written: try file.names())
        pending = PendingWrites(firstSubject: file.root.nextSubject)
        subjects = SubjectTable(base: file.root.nextSubject)
        isComplete = file.isEmpty
        if isComplete { filter = KeyFilter(capacity: 1 << 19) }
    }

    /// Forgets all that was given and not written, and what the memo learned with it.
    func rollBack() throws {
        try file.refresh()
        pending.clear(firstSubject: file.root.nextSubject)
        forget()
    }

    private func forget() {
        memo.forget()
        subjects.forget(base: pending.firstSubject)
        isComplete = file.isEmpty
    }

    /// Tells that the pending rows are in the file.
    func wrote(_ written: VaultFile.Written) throws {
        names.writtenCount = names.names.count
        pending.clear(firstSubject: file.root.nextSubject)
        for lookup in written.lookups { filter?.insert(lookup) }
        if let filter, filter.count > filter.capacity { try readFilter() }
        if memo.count > TokenMemo.limit || subjects.count > SubjectTable.limit { forget() }
    }

    /// Writes what is pending, in the transaction that the caller holds open; ``wrote(_:)`` follows its end.
    func write(_ db: Database) throws -> VaultFile.Written {
        pending.newNames = (names.writtenCount..<names.names.count).map { (number: Int64($0 + 1), name: names.names[$0]) }
        let keys = subjects.keys(from: pending.firstSubject, keyBytes: AESGCM.keySizeBytes)
        return try file.write(pending, lookupKey: lookupKey, newKeys: keys, key: { try self.key(of: $0) }, db)
    }

    private func readFilter() throws {
        let count = file.root.runs.reduce(0) { $0 + $1.count }
        var made = KeyFilter(capacity: max(1 << 19, 2 * count))
        try file.fill(&made)
        for token in pending.tokens { made.insert(token.bits) }
        filter = made
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
            pending.add(.alias(PendingWrites.Alias(first: anchor.subject, second: known.subject, isMerged: true)))
        } else {
            pending.add(.alias(PendingWrites.Alias(first: pair.first, second: pair.second, isMerged: false)))
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
        return newSubject()
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
        for token in try file.tokens(of: id) where Int64(token.role) == Identity.Role.id.rawValue && token.namespace > 0 {
            subject.addID(in: Int32(token.namespace - 1))
        }
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

    private func newSubject() -> Int64 {
        subjects.add(keyBytes: AESGCM.keySizeBytes) { random.fill($0, count: AESGCM.keySizeBytes) }
        return pending.addSubject()
    }

    /// The key of a subject, from memory or the file.
    private func key(of id: Int64) throws -> [UInt8] { try subjects.key(id, keyBytes: AESGCM.keySizeBytes) ?? file.key(of: id) }

    // MARK: Values

    private func find(_ scratch: IdentityScratch, _ place: Int) throws -> TokenMemo.Entry? {
        if let known = scratch.withKey(place, { memo.find($0) }) { return known }
        guard !isComplete, !isAbsent[place] else { return nil }
        let value = scratch.values[place]
        guard let found = try ask(lookup(scratch, place)) else {
            isAbsent[place] = true
            return nil
        }
        let entry = TokenMemo.Entry(
            bits: found.token.bits, subject: memo.current(found.subject), kind: value.kind,
            role: Identity.Role(rawValue: Int64(found.token.role)) ?? .name, isDistinctive: value.isDistinctive,
            namespace: Int32(found.token.namespace) - 1)
        scratch.withKey(place) { memo.remember($0, entry) }
        return entry
    }

    private func ask(_ lookup: SHA256Digest) throws -> VaultFile.Found? {
        if let filter, !filter.mayHold(VaultFile.halves(lookup).start) { return nil }
        let found = try file.find(lookup)
        if found == nil, filter == nil {
            misses += 1
            if misses >= Self.missesBeforeReading { try readFilter() }
        }
        return found
    }

    private func lookup(_ scratch: IdentityScratch, _ place: Int) -> SHA256Digest {
        if let known = lookups[place] { return known }
        let made = scratch.withKey(place) { lookupKey.authenticate($0) }
        lookups[place] = made
        return made
    }

    /// Random bits that no token of the file and none that is pending has.
    private func newBits() throws -> UInt64 {
        var bits = random.uint64()
        guard filter != nil else {
            // Two that are pending meet once in billions of vaults.
            while try file.find(bits: bits) != nil { bits = random.uint64() }
            return bits
        }
        while filter?.mayHold(bits) == true { bits = random.uint64() }
        filter?.insert(bits)
        return bits
    }

    private func insert(_ scratch: IdentityScratch, _ place: Int, subject: Int64, namespace: Int32) throws -> TokenMemo.Entry {
        let value = scratch.values[place]
        let bits = try newBits()
        let scope = scratch.scopes[place].map { names.number(of: $0) } ?? -1
        scratch.withKey(place) { key in
            pending.addToken(
                PendingWrites.Token(
                    bits: bits, subject: subject, kind: value.kind, role: value.role, namespace: namespace, scope: scope,
                    valueBytes: value.valueCount),
                key: key)
        }
        if namespace >= 0 { subjects[subject].addID(in: namespace) }
        let entry = TokenMemo.Entry(
            bits: bits, subject: subject, kind: value.kind, role: value.role, isDistinctive: value.isDistinctive, namespace: namespace)
        scratch.withKey(place) { memo.remember($0, entry) }
        return entry
    }
}
