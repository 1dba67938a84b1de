/// A key among others that are looked up or written together.
struct OrderedDuplicateKey {
    /// The first half, by which keys are sorted.
    var id: UInt64
    /// The second half.
    var bytes: UInt64
    /// Its place in what the caller gave.
    var place: UInt32
    /// The last day of its life, see ``DuplicateRunFormat/day(of:)``.
    var day: UInt16
}

/// Sorting of duplicate keys: by id, then by bytes.
enum DuplicateKeyOrder {
    /// The keys, sorted by both halves. At most 2³² of them.
    ///
    /// Keys are hashes, so the first digits of a radix sort leave almost nothing to do; whatever the keys are, the order is right.
    static func sorted(_ keys: [DuplicateKey]) -> [OrderedDuplicateKey] {
        let count = keys.count
        precondition(count <= Int(UInt32.max), "more keys than a commit can have")
        guard count > 64 else {
            var few = keys.indices.map { ordered(keys[$0], UInt32($0)) }
            few.withUnsafeMutableBufferPointer { insertionSort($0) }
            return few
        }
        return [OrderedDuplicateKey](unsafeUninitializedCapacity: count) { target, filled in
            withUnsafeTemporaryAllocation(of: OrderedDuplicateKey.self, capacity: count) { scratch in
                keys.withUnsafeBufferPointer { keys in
                    var place = 0
                    while place < count {
                        (scratch.baseAddress! + place).initialize(to: ordered(keys[place], UInt32(truncatingIfNeeded: place)))
                        place &+= 1
                    }
                }
                if isSorted(scratch) { return target.baseAddress!.initialize(from: scratch.baseAddress!, count: count) }
                // Two passes over the 22 highest bits, the lower digit first.
                pass(from: scratch, to: target, shift: 42)
                pass(from: target, to: scratch, shift: 53)
                target.baseAddress!.update(from: scratch.baseAddress!, count: count)
                if isNearlySorted(target) { insertionSort(target) } else { target.sort(by: isLess) }
            }
            filled = count
        }
    }

    private static func isSorted(_ keys: UnsafeMutableBufferPointer<OrderedDuplicateKey>) -> Bool {
        var at = 1
        while at < keys.count {
            if isLess(keys[at], keys[at &- 1]) { return false }
            at &+= 1
        }
        return true
    }

    private static func ordered(_ key: DuplicateKey, _ place: UInt32) -> OrderedDuplicateKey {
        OrderedDuplicateKey(id: key.id, bytes: key.bytes, place: place, day: DuplicateRunFormat.day(of: key.expires))
    }

    /// One stable pass by an 11-bit digit.
    private static func pass(
        from source: UnsafeMutableBufferPointer<OrderedDuplicateKey>, to target: UnsafeMutableBufferPointer<OrderedDuplicateKey>, shift: UInt64
    ) {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 2_048) { starts in
            starts.initialize(repeating: 0)
            var at = 0
            while at < source.count {
                starts[Int(truncatingIfNeeded: source[at].id >> shift & 2_047)] &+= 1
                at &+= 1
            }
            var sum = 0
            at = 0
            while at < 2_048 {
                let count = starts[at]
                starts[at] = sum
                sum &+= count
                at &+= 1
            }
            at = 0
            while at < source.count {
                let digit = Int(truncatingIfNeeded: source[at].id >> shift & 2_047)
                (target.baseAddress! + starts[digit]).initialize(to: source[at])
                starts[digit] &+= 1
                at &+= 1
            }
        }
    }

    /// Whether keys with the same 22 highest bits are few, so that insertion ends the sort quickly.
    private static func isNearlySorted(_ keys: UnsafeMutableBufferPointer<OrderedDuplicateKey>) -> Bool {
        var run = 0
        var longest = 0
        var at = 1
        while at < keys.count {
            run = keys[at].id >> 42 == keys[at &- 1].id >> 42 ? run &+ 1 : 0
            longest = max(longest, run)
            at &+= 1
        }
        return longest <= 64 + keys.count >> 20
    }

    private static func insertionSort(_ keys: UnsafeMutableBufferPointer<OrderedDuplicateKey>) {
        var at = 1
        while at < keys.count {
            let key = keys[at]
            var hole = at
            while hole > 0, isLess(key, keys[hole &- 1]) {
                keys[hole] = keys[hole &- 1]
                hole &-= 1
            }
            keys[hole] = key
            at &+= 1
        }
    }

    @inline(__always)
    private static func isLess(_ a: OrderedDuplicateKey, _ b: OrderedDuplicateKey) -> Bool {
        a.id < b.id || (a.id == b.id && a.bytes < b.bytes)
    }
}
