/// A value table of a definition: exact keys, and keys with one or two `*` that stand for any text (the key with most other
/// bytes wins).
///
/// Keys are compared byte by byte. Trivial and immutable; its memory belongs to the plan.
struct LookupTable: BitwiseCopyable, @unchecked Sendable {
    private struct Entry: BitwiseCopyable {
        let hash: UInt64
        let key: ByteSlice
        /// The constant it leads to; below zero where the place is free.
        let result: Int32
    }

    /// A key with stars: what stands before the first, between two, and behind the last.
    private struct Shape: BitwiseCopyable {
        let head: ByteSlice
        let middle: ByteSlice
        let tail: ByteSlice
        let result: Int32

        var fixedCount: Int { head.count + middle.count + tail.count }

        @inline(__always)
        func fits(_ key: ByteSlice) -> Bool {
            guard key.count >= fixedCount, key.hasPrefix(head), tail.count == 0 || key.hasSuffix(tail) else { return false }
            return middle.count == 0 || key.sub(head.count, key.count &- tail.count).firstRange(of: middle) != nil
        }
    }

    /// Open addressing; a power of two.
    private let places: FlatList<Entry>
    /// Longest first.
    private let shapes: FlatList<Shape>

    /// - Parameters:
    ///   - entries: Keys and the numbers they lead to, none below zero.
    ///   - hasStars: Whether a `*` in a key stands for any text.
    ///   - keys: Keeps the bytes of the keys.
    ///   - memory: Keeps the table.
    init(_ entries: [(key: String, result: Int32)], hasStars: Bool = true, keys: ConstantPool, memory: PlanMemory) {
        var exact: [Entry] = []
        var shapes: [Shape] = []
        for entry in entries {
            let pieces = hasStars ? entry.key.split(separator: "*", omittingEmptySubsequences: false).map { keys.slice(String($0)) } : []
            if pieces.count > 1 {
                let middle = pieces.count == 3 ? pieces[1] : .empty
                shapes.append(Shape(head: pieces[0], middle: middle, tail: pieces[pieces.count - 1], result: entry.result))
            } else {
                let key = keys.slice(entry.key)
                exact.append(Entry(hash: Self.hash(key), key: key, result: entry.result))
            }
        }
        var size = 8
        while size < exact.count * 2 { size *= 2 }
        var places = [Entry](repeating: Entry(hash: 0, key: .empty, result: -1), count: size)
        for entry in exact {
            var at = Int(truncatingIfNeeded: entry.hash) & (size - 1)
            while places[at].result >= 0 { at = (at + 1) & (size - 1) }
            places[at] = entry
        }
        self.places = memory.list(places)
        self.shapes = memory.list(
            shapes.sorted { ($0.fixedCount, $0.head.count) > ($1.fixedCount, $1.head.count) })
    }

    /// The number for a key, or -1.
    func find(_ key: ByteSlice) -> Int32 {
        let mask = places.count &- 1
        let hash = Self.hash(key)
        var at = Int(truncatingIfNeeded: hash) & mask
        while places.base[at].result >= 0 {
            if places.base[at].hash == hash, places.base[at].key.equals(key) { return places.base[at].result }
            at = (at &+ 1) & mask
        }
        var number = 0
        while number < shapes.count {
            if shapes.base[number].fits(key) { return shapes.base[number].result }
            number &+= 1
        }
        return -1
    }

    /// Eight bytes a step. Keys of the table come from trusted files, so collisions cannot be forced on it.
    @inline(__always)
    private static func hash(_ key: ByteSlice) -> UInt64 {
        let base = UnsafeRawPointer(key.base)
        var hash = UInt64(truncatingIfNeeded: key.count) &* 0x9e37_79b9_7f4a_7c15
        var at = 0
        while at &+ 8 <= key.count {
            hash = (hash ^ base.loadUnaligned(fromByteOffset: at, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash &>> 29
            at &+= 8
        }
        if at > 0 {
            // The last step may overlap the one before.
            hash = (hash ^ base.loadUnaligned(fromByteOffset: key.count &- 8, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
            return hash ^ (hash &>> 32)
        }
        while at < key.count {
            hash = (hash ^ UInt64(key.base[at])) &* 0x9e37_79b9_7f4a_7c15
            at &+= 1
        }
        return hash ^ (hash &>> 32)
    }
}
