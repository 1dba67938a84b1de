import Synchronization

/// Decoded pages and dictionaries of all segments of a store handle, bounded in bytes, least recently used ones dropped first (by a clock).
///
/// Objects are immutable and retained by whoever uses them: dropping one here frees it once nobody does. Thread-safe; sixteen shards, each
/// with a lock of its own that is held for a look-up only.
final class PageCache: Sendable {
    /// What a cached object is of.
    struct Key: Hashable {
        /// ``SegmentFile/number``.
        let file: UInt32
        let rowGroup: UInt16
        /// Column, and what of it.
        let column: UInt16
        /// Page, or ``dictionaryPage``.
        let page: UInt32

        /// Set in ``column`` for a frame of a dictionary, as it lies without compression.
        static let plain: UInt16 = 1 << 15

        /// Stands for the dictionary of a column in a row group.
        static let dictionaryPage = UInt32.max

        fileprivate var shard: Int {
            let mixed = (UInt64(file) &<< 32 ^ UInt64(rowGroup) &<< 20 ^ UInt64(column) &<< 40 ^ UInt64(page)) &* 0x9E37_79B9_7F4A_7C15
            return Int(truncatingIfNeeded: mixed &>> 60)
        }

        /// A place among `count` (a power of two), and a mark that is not 0.
        fileprivate func mark(_ count: Int) -> (place: Int, mark: UInt32) {
            let mixed = ((UInt64(file) &<< 32 | UInt64(page)) &* 0xD6E8_FEB8_6659_FD93 ^ UInt64(column) &<< 16 ^ UInt64(rowGroup)) &* 0x9E37_79B9_7F4A_7C15
            return (Int(truncatingIfNeeded: mixed &>> 40) & (count - 1), UInt32(truncatingIfNeeded: mixed &>> 8) | 1)
        }
    }

    private struct Slot {
        let key: Key
        let object: any AnyObject & Sendable
        let bytes: Int
        var wasUsed: Bool
    }

    private struct Shard {
        var places: [Key: Int] = [:]
        var slots: [Slot] = []
        var bytes = 0
        var hand = 0
        /// Marks of keys that were asked for once and are not kept; the mark of another key may have taken the place of one.
        var touched: [UInt32] = []
    }

    private static let touchedCount = 4_096

    private let shards: [Mutex<Shard>.Box]
    private let shardBytes: Int

    /// - Parameter bytes: Most memory to hold, about.
    init(bytes: Int) {
        shards = (0..<16).map { _ in Mutex<Shard>.Box(Shard()) }
        shardBytes = max(0, bytes) / 16
    }

    /// Bytes held, about.
    var heldBytes: Int { shards.reduce(0) { $0 + $1.mutex.withLock { $0.bytes } } }

    /// What is cached under a key, or nil.
    func known<Object: AnyObject & Sendable>(_ key: Key, _: Object.Type) -> Object? {
        shards[key.shard].mutex.withLock { shard -> (any AnyObject & Sendable)? in
            guard let place = shard.places[key] else { return nil }
            shard.slots[place].wasUsed = true
            return shard.slots[place].object
        } as? Object
    }

    /// Whether an object of which only a little is wanted should be made whole and kept: it was wanted before, and there is room.
    func isWorthKeeping(_ key: Key) -> Bool {
        let (place, mark) = key.mark(Self.touchedCount)
        return shards[key.shard].mutex.withLock { shard in
            if shard.touched.isEmpty { shard.touched = Array(repeating: 0, count: Self.touchedCount) }
            if shard.touched[place] == mark { return shard.bytes < shardBytes / 8 * 7 }
            shard.touched[place] = mark
            return false
        }
    }

    /// What is cached under a key, or what `make` gives, which is then cached. Two threads may make the same at once; one is kept.
    func object<Object: AnyObject & Sendable>(_ key: Key, cost: (Object) -> Int, make: () throws -> Object) rethrows -> Object {
        let shard = shards[key.shard]
        let known = shard.mutex.withLock { shard -> (any AnyObject & Sendable)? in
            guard let place = shard.places[key] else { return nil }
            shard.slots[place].wasUsed = true
            return shard.slots[place].object
        }
        if let known = known as? Object { return known }
        let made = try make()
        let bytes = cost(made)
        guard bytes <= shardBytes / 2 else { return made }
        shard.mutex.withLock { shard in
            guard shard.places[key] == nil else { return }
            while shard.bytes + bytes > shardBytes, !shard.slots.isEmpty { Self.dropOne(&shard) }
            shard.places[key] = shard.slots.count
            shard.slots.append(Slot(key: key, object: made, bytes: bytes, wasUsed: false))
            shard.bytes += bytes
        }
        return made
    }

    /// Drops the next object under the hand that was not used since the hand passed it; the last slot takes its place.
    private static func dropOne(_ shard: inout Shard) {
        while true {
            if shard.hand >= shard.slots.count { shard.hand = 0 }
            guard shard.slots[shard.hand].wasUsed else { break }
            shard.slots[shard.hand].wasUsed = false
            shard.hand += 1
        }
        let dropped = shard.slots[shard.hand]
        shard.places[dropped.key] = nil
        shard.bytes -= dropped.bytes
        let last = shard.slots.removeLast()
        if shard.hand < shard.slots.count {
            shard.slots[shard.hand] = last
            shard.places[last.key] = shard.hand
        }
    }
}

extension Mutex where Value: Sendable {
    /// A lock that can stand in an array.
    final class Box: Sendable {
        let mutex: Mutex<Value>

        init(_ value: consuming sending Value) { mutex = Mutex(value) }
    }
}
