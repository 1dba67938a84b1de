import Glibc
import Vault

/// Numbers byte strings in the order in which they came: the memory behind what was done with a value before.
///
/// Open addressing under a keyed hash; keys lie one behind the other. Not thread-safe. Safety: `keys` and `ends` have the capacities beside them, `slots` has
/// `slotCount` places, a power of two, at least half of them 0; each is the hash's high half and the number + 1.
final class ByteTable {
    @exclusivity(unchecked) private var keys = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: 8)
    @exclusivity(unchecked) private var keyCapacity = 4_096
    /// Where each key ends; before the first a 0.
    @exclusivity(unchecked) private var ends = UnsafeMutablePointer<Int>.allocate(capacity: 256)
    @exclusivity(unchecked) private var endCapacity = 256
    @exclusivity(unchecked) private var slots = UnsafeMutablePointer<UInt64>.allocate(capacity: 512)
    @exclusivity(unchecked) private var slotCount = 512
    /// How many keys there are.
    @exclusivity(unchecked) private(set) var count = 0
    private let seed = UInt64.random(in: 1...UInt64.max)

    init() {
        ends[0] = 0
        slots.update(repeating: 0, count: slotCount)
    }

    deinit {
        keys.deallocate()
        ends.deallocate()
        slots.deallocate()
    }

    /// The number of a key, or -1.
    func find(_ key: UnsafeRawBufferPointer) -> Int {
        let hash = ByteHash.hash(key, seed: seed)
        let mask = slotCount &- 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let number = Int(UInt32(truncatingIfNeeded: slots[slot])) &- 1
            if (slots[slot] ^ hash) >> 32 == 0, ends[number &+ 1] &- ends[number] == key.count,
                key.count == 0 || memcmp(keys + ends[number], key.baseAddress!, key.count) == 0
            {
                return number
            }
            slot = (slot &+ 1) & mask
        }
        return -1
    }

    /// Gives a key that is not here the next number.
    @discardableResult
    func insert(_ key: UnsafeRawBufferPointer) -> Int {
        if count &* 2 >= slotCount { growSlots() }
        if count &+ 2 > endCapacity {
            let larger = UnsafeMutablePointer<Int>.allocate(capacity: endCapacity * 2)
            larger.update(from: ends, count: count + 1)
            ends.deallocate()
            (ends, endCapacity) = (larger, endCapacity * 2)
        }
        let start = ends[count]
        if start &+ key.count > keyCapacity {
            let capacity = 2 * (start + key.count)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
            larger.copyMemory(from: keys, byteCount: start)
            keys.deallocate()
            (keys, keyCapacity) = (larger, capacity)
        }
        if let base = key.baseAddress { (keys + start).copyMemory(from: base, byteCount: key.count) }
        count &+= 1
        ends[count] = start &+ key.count
        place(ByteHash.hash(key, seed: seed), count)
        return count &- 1
    }

    private func growSlots() {
        slots.deallocate()
        slotCount *= 4
        slots = .allocate(capacity: slotCount)
        slots.update(repeating: 0, count: slotCount)
        for number in 0..<count {
            let key = UnsafeRawBufferPointer(start: keys + ends[number], count: ends[number + 1] - ends[number])
            place(ByteHash.hash(key, seed: seed), number + 1)
        }
    }

    private func place(_ hash: UInt64, _ number: Int) {
        var slot = Int(truncatingIfNeeded: hash) & (slotCount &- 1)
        while slots[slot] != 0 { slot = (slot &+ 1) & (slotCount &- 1) }
        slots[slot] = hash & 0xffff_ffff_0000_0000 | UInt64(truncatingIfNeeded: number)
    }
}
