import AuditModel
import Cryptography
import Foundation
import GRDB
import Synchronization
import TransparencyLog

extension Catalogue {
    /// What a snapshot reads at once.
    struct Content {
        var batches: [BatchRecord] = []
        var segments: [SegmentRecord] = []
        var sources: [String: SourceSettings] = [:]
        var totals: [String: SourceTotals] = [:]
        var removed: [UInt64: RemovedRows] = [:]
    }

    /// Batches, segments and settings under the checkpoint of this size.
    ///
    /// A reader's own connection tells whether another one has written since: if none has, what was read before is given again.
    func content(below size: UInt64) throws -> Content {
        try read { db in
            let version = isReader ? try Int64.fetchOne(db, sql: "PRAGMA data_version") : nil
            if let version, let content = known.withLock({ $0.flatMap { $0.version == version && $0.size == size ? $0.content : nil } }) {
                return content
            }
            let content = try Self.content(db, below: size)
            if let version { known.withLock { $0 = (version, size, content) } }
            return content
        }
    }

    private static func content(_ db: Database, below size: UInt64) throws -> Content {
        let known = try Int64.fetchOne(db, sql: "SELECT size FROM tree") ?? 0
        guard known >= Int64(clamping: size) else {
            throw StoreError(
                .damaged,
                "the checkpoint covers \(size) log entries and the catalogue knows \(known): it was restored from an older backup; restore the newer one")
        }
        var content = Content()
        content.removed = try removed(db)
        // All of them, also those beyond: a row whose place is damaged must not pass for a later one.
        let batches = try Row.fetchCursor(db, sql: "SELECT * FROM batch ORDER BY log_index")
        var nextSeq: Int64 = 0
        while let row = try batches.next() {
            let batch = try BatchRecord(row)
            guard batch.firstSeq == nextSeq else { throw lacksRows }
            nextSeq += Int64(batch.count)
            if batch.logIndex < size { content.add(batch) }
        }
        guard try Int64.fetchOne(db, sql: "SELECT next_seq FROM tree") == nextSeq else { throw lacksRows }
        let corrections = try Row.fetchCursor(
            db, sql: "SELECT log_index, bytes FROM entry WHERE type <> 'batch' AND type = 'reparse' AND log_index < ?", arguments: [Int64(size)])
        while let row = try corrections.next() {
            let index = UInt64(try row.count("log_index"))
            guard let json = try? JSONValue(parsing: try row.blob("bytes")), let found = CorrectionEntry(logIndex: index, json: json) else {
                throw StoreError(.damaged, "log entry \(index) is not a correction: run `proofline fsck`")
            }
            content.totals[found.source, default: SourceTotals()].resolved += found.part.counts
        }
        let segments = try Row.fetchCursor(
            db, sql: "SELECT * FROM segment WHERE first_log_index < ? ORDER BY first_seq", arguments: [Int64(size)])
        while let row = try segments.next() { content.segments.append(try SegmentRecord(row)) }
        guard content.hasSegments else { throw lacksRows }
        for entry in try entries([.config], db, below: size) where entry.json["what"] == "source" {
            guard let found = SourceSettings(json: entry.json) else {
                throw StoreError(.damaged, "the settings in log entry \(entry.logIndex) cannot be understood: run `proofline fsck`")
            }
            content.sources[found.source] = found
        }
        return content
    }

    /// What a reader says of a catalogue that lost rows.
    private static var lacksRows: StoreError {
        StoreError(.damaged, "the catalogue lacks a batch, a segment or an entry: run `proofline fsck`")
    }

    /// The bytes of an entry.
    func entry(_ logIndex: UInt64) throws -> [UInt8]? {
        try read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM entry WHERE log_index = ?", arguments: [Int64(clamping: logIndex)])
                .map { try EntryRow($0).bytes }
        }
    }

    /// The bytes of the entries in a range, in order.
    func entries(in range: Range<UInt64>) throws -> [[UInt8]] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM entry WHERE log_index >= ? AND log_index < ? ORDER BY log_index",
                arguments: [Int64(clamping: range.lowerBound), Int64(clamping: range.upperBound)]
            ).map { try EntryRow($0).bytes }
        }
    }

    /// The entries of some kinds, parsed, in log order.
    func entries(_ kinds: Set<LogEntryKind>, below size: UInt64) throws -> [LogEntry] {
        try read { db in try Self.entries(kinds, db, below: size) }
    }

    /// Reads all of these kinds, so that their number can be compared with the one that is kept: a damaged index would hide some.
    private static func entries(_ kinds: Set<LogEntryKind>, _ db: Database, below size: UInt64) throws -> [LogEntry] {
        let names = kinds.map(\.rawValue)
        let marks = databaseQuestionMarks(count: names.count)
        // Most entries are seals: the index of all others is only used where the question itself leaves seals out.
        let noSeals = kinds.contains(.batch) ? "" : "type <> 'batch' AND "
        let rows = try Row.fetchCursor(
            db, sql: "SELECT * FROM entry WHERE \(noSeals)type IN (\(marks)) ORDER BY log_index", arguments: StatementArguments(names))
        var found: [LogEntry] = []
        var count: Int64 = 0
        while let row = try rows.next() {
            count += 1
            let row = try EntryRow(row)
            if UInt64(clamping: row.logIndex) < size { found.append(try LogEntry(row)) }
        }
        let kept = try Int64.fetchOne(
            db, sql: "SELECT coalesce(sum(count), 0) FROM entry_count WHERE type IN (\(marks))", arguments: StatementArguments(names))
        guard kept == count else { throw lacksRows }
        return found
    }

    /// Ledger rows of a source, in log order.
    func ledger(source: String, below size: UInt64) throws -> [LedgerRow] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM ledger WHERE source = ? AND log_index < ? ORDER BY log_index, content_id, from_byte",
                arguments: [source, Int64(clamping: size)]
            ).map(LedgerRow.init)
        }
    }

    /// Kept tree heads.
    func checkpoints(upTo size: UInt64) throws -> [(time: Timestamp, note: SignedNote)] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT time, note FROM checkpoint WHERE size <= ? ORDER BY size", arguments: [Int64(clamping: size)]
            ).map { row in
                (Timestamp(microseconds: try row.integer("time")), try SignedNote(parsing: try row.blob("note")))
            }
        }
    }

    /// How far one content was read.
    func cursor(source: String, contentID: String) throws -> CursorRow? {
        try read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM cursor WHERE source = ? AND content_id = ?", arguments: [source, contentID]
            ).map(CursorRow.init)
        }
    }

    /// All cursors of a source.
    func cursors(source: String) throws -> [CursorRow] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM cursor WHERE source = ? ORDER BY content_id", arguments: [source])
                .map(CursorRow.init)
        }
    }

    /// Hash and place of each source's last seal.
    func chains() throws -> [String: (seal: SHA256Digest, logIndex: UInt64)] {
        try read { db in
            var chains: [String: (seal: SHA256Digest, logIndex: UInt64)] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT * FROM chain") {
                guard let seal = SHA256Digest(try row.blob("seal_sha256")) else {
                    throw StoreError(.damaged, "a chain of seals is damaged: run `proofline fsck`")
                }
                chains[try row.text("source")] = (seal, UInt64(try row.count("log_index")))
            }
            return chains
        }
    }

    /// All segments, with the hashes of their files.
    func segmentFiles() throws -> [CatalogueChange.Segment] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM segment ORDER BY id").map { row in
                guard let sha256 = SHA256Digest(try row.blob("sha256")),
                    let indexSHA256 = SHA256Digest(try row.blob("index_sha256"))
                else { throw StoreError(.damaged, "the record of segment \(try row.integer("id")) is damaged: run `proofline fsck`") }
                return CatalogueChange.Segment(
                    record: try SegmentRecord(row), sha256: sha256, indexSizeBytes: try row.count("index_size_bytes"),
                    indexSHA256: indexSHA256, firstLogIndex: UInt64(try row.count("first_log_index")))
            }
        }
    }
}

extension Catalogue.Content {
    /// Whether every batch's segment is there: a lost row would hide events.
    fileprivate var hasSegments: Bool {
        let known = Set(segments.map(\.id))
        return batches.allSatisfy { $0.segment.map(known.contains) ?? true }
    }

    fileprivate mutating func add(_ batch: BatchRecord) {
        batches.append(batch)
        var total = totals[batch.source] ?? SourceTotals()
        total.counts += batch.counts
        total.events += Int64(batch.count)
        total.batches += 1
        if batch.count > 0 {
            total.firstSeq = total.firstSeq ?? batch.firstSeq
            total.lastSeq = batch.seqs.upperBound - 1
        }
        if let time = batch.minTime { total.minTime = min(total.minTime ?? time, time) }
        if let time = batch.maxTime { total.maxTime = max(total.maxTime ?? time, time) }
        totals[batch.source] = total
    }
}

extension BatchRecord {
    init(_ row: Row) throws {
        let count = try row.count("count")
        guard let mode = BatchDraft.Mode(rawValue: try row.text("mode")), count <= StoreLimits.batchEvents else {
            throw StoreError(.damaged, "the catalogue's record of a batch is damaged: run `proofline fsck`")
        }
        self.init(
            logIndex: UInt64(try row.count("log_index")), source: try row.text("source"), mode: mode,
            epoch: try row.count("epoch"), committed: Timestamp(microseconds: try row.integer("committed")),
            firstSeq: try row.count("first_seq"), count: Int(count), minTime: try row.optionalTime("min_time"),
            maxTime: try row.optionalTime("max_time"), rowsRoot: try row.optionalBlob("rows_root").flatMap { MerkleHash($0) },
            counts: try RecordCounts(row), segment: try row.optionalInteger("segment"))
        guard try row.integer("row_check") == rowCheck else {
            throw StoreError(.damaged, "the catalogue's record of the batch at log index \(logIndex) is damaged: run `proofline fsck`")
        }
    }
}

extension RecordCounts {
    fileprivate init(_ row: Row) throws {
        self.init(
            received: try row.count("received"), parsed: try row.count("parsed"), duplicates: try row.count("duplicates"),
            quarantined: try row.count("quarantined"), skipped: try row.count("skipped"))
    }
}

extension SegmentRecord {
    init(_ row: Row) throws {
        let first = try row.count("first_seq")
        self.init(
            id: try row.count("id"), seqs: first..<max(first, try row.count("end_seq")), rowCount: Int(try row.count("row_count")),
            minTime: try row.optionalTime("min_time"), maxTime: try row.optionalTime("max_time"),
            sizeBytes: try row.count("size_bytes"),
            damage: try row.optionalText("damage"),
            checks: Checks(
                tailBytes: Int(try row.count("tail_bytes")), tail: UInt64(bitPattern: try row.integer("tail_check")),
                index: UInt64(bitPattern: try row.integer("index_check"))))
        guard try row.integer("row_check") == rowCheck else {
            throw StoreError(.damaged, "the catalogue's record of segment \(id) is damaged: run `proofline fsck`")
        }
    }
}

extension LedgerRow {
    init(_ row: Row) throws {
        let from = UInt64(try row.count("from_byte"))
        self.init(
            logIndex: UInt64(try row.count("log_index")), source: try row.text("source"),
            range: ContentRange(
                contentID: try row.text("content_id"), bytes: from..<max(from, UInt64(try row.count("to_byte"))),
                counts: try RecordCounts(row)))
    }
}

extension CursorRow {
    init(_ row: Row) throws {
        self.init(
            source: try row.text("source"), contentID: try row.text("content_id"), offset: UInt64(try row.count("offset")),
            records: UInt64(try row.count("records")), state: try row.blob("state"))
    }
}

extension EntryRow {
    init(_ row: Row) throws {
        self.init(
            logIndex: try row.count("log_index"), type: try row.text("type"), source: try row.optionalText("source"),
            committed: try row.integer("committed"), bytes: try row.blob("bytes"))
        guard try row.integer("row_check") == check else {
            throw StoreError(.damaged, "log entry \(logIndex) is damaged in the catalogue: run `proofline fsck`")
        }
    }
}

extension LogEntry {
    fileprivate init(_ row: EntryRow) throws {
        guard let kind = LogEntryKind(rawValue: row.type), let json = try? JSONValue(parsing: row.bytes) else {
            throw StoreError(.damaged, "log entry \(row.logIndex) is not one that this version knows: run `proofline fsck`")
        }
        self.init(logIndex: UInt64(row.logIndex), kind: kind, json: json, bytes: row.bytes)
    }
}
