/// What the vault's pages are: how many there are, and of which runs the indexes consist. One small row, written with every flush.
struct VaultRoot: Equatable {
    /// A sorted part of an index.
    struct Run: Equatable {
        let table: PageTable
        /// The run's leaves have the numbers `number << 24 | leaf`.
        let number: Int64
        /// The run has 2^`leafBits` leaves; a leaf holds the keys that begin with its number.
        let leafBits: Int
        var count: Int

        static let leafShift = 24

        func leaf(of key: UInt64) -> Int64 {
            number << Self.leafShift | (leafBits == 0 ? 0 : Int64(truncatingIfNeeded: key >> UInt64(64 - leafBits)))
        }

        /// The numbers of all leaves.
        var leaves: ClosedRange<Int64> { (number << Self.leafShift)...(number << Self.leafShift + 1 << leafBits - 1) }
    }

    /// The number of the last page of the heap; 0 where there is none.
    var lastHeapPage: Int64 = 0
    /// The next subject's number.
    var nextSubject: Int64 = 1
    var nextRun: Int64 = 1
    var runs: [Run] = []

    init() {}

    /// The bytes of the row, or nil where they are none.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 24, (bytes.count - 24) % 18 == 0 else { return nil }
        func u64(_ place: Int) -> Int64 { Int64(bitPattern: bytes[place..<(place + 8)].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }) }
        (lastHeapPage, nextSubject, nextRun) = (u64(0), u64(8), u64(16))
        for place in stride(from: 24, to: bytes.count, by: 18) {
            guard let table = PageTable(rawValue: bytes[place]), bytes[place + 1] <= UInt8(Run.leafShift) else { return nil }
            runs.append(
                Run(table: table, number: u64(place + 2), leafBits: Int(bytes[place + 1]), count: Int(u64(place + 10))))
        }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for value in [lastHeapPage, nextSubject, nextRun] { bytes += Vault.bigEndian(UInt64(bitPattern: value)) }
        for run in runs {
            bytes += [run.table.rawValue, UInt8(run.leafBits)]
            bytes += Vault.bigEndian(UInt64(bitPattern: run.number)) + Vault.bigEndian(UInt64(run.count))
        }
        return bytes
    }
}
