/// The keys of a text of pairs, and where the value of each goes.
///
/// Trivial and immutable; its memory belongs to the plan.
struct KeyTable: BitwiseCopyable, @unchecked Sendable {
    private let keys: LookupTable
    /// By number of the key its slot, or below zero a counter of dropped names: -1 - its number.
    private let targets: FlatList<Int32>

    init(_ entries: [(key: String, slot: Int32)], keys pool: ConstantPool, memory: PlanMemory) {
        var known: [String: Int] = [:]
        var targets: [Int32] = []
        // A key that is mapped and dropped is mapped.
        for entry in entries {
            if let number = known[entry.key] {
                if targets[number] < 0 { targets[number] = entry.slot }
            } else {
                known[entry.key] = targets.count
                targets.append(entry.slot)
            }
        }
        let numbered = known.sorted { $0.value < $1.value }.map { (key: $0.key, result: Int32($0.value)) }
        keys = LookupTable(numbered, hasStars: false, keys: pool, memory: memory)
        self.targets = memory.list(targets)
    }

    /// The slot of a key; below zero -1 - a counter of dropped names, the first where nobody knows the key.
    @inline(__always)
    func find(_ key: ByteSlice) -> Int32 {
        let number = keys.find(key)
        return number < 0 ? -1 : targets[number]
    }
}
