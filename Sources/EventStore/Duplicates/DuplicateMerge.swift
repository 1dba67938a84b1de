/// Which runs become one, and how.
struct DuplicateMerge {
    /// Runs of about one size that are merged at once; so a key is written again once for each factor of this by which the store grows.
    static let fanIn = 4
    /// A run some of whose keys ended this many days ago is written again without them.
    static let lateDays: UInt16 = 90

    /// The runs that join.
    let inputs: [DuplicateRunRecord]

    /// The next merge that is worth doing; nil when there is none.
    ///
    /// - Parameter today: Days since 1970-01-01.
    static func next(among runs: [DuplicateRunRecord], today: UInt16) -> DuplicateMerge? {
        var levels: [Int: [DuplicateRunRecord]] = [:]
        for run in runs { levels[level(of: run.count), default: []].append(run) }
        for level in levels.keys.sorted() {
            if let members = levels[level], members.count >= fanIn { return DuplicateMerge(inputs: members.sorted { $0.id < $1.id }) }
        }
        let late = runs.first { $0.minDay < today && today - $0.minDay > lateDays }
        return late.map { DuplicateMerge(inputs: [$0]) }
    }

    /// Runs of one level are within a factor of ``fanIn`` of one another.
    static func level(of count: Int) -> Int {
        var level = 0
        var rest = max(0, count - 1) / StoreLimits.duplicateTableKeys
        while rest > 0 {
            level += 1
            rest /= fanIn
        }
        return level
    }

    /// Days over which the result's keys end.
    var days: ClosedRange<UInt16> { (inputs.map(\.minDay).min() ?? 0)...(inputs.map(\.maxDay).max() ?? 0) }

    /// Writes the keys of `runs` in order, each once, with its latest day, without those that ended before `today`.
    ///
    /// - Throws: ``StoreError`` with `damaged`, `DurableIOError`, `CancellationError` when `isCancelled` says so.
    func write(
        _ runs: [DuplicateRun], to writer: DuplicateRunWriter, today: UInt16, isCancelled: () -> Bool
    ) throws {
        var cursors = try runs.map { try DuplicateRun.Cursor($0) }
        var written = 0
        try cursors.withUnsafeMutableBufferPointer { cursors in
            while true {
                var best = -1
                var at = 0
                while at < cursors.count {
                    if !cursors[at].isAtEnd, best < 0 || Self.isLess(cursors[at], cursors[best]) { best = at }
                    at &+= 1
                }
                guard best >= 0 else { return }
                let id = cursors[best].id
                let bytes = cursors[best].bytes
                var day: UInt16 = 0
                at = best
                while at < cursors.count {
                    while !cursors[at].isAtEnd, cursors[at].id == id, cursors[at].bytes == bytes {
                        day = max(day, cursors[at].day)
                        try cursors[at].advance()
                    }
                    at &+= 1
                }
                if day >= today { try writer.append(id: id, bytes: bytes, day: day) }
                written &+= 1
                if written & 0xFFFF == 0, isCancelled() { throw CancellationError() }
            }
        }
    }

    @inline(__always)
    private static func isLess(_ a: DuplicateRun.Cursor, _ b: DuplicateRun.Cursor) -> Bool {
        a.id < b.id || (a.id == b.id && a.bytes < b.bytes)
    }
}
