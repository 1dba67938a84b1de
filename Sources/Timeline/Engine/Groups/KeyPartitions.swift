/// Keys on their way into exact distinct counts, spread over partitions by group, so that each partition's set stays small enough for a
/// processor's cache and partitions can be finished by different workers. One worker writes it.
///
/// Where keys lie in the order of the answer, partitions are ranges of them, one behind the other; else groups are spread by a hash.
///
/// A small memory of keys seen last keeps most repetitions out. Safe because a partition grows before its count reaches its capacity.
final class KeyPartitions: @unchecked Sendable {
    /// How many partitions.
    static let count = 256
    private static let recentSize = 8_192

    /// One partition's keys.
    private struct Buffer {
        var keys: UnsafeMutablePointer<UInt64>?
        var count = 0
        var capacity = 0
    }

    private let budget: QueryBudget
    /// Takes the value's bits out of a key; zero bits everywhere where there are no groups.
    private let groupMask: UInt64
    /// The bits of a key above these are its partition; 64 where a hash tells it.
    private let rangeShift: UInt64
    private let buffers: UnsafeMutablePointer<Buffer>
    private let recent: UnsafeMutablePointer<UInt64>

    init(_ layout: GroupKey, isRanked: Bool, _ budget: QueryBudget) {
        let partitionBits = UInt64(Self.count.trailingZeroBitCount)
        rangeShift = isRanked ? max(layout.value?.bits ?? 0, layout.bits - min(layout.bits, partitionBits)) : 64
        self.budget = budget
        // Without groups the whole key spreads.
        let hasGroup = layout.bucket != nil || !layout.fields.isEmpty
        groupMask = hasGroup ? layout.group(.max) : .max
        buffers = .allocate(capacity: Self.count)
        buffers.initialize(repeating: Buffer(), count: Self.count)
        recent = .allocate(capacity: Self.recentSize)
        recent.initialize(repeating: GroupKey.none, count: Self.recentSize)
    }

    deinit {
        for number in 0..<Self.count {
            budget.give(buffers[number].capacity * 8)
            buffers[number].keys?.deallocate()
        }
        buffers.deallocate()
        recent.deallocate()
    }

    /// Adds keys; those that belong to no group are passed over.
    func add(_ keys: UnsafePointer<UInt64>, _ count: Int) throws(QueryError) {
        let (buffers, recent, groupMask, rangeShift) = (self.buffers, self.recent, self.groupMask, self.rangeShift)
        var i = 0
        while i < count {
            let key = keys[i]
            i &+= 1
            if key == GroupKey.none { continue }
            let place = Int(truncatingIfNeeded: CountTable.hash(key)) & (Self.recentSize &- 1)
            if recent[place] == key { continue }
            recent[place] = key
            // All keys of a group meet in one partition.
            let number =
                rangeShift < 64
                ? Int(truncatingIfNeeded: key &>> rangeShift) : Int(truncatingIfNeeded: CountTable.hash(key & groupMask) &>> 40) & (Self.count &- 1)
            if buffers[number].count == buffers[number].capacity { try grow(number) }
            buffers[number].keys?[buffers[number].count] = key
            buffers[number].count &+= 1
        }
    }

    private func grow(_ number: Int) throws(QueryError) {
        let old = buffers[number]
        let capacity = max(256, old.capacity * 2)
        try budget.take((capacity - old.capacity) * 8, for: "the distinct values of this query")
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
        if let keys = old.keys {
            larger.update(from: keys, count: old.count)
            keys.deallocate()
        }
        buffers[number] = Buffer(keys: larger, count: old.count, capacity: capacity)
    }

    /// The keys of a partition, some of them repeated. Valid until more are added.
    func partition(_ number: Int) -> UnsafeBufferPointer<UInt64> {
        UnsafeBufferPointer(start: buffers[number].keys, count: buffers[number].count)
    }
}

/// A set of keys of a known greatest number.
///
/// Safe because slots are only reached through the mask of the allocated size, which leaves half of them free.
struct KeySet: ~Copyable {
    private let slots: UnsafeMutablePointer<UInt64>
    private let mask: Int

    /// - Parameter most: How many keys at most.
    init(most: Int) {
        var size = 64
        while size < 2 * most { size *= 2 }
        mask = size - 1
        slots = .allocate(capacity: size)
        slots.initialize(repeating: GroupKey.none, count: size)
    }

    deinit { slots.deallocate() }

    /// Adds a key; whether it was not there.
    @inline(__always)
    mutating func insert(_ key: UInt64) -> Bool {
        var slot = Int(truncatingIfNeeded: CountTable.hash(key)) & mask
        while true {
            let known = slots[slot]
            if known == key { return false }
            if known == GroupKey.none {
                slots[slot] = key
                return true
            }
            slot = (slot &+ 1) & mask
        }
    }

    /// Bytes that a set of at most so many keys takes.
    static func byteCount(most: Int) -> Int {
        var size = 64
        while size < 2 * most { size *= 2 }
        return size * 8
    }
}
