/// The indexes of the vault's heap: each a few sorted runs, a new one with every flush, four of about one size merged into one.
///
/// A run has 2^n leaves, and a key's first n bits name its leaf: a look-up reads one leaf of each run and needs no directory. Keys are look-ups, random
/// bits or spread numbers, so leaves are about equally full. ``VaultPages`` answers for what is read.
struct IndexRuns {
    /// Runs of one level that become one.
    static let fanIn = 4
    /// Runs do not grow beyond this many entries: a merge holds them all in memory, 32 bytes each.
    static let mostEntries = 1 << 20
    /// Most entries of a leaf on average: it then fills three quarters of a page at most.
    private static let leafEntries = 180

    let pages: VaultPages

    /// The places under a key, in all runs.
    func find(_ table: PageTable, _ key: UInt64, _ root: VaultRoot) throws -> [UInt64] {
        var places: [UInt64] = []
        _ = try first(table, key, root) { place -> Bool? in
            if !places.contains(place) { places.append(place) }
            return nil
        }
        return places
    }

    /// What `body` makes of the first place under a key that it wants; it gives nil for others. The longest run comes first.
    func first<R>(_ table: PageTable, _ key: UInt64, _ root: VaultRoot, _ body: (UInt64) throws -> R?) throws -> R? {
        for run in root.runs where run.table == table {
            let found = try pages.withPage(table, run.leaf(of: key)) { leaf -> R? in
                var at = Self.lowerBound(key, leaf)
                while at < leaf.count / IndexEntry.sizeBytes {
                    let entry = Self.entry(at, leaf)
                    guard entry.key == key else { break }
                    if let wanted = try body(entry.place) { return wanted }
                    at += 1
                }
                return nil
            }
            if let found { return found }
        }
        return nil
    }

    /// Every entry of a table, run by run.
    func forEach(_ table: PageTable, _ root: VaultRoot, _ body: (IndexEntry) -> Void) throws {
        for run in root.runs where run.table == table {
            for number in run.leaves { try forEach(pages.read(table, number), body) }
        }
    }

    private func forEach(_ leaf: [UInt8], _ body: (IndexEntry) -> Void) {
        leaf.withUnsafeBytes { leaf in
            var at = 0
            while at < leaf.count / IndexEntry.sizeBytes {
                body(Self.entry(at, leaf))
                at &+= 1
            }
        }
    }

    /// Adds entries as a run and merges what there is enough of.
    func insert(_ table: PageTable, _ entries: [IndexEntry], _ root: inout VaultRoot) throws {
        guard !entries.isEmpty else { return }
        var entries = entries
        IndexEntry.sort(&entries)
        root.runs.append(try write(table, entries, &root))
        while let merging = Self.merge(table, root) {
            var all: [IndexEntry] = []
            all.reserveCapacity(merging.reduce(0) { $0 + $1.count })
            for run in merging { for number in run.leaves { forEach(try pages.read(table, number)) { all.append($0) } } }
            IndexEntry.sort(&all)
            for run in merging { try pages.remove(table, run.leaves) }
            root.runs.removeAll { merging.contains($0) }
            root.runs.append(try write(table, all, &root))
        }
        root.runs.sort { $0.count == $1.count ? $0.number < $1.number : $0.count > $1.count }
    }

    /// Removes one entry wherever it is. Idempotent.
    func remove(_ table: PageTable, _ entry: IndexEntry, _ root: inout VaultRoot) throws {
        for number in root.runs.indices where root.runs[number].table == table {
            let leafNumber = root.runs[number].leaf(of: entry.key)
            var kept: [UInt8] = []
            let leaf = try pages.read(table, leafNumber)
            leaf.withUnsafeBytes { leaf in
                for at in 0..<(leaf.count / IndexEntry.sizeBytes) where Self.entry(at, leaf) != entry {
                    kept += leaf[(at * IndexEntry.sizeBytes)..<((at + 1) * IndexEntry.sizeBytes)]
                }
            }
            guard kept.count < leaf.count else { continue }
            root.runs[number].count -= (leaf.count - kept.count) / IndexEntry.sizeBytes
            try pages.write(table, leafNumber, kept)
        }
    }

    /// The runs that should become one, or nil.
    private static func merge(_ table: PageTable, _ root: VaultRoot) -> [VaultRoot.Run]? {
        var levels: [Int: [VaultRoot.Run]] = [:]
        for run in root.runs where run.table == table { levels[level(run.count), default: []].append(run) }
        for level in levels.keys.sorted() {
            guard let runs = levels[level], runs.count >= fanIn else { continue }
            let first = Array(runs.prefix(fanIn))
            if first.reduce(0, { $0 + $1.count }) <= mostEntries { return first }
        }
        return nil
    }

    private static func level(_ count: Int) -> Int { (Int.bitWidth - max(1, count).leadingZeroBitCount - 1) / 2 }

    private func write(_ table: PageTable, _ entries: [IndexEntry], _ root: inout VaultRoot) throws -> VaultRoot.Run {
        var leafBits = 0
        while entries.count >> leafBits > Self.leafEntries { leafBits += 1 }
        let run = VaultRoot.Run(table: table, number: root.nextRun, leafBits: leafBits, count: entries.count)
        root.nextRun += 1
        var leaf = [UInt8](repeating: 0, count: 2 * VaultPages.sizeBytes)
        var at = 0
        for number in run.leaves {
            let from = at
            while at < entries.count, run.leaf(of: entries[at].key) == number { at &+= 1 }
            let size = (at - from) * IndexEntry.sizeBytes
            if leaf.count < size { leaf = [UInt8](repeating: 0, count: 2 * size) }
            try leaf.withUnsafeMutableBytes { leaf in
                var place = 0
                for entry in from..<at {
                    leaf.storeBytes(of: entries[entry].key.bigEndian, toByteOffset: place, as: UInt64.self)
                    leaf.storeBytes(of: entries[entry].place.bigEndian, toByteOffset: place &+ 8, as: UInt64.self)
                    place &+= IndexEntry.sizeBytes
                }
                try pages.write(table, number, UnsafeRawBufferPointer(rebasing: leaf[..<size]))
            }
        }
        return run
    }

    private static func lowerBound(_ key: UInt64, _ leaf: UnsafeRawBufferPointer) -> Int {
        var (low, high) = (0, leaf.count / IndexEntry.sizeBytes)
        while low < high {
            let middle = (low + high) / 2
            if entry(middle, leaf).key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    @inline(__always)
    private static func entry(_ at: Int, _ leaf: UnsafeRawBufferPointer) -> IndexEntry {
        let place = at &* IndexEntry.sizeBytes
        return IndexEntry(
            key: UInt64(bigEndian: leaf.loadUnaligned(fromByteOffset: place, as: UInt64.self)),
            place: UInt64(bigEndian: leaf.loadUnaligned(fromByteOffset: place &+ 8, as: UInt64.self)))
    }
}
