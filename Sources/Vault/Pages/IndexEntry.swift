/// A key of an index and where what it names lies in the heap.
struct IndexEntry: Equatable {
    var key: UInt64
    var place: UInt64

    /// Bytes of an entry in a leaf: key, then place, both big-endian.
    static let sizeBytes = 16

    @inline(__always)
    static func isLess(_ a: IndexEntry, _ b: IndexEntry) -> Bool { a.key < b.key || (a.key == b.key && a.place < b.place) }

    /// The key of a subject: its number, spread over all keys (the finalizer of splitmix64), because a leaf is chosen by a key's first bits.
    static func key(ofSubject subject: Int64) -> UInt64 {
        var value = UInt64(bitPattern: subject) &+ 0x9e37_79b9_7f4a_7c15
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    /// Sorts by key, then by place. Keys are random or spread: after two passes over their first 22 bits little is left to do.
    static func sort(_ entries: inout [IndexEntry]) {
        let count = entries.count
        if count > 64 {
            withUnsafeTemporaryAllocation(of: IndexEntry.self, capacity: count) { scratch in
                entries.withUnsafeMutableBufferPointer { entries in
                    pass(from: UnsafePointer(entries.baseAddress!), to: scratch.baseAddress!, count, shift: 42)
                    pass(from: UnsafePointer(scratch.baseAddress!), to: entries.baseAddress!, count, shift: 53)
                }
            }
        }
        entries.withUnsafeMutableBufferPointer { entries in
            var moves = 0
            var at = 1
            while at < count {
                let entry = entries[at]
                var hole = at
                while hole > 0, isLess(entry, entries[hole &- 1]) {
                    entries[hole] = entries[hole &- 1]
                    hole &-= 1
                }
                entries[hole] = entry
                moves &+= at &- hole
                // Keys that lie too close together for this way.
                if moves > 64 &* count { return entries.sort(by: isLess) }
                at &+= 1
            }
        }
    }

    /// One stable pass by an 11-bit digit.
    private static func pass(
        from source: UnsafePointer<IndexEntry>, to target: UnsafeMutablePointer<IndexEntry>, _ count: Int, shift: UInt64
    ) {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 2_048) { starts in
            starts.initialize(repeating: 0)
            var at = 0
            while at < count {
                starts[Int(truncatingIfNeeded: source[at].key >> shift & 2_047)] &+= 1
                at &+= 1
            }
            var sum = 0
            at = 0
            while at < 2_048 {
                (starts[at], sum) = (sum, sum &+ starts[at])
                at &+= 1
            }
            at = 0
            while at < count {
                let digit = Int(truncatingIfNeeded: source[at].key >> shift & 2_047)
                (target + starts[digit]).initialize(to: source[at])
                starts[digit] &+= 1
                at &+= 1
            }
        }
    }
}
