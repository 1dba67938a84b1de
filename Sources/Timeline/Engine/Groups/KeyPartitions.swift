/// Keys on their way into exact distinct counts, spread over partitions by group, so that each partition's set stays small enough for a
/// processor's cache and partitions can be finished by different workers. One worker writes it.
///
/// A small memory of keys seen last keeps most repetitions out.
final class KeyPartitions: @unchecked Sendable {
    /// How many partitions.
    static let count = 64
    private static let recentSize = 4_096

    private let budget: QueryBudget
    private let layout: GroupKey
    private var buffers: [KeyBuffer]
    private let recent: UnsafeMutablePointer<UInt64>

    init(_ layout: GroupKey, _ budget: QueryBudget) {
        self.layout = layout
        self.budget = budget
        buffers = (0..<Self.count).map { _ in KeyBuffer() }
        recent = .allocate(capacity: Self.recentSize)
        recent.initialize(repeating: GroupKey.none, count: Self.recentSize)
    }

    deinit {
        recent.deallocate()
        budget.give(buffers.reduce(0) { $0 + $1.capacity * 8 })
    }

    /// Adds keys; those that belong to no group are passed over.
    func add(_ keys: UnsafePointer<UInt64>, _ count: Int) throws(QueryError) {
        let hasGroup = layout.bucket != nil || !layout.fields.isEmpty
        var i = 0
        while i < count {
            let key = keys[i]
            i &+= 1
            if key == GroupKey.none { continue }
            let hash = CountTable.hash(key)
            let place = Int(truncatingIfNeeded: hash) & (Self.recentSize &- 1)
            if recent[place] == key { continue }
            recent[place] = key
            // All keys of a group meet in one partition.
            let partition = Int(truncatingIfNeeded: (hasGroup ? CountTable.hash(layout.group(key)) : hash) &>> 20) & (Self.count &- 1)
            let buffer = buffers[partition]
            if buffer.isFull { try grow(buffer) }
            buffer.append(key)
        }
    }

    private func grow(_ buffer: KeyBuffer) throws(QueryError) {
        let more = max(256, buffer.capacity)
        try budget.take(more * 8, for: "the distinct values of this query")
        buffer.grow(by: more)
    }

    /// The keys of a partition, some of them repeated.
    func partition(_ number: Int) -> KeyBuffer { buffers[number] }
}

/// A growing list of keys. Safe because appending stays below the capacity: the owner grows it first.
final class KeyBuffer: @unchecked Sendable {
    private(set) var count = 0
    private(set) var capacity = 0
    private var keys: UnsafeMutablePointer<UInt64>?

    deinit { keys?.deallocate() }

    var isFull: Bool { count == capacity }

    func append(_ key: UInt64) {
        keys?[count] = key
        count &+= 1
    }

    func grow(by more: Int) {
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity + more)
        if let keys {
            larger.update(from: keys, count: count)
            keys.deallocate()
        }
        keys = larger
        capacity += more
    }

    /// All keys.
    var all: UnsafeBufferPointer<UInt64> { UnsafeBufferPointer(start: keys, count: count) }
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
