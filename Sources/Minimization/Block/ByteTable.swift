import Vault

/// Numbers byte strings in the order in which they came: the memory behind what was done with a value before.
///
/// Open addressing under a keyed hash; keys lie one behind the other. Not thread-safe.
final class ByteTable {
    private var keys: [UInt8] = []
    private var ends: [Int] = []
    /// Invariant: a power of two of slots, at least half of them 0; each the hash's high half and the number + 1.
    private var slots = [UInt64](repeating: 0, count: 256)
    private let seed = UInt64.random(in: 1...UInt64.max)

    /// How many there are.
    var count: Int { ends.count }

    /// The number of a key, or -1.
    func find(_ key: UnsafeRawBufferPointer) -> Int {
        let hash = ByteHash.hash(key, seed: seed)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
        while slots[slot] != 0 {
            let number = Int(UInt32(truncatingIfNeeded: slots[slot])) &- 1
            if (slots[slot] ^ hash) >> 32 == 0, holds(key, number) { return number }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
        return -1
    }

    /// Gives a key that is not here the next number.
    @discardableResult
    func insert(_ key: UnsafeRawBufferPointer) -> Int {
        if ends.count &* 2 >= slots.count { grow() }
        keys.append(contentsOf: key)
        ends.append(keys.count)
        place(ByteHash.hash(key, seed: seed), ends.count)
        return ends.count - 1
    }

    func removeAll() {
        keys.removeAll()
        ends.removeAll()
        slots = [UInt64](repeating: 0, count: 256)
    }

    private func start(_ number: Int) -> Int { number == 0 ? 0 : ends[number &- 1] }

    private func holds(_ key: UnsafeRawBufferPointer, _ number: Int) -> Bool {
        let start = start(number)
        guard ends[number] &- start == key.count else { return false }
        return keys.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[start..<(start &+ key.count)]).elementsEqual(key) }
    }

    private func grow() {
        slots = [UInt64](repeating: 0, count: slots.count * 4)
        keys.withUnsafeBytes { bytes in
            for number in ends.indices {
                place(ByteHash.hash(UnsafeRawBufferPointer(rebasing: bytes[start(number)..<ends[number]]), seed: seed), number &+ 1)
            }
        }
    }

    private func place(_ hash: UInt64, _ number: Int) {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
        while slots[slot] != 0 { slot = (slot &+ 1) & (slots.count &- 1) }
        slots[slot] = hash & 0xffff_ffff_0000_0000 | UInt64(truncatingIfNeeded: number)
    }
}
