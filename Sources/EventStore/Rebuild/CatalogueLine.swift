import AuditModel
import Cryptography
import Parquet
import TransparencyLog

/// One line of `catalogue.jsonl`: what a transaction of the catalogue said that neither the log nor a segment says (docs/formats/store.md).
///
/// Lines are read in order: rows of the ledger add up, a cursor's last row counts, keys and runs join until they are taken out.
struct CatalogueLine {
    /// Where the writer stood after the transaction.
    struct Position: Hashable {
        /// Entries of the log.
        var size: UInt64
        var nextSegment: Int64
        var nextEpoch: Int64
        var nextRun: Int64
        /// The epoch that has no heartbeat yet.
        var epoch: Epoch?
        /// XXH64 of the numbers of all runs of duplicate keys.
        var runs: UInt64

        /// Whether nothing but numbers that compaction or a failed commit reserved lies between the two.
        func isCurrent(with other: Position) -> Bool {
            size == other.size && nextEpoch == other.nextEpoch && epoch == other.epoch && runs == other.runs
        }
    }

    /// An open epoch.
    struct Epoch: Hashable {
        var number: Int64
        var session: String
        var opened: Int64
    }

    /// A cursor and the batch that moved it.
    struct Cursor: Hashable {
        var row: CursorRow
        var logIndex: UInt64
    }

    /// What is deleted of a batch.
    struct Removed: Hashable {
        var logIndex: UInt64
        var rows: RemovedRows
    }

    var position: Position
    /// Whether all lines before say nothing any more: this one begins the whole again.
    var isStart = false
    var ledger: [LedgerRow] = []
    var cursors: [Cursor] = []
    var keys: [DuplicateKey] = []
    /// Whether the keys before went into a run.
    var emptiesKeys = false
    var runsAdded: [DuplicateRunRecord] = []
    var runsRemoved: [Int64] = []
    var removed: [Removed] = []

    init(_ position: Position) { self.position = position }

    /// What a change said.
    init(_ change: CatalogueChange, _ position: Position) {
        self.init(position)
        ledger = change.ledger
        cursors = change.cursors.map { Cursor(row: $0.row, logIndex: $0.logIndex) }
        keys = change.duplicateKeys
        emptiesKeys = change.emptiesDuplicateTable
        runsAdded = change.duplicateRunsAdded
        runsRemoved = change.duplicateRunsRemoved
        removed = change.removed.map { Removed(logIndex: $0.logIndex, rows: $0.rows) }
    }

    /// The checksum of the numbers of runs.
    static func check(runs: some Sequence<Int64>) -> UInt64 {
        var bytes: [UInt8] = []
        for id in runs.sorted() { bytes.appendInteger(id) }
        return bytes.withUnsafeBytes { XXH64.hash($0) }
    }
}

// MARK: As JSON

extension CatalogueLine {
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "size": .integer(Int64(clamping: position.size)),
            "next": ["segment": .integer(position.nextSegment), "epoch": .integer(position.nextEpoch), "run": .integer(position.nextRun)],
            "runs": .string(Self.hex(position.runs)),
        ]
        members["epoch"] = position.epoch.map {
            ["number": .integer($0.number), "session": .string($0.session), "opened": .integer($0.opened)]
        }
        if isStart { members["start"] = .bool(true) }
        if emptiesKeys { members["emptiesKeys"] = .bool(true) }
        func list<Row>(_ name: String, _ rows: [Row], _ json: (Row) -> JSONValue) {
            if !rows.isEmpty { members[name] = .array(rows.map(json)) }
        }
        list("ledger", ledger, Self.json)
        list("cursors", cursors, Self.json)
        list("runsAdded", runsAdded, Self.json)
        list("runsRemoved", runsRemoved) { .integer($0) }
        list("removed", removed, Self.json)
        if !keys.isEmpty { members["keys"] = .string(Self.hex(keys)) }
        return .object(members)
    }

    private static func json(_ row: LedgerRow) -> JSONValue {
        let counts = row.range.counts
        return [
            .integer(Int64(clamping: row.logIndex)), .string(row.source), .string(row.range.contentID),
            .integer(Int64(clamping: row.range.bytes.lowerBound)), .integer(Int64(clamping: row.range.bytes.upperBound)), .integer(counts.received),
            .integer(counts.parsed), .integer(counts.duplicates), .integer(counts.quarantined), .integer(counts.skipped),
        ]
    }

    private static func json(_ cursor: Cursor) -> JSONValue {
        [
            .integer(Int64(clamping: cursor.logIndex)), .string(cursor.row.source), .string(cursor.row.contentID),
            .integer(Int64(clamping: cursor.row.offset)), .integer(Int64(clamping: cursor.row.records)), .string(Hex.encode(cursor.row.state)),
        ]
    }

    private static func json(_ run: DuplicateRunRecord) -> JSONValue {
        [
            .integer(run.id), .integer(Int64(run.count)), .integer(Int64(run.minDay)), .integer(Int64(run.maxDay)), .integer(run.sizeBytes),
            .string(run.sha256.hex),
        ]
    }

    private static func json(_ removed: Removed) -> JSONValue {
        [
            "batch": .integer(Int64(clamping: removed.logIndex)), "entry": .integer(Int64(clamping: removed.rows.entry)),
            "ranges": .array(removed.rows.rows.ranges.map { [.integer(Int64($0.lowerBound)), .integer(Int64($0.upperBound))] }),
            "subtrees": .array(removed.rows.subtrees.map { [.integer(Int64($0.level)), .integer(Int64(clamping: $0.index)), .string($0.hash.hex)] }),
        ]
    }

    static func hex(_ number: UInt64) -> String { withUnsafeBytes(of: number.bigEndian) { Hex.encode($0) } }

    /// 48 digits a key: id, bytes, expiry.
    private static func hex(_ keys: [DuplicateKey]) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24 * keys.count)
        for key in keys {
            for number in [key.id, key.bytes, UInt64(bitPattern: key.expires)] { withUnsafeBytes(of: number.bigEndian) { bytes += $0 } }
        }
        return Hex.encode(bytes)
    }
}

// MARK: From JSON

extension CatalogueLine {
    /// Reads a line's JSON; nil for anything else.
    init?(json: JSONValue) {
        guard let size = Self.count(json["size"]), let next = json["next"], let segment = Self.count(next["segment"]),
            let epoch = Self.count(next["epoch"]), let run = Self.count(next["run"]), let runs = json["runs"]?.string.flatMap(Self.number)
        else { return nil }
        var position = Position(size: UInt64(size), nextSegment: segment, nextEpoch: epoch, nextRun: run, runs: runs)
        if let open = json["epoch"] {
            guard let number = Self.count(open["number"]), let session = open["session"]?.string, let opened = open["opened"]?.integer else { return nil }
            position.epoch = Epoch(number: number, session: session, opened: opened)
        }
        self.init(position)
        isStart = json["start"]?.bool ?? false
        emptiesKeys = json["emptiesKeys"]?.bool ?? false
        func list<Row>(_ name: String, _ row: (JSONValue) -> Row?) -> [Row]? {
            guard let items = json[name]?.array else { return json[name] == nil ? [] : nil }
            let rows = items.compactMap(row)
            return rows.count == items.count ? rows : nil
        }
        guard let ledger = list("ledger", Self.ledgerRow), let cursors = list("cursors", Self.cursor), let added = list("runsAdded", Self.run),
            let gone = list("runsRemoved", { Self.count($0) }), let removed = list("removed", Self.removed),
            let keys = Self.keys(json["keys"])
        else { return nil }
        (self.ledger, self.cursors, runsAdded, runsRemoved, self.removed, self.keys) = (ledger, cursors, added, gone, removed, keys)
    }

    private static func count(_ json: JSONValue?) -> Int64? {
        guard let value = json?.integer, (0...1 << 53).contains(value) else { return nil }
        return value
    }

    private static func number(_ hex: String) -> UInt64? {
        guard let bytes = Hex.decode(hex), bytes.count == 8 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func ledgerRow(_ json: JSONValue) -> LedgerRow? {
        guard let items = json.array, items.count == 10, let source = items[1].string, let content = items[2].string else { return nil }
        let numbers = ([0] + Array(3..<10)).compactMap { count(items[$0]) }
        guard numbers.count == 8, numbers[1] <= numbers[2] else { return nil }
        let counts = RecordCounts(
            received: numbers[3], parsed: numbers[4], duplicates: numbers[5], quarantined: numbers[6], skipped: numbers[7])
        return LedgerRow(
            logIndex: UInt64(numbers[0]), source: source,
            range: ContentRange(contentID: content, bytes: UInt64(numbers[1])..<UInt64(numbers[2]), counts: counts))
    }

    private static func cursor(_ json: JSONValue) -> Cursor? {
        guard let items = json.array, items.count == 6, let index = count(items[0]), let source = items[1].string, let content = items[2].string,
            let offset = count(items[3]), let records = count(items[4]), let state = items[5].string.flatMap({ Hex.decode($0) })
        else { return nil }
        return Cursor(
            row: CursorRow(source: source, contentID: content, offset: UInt64(offset), records: UInt64(records), state: state), logIndex: UInt64(index))
    }

    private static func run(_ json: JSONValue) -> DuplicateRunRecord? {
        guard let items = json.array, items.count == 6, let id = count(items[0]), let keys = count(items[1]),
            let first = count(items[2]).flatMap({ UInt16(exactly: $0) }), let last = count(items[3]).flatMap({ UInt16(exactly: $0) }), first <= last,
            let size = count(items[4]), let sha256 = items[5].string.flatMap({ Hex.decode($0) }).flatMap({ SHA256Digest($0) })
        else { return nil }
        return DuplicateRunRecord(id: id, count: Int(keys), minDay: first, maxDay: last, sizeBytes: size, sha256: sha256)
    }

    private static func removed(_ json: JSONValue) -> Removed? {
        guard let batch = count(json["batch"]), let entry = count(json["entry"]), let ranges = json["ranges"]?.array,
            let subtrees = json["subtrees"]?.array
        else { return nil }
        let pairs = ranges.compactMap { item -> Range<Int>? in
            guard let pair = item.array, pair.count == 2, let from = count(pair[0]), let to = count(pair[1]), from < to else { return nil }
            return Int(from)..<Int(to)
        }
        let nodes = subtrees.compactMap { item -> PrunedSubtree? in
            guard let parts = item.array, parts.count == 3, let level = count(parts[0]), level < 63, let index = count(parts[1]),
                let hash = parts[2].string.flatMap({ MerkleHash(hex: $0) })
            else { return nil }
            return PrunedSubtree(level: Int(level), index: UInt64(index), hash: hash)
        }
        guard pairs.count == ranges.count, nodes.count == subtrees.count else { return nil }
        return Removed(logIndex: UInt64(batch), rows: RemovedRows(rows: IndexRanges(pairs), subtrees: nodes, entry: UInt64(entry)))
    }

    private static func keys(_ json: JSONValue?) -> [DuplicateKey]? {
        guard let json else { return [] }
        guard let bytes = json.string.flatMap({ Hex.decode($0) }), bytes.count.isMultiple(of: 24) else { return nil }
        return stride(from: 0, to: bytes.count, by: 24).map { start in
            func number(_ at: Int) -> UInt64 { bytes[start + at..<start + at + 8].reduce(0) { $0 << 8 | UInt64($1) } }
            return DuplicateKey(id: number(0), bytes: number(8), expires: Int64(bitPattern: number(16)))
        }
    }
}

extension CatalogueLine.Position {
    /// Where a writer, or a catalogue at rest, stands.
    init(_ position: WriterPosition, _ open: WriterState.OpenEpoch?, nextRun: Int64, runIDs: some Sequence<Int64>) {
        self.init(
            size: position.frontier.size, nextSegment: position.nextSegment, nextEpoch: position.nextEpoch, nextRun: nextRun,
            epoch: open.map { CatalogueLine.Epoch(number: $0.number, session: $0.session.rawValue, opened: $0.opened.microseconds) },
            runs: CatalogueLine.check(runs: runIDs))
    }
}
