/// A value table of a definition: exact keys, and keys ending in `*` that match by prefix (the longest wins).
///
/// Keys are compared byte by byte. Immutable after ``init``.
struct LookupTable {
    private let keys: ConstantPool
    private var slots: [Int32]
    private let entries: [(key: ByteSlice, result: Int32)]
    private let prefixes: [(key: ByteSlice, result: Int32)]

    /// - Parameter entries: Keys and the constants they lead to.
    init(_ entries: [(key: String, result: Int32)]) {
        let pool = ConstantPool()
        var exact: [(key: ByteSlice, result: Int32)] = []
        var prefixes: [(key: ByteSlice, result: Int32)] = []
        for entry in entries {
            if entry.key.hasSuffix("*") {
                prefixes.append((pool.slice(String(entry.key.dropLast())), entry.result))
            } else {
                exact.append((pool.slice(entry.key), entry.result))
            }
        }
        var size = 8
        while size < exact.count * 2 { size *= 2 }
        var slots = [Int32](repeating: -1, count: size)
        for (number, entry) in exact.enumerated() {
            var at = Int(truncatingIfNeeded: Self.hash(entry.key)) & (size - 1)
            while slots[at] >= 0 { at = (at + 1) & (size - 1) }
            slots[at] = Int32(number)
        }
        keys = pool
        self.slots = slots
        self.entries = exact
        self.prefixes = prefixes.sorted { $0.key.count > $1.key.count }
    }

    /// The constant for a key, or nil.
    func find(_ key: ByteSlice) -> Int32? {
        let mask = slots.count - 1
        var at = Int(truncatingIfNeeded: Self.hash(key)) & mask
        while slots[at] >= 0 {
            let entry = entries[Int(slots[at])]
            if entry.key.equals(key) { return entry.result }
            at = (at + 1) & mask
        }
        for prefix in prefixes where key.hasPrefix(prefix.key) { return prefix.result }
        return nil
    }

    /// FNV-1a; keys of the table come from trusted files, so collisions cannot be forced on it.
    private static func hash(_ key: ByteSlice) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for i in 0..<key.count {
            hash ^= UInt64(key[i])
            hash = hash &* 0x100_0000_01b3
        }
        return hash
    }
}
