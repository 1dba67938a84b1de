import Glibc

/// The identities that this process met, by the bytes of their keys, so that a known one costs a look-up and no SQL.
///
/// Open addressing under a keyed hash; entries and keys lie one behind the other. Bounded: past ``limit`` it starts anew when nothing in it waits to
/// be written. Not thread-safe: ``TokenDesk`` touches it under the vault's lock alone.
final class TokenMemo {
    struct Entry {
        let bits: UInt64
        var subject: Int64
        let kind: IdentityKind
        let role: Identity.Role
        /// Whether the value is one that only one person has, whoever says it: not a bare word such as `alex`.
        let isDistinctive: Bool
        /// Where an id is unique, as a number of the desk's ``NameTable``; -1 where nowhere.
        let namespace: Int32

        /// Whether meeting this value in a record of `source` says who the person is. A bare word that another source used as an id
        /// is a coincidence here.
        func isStrong(in source: Int32) -> Bool {
            role.isStrong && (role != .id || namespace == source || isDistinctive)
        }
    }

    static let limit = 1 << 18

    @exclusivity(unchecked) private var entries: [Entry] = []
    @exclusivity(unchecked) private var keys: [UInt8] = []
    /// Where each key ends.
    @exclusivity(unchecked) private var ends: [Int] = []
    /// Invariant: a power of two of slots, at least half of them 0; each the hash's high half and the entry's number + 1.
    @exclusivity(unchecked) private var slots = [UInt64](repeating: 0, count: 1_024)
    private let seed = UInt64.random(in: 1...UInt64.max)
    /// Subjects that went into others in this process.
    @exclusivity(unchecked) private var merged: [Int64: Int64] = [:]
    /// Pairs already recorded as aliases.
    var aliases: Set<SubjectPair> = []

    struct SubjectPair: Hashable {
        let first: Int64
        let second: Int64
    }

    var count: Int { entries.count }

    /// Forgets everything.
    func forget() {
        entries.removeAll()
        keys.removeAll()
        ends.removeAll()
        slots = [UInt64](repeating: 0, count: 1_024)
        merged.removeAll()
        aliases.removeAll()
    }

    func find(_ key: UnsafeRawBufferPointer) -> Entry? {
        let hash = hash(key)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
        while slots[slot] != 0 {
            let number = Int(UInt32(truncatingIfNeeded: slots[slot])) &- 1
            if (slots[slot] ^ hash) >> 32 == 0, holds(key, number) {
                var entry = entries[number]
                entry.subject = current(entry.subject)
                return entry
            }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
        return nil
    }

    /// Keeps an entry whose key is not here yet.
    func remember(_ key: UnsafeRawBufferPointer, _ entry: Entry) {
        if entries.count &* 2 >= slots.count { grow() }
        keys.append(contentsOf: key)
        ends.append(keys.count)
        entries.append(entry)
        place(hash(key), entries.count, in: &slots)
    }

    func noteMerge(of other: Int64, into subject: Int64) { merged[other] = subject }

    /// The subject that this one went into, or itself.
    func current(_ subject: Int64) -> Int64 {
        guard !merged.isEmpty else { return subject }
        var subject = subject
        while let next = merged[subject] { subject = next }
        return subject
    }

    private func start(_ number: Int) -> Int { number == 0 ? 0 : ends[number &- 1] }

    private func holds(_ key: UnsafeRawBufferPointer, _ number: Int) -> Bool {
        let start = start(number)
        guard ends[number] &- start == key.count else { return false }
        return key.count == 0 || keys.withUnsafeBytes { memcmp($0.baseAddress! + start, key.baseAddress!, key.count) == 0 }
    }

    private func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        keys.withUnsafeBytes { bytes in
            for number in entries.indices {
                place(hash(UnsafeRawBufferPointer(rebasing: bytes[start(number)..<ends[number]])), number &+ 1, in: &larger)
            }
        }
        slots = larger
    }

    private func place(_ hash: UInt64, _ number: Int, in slots: inout [UInt64]) {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
        while slots[slot] != 0 { slot = (slot &+ 1) & (slots.count &- 1) }
        slots[slot] = hash & 0xffff_ffff_0000_0000 | UInt64(truncatingIfNeeded: number)
    }

    private func hash(_ key: UnsafeRawBufferPointer) -> UInt64 { ByteHash.hash(key, seed: seed) }
}
