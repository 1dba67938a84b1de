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
        let batches = try Row.fetchCursor(
            db, sql: "SELECT * FROM batch WHERE log_index < ? ORDER BY log_index", arguments: [Int64(size)])
        while let row = try batches.next() { content.add(try BatchRecord(row)) }
        let segments = try Row.fetchCursor(
            db, sql: "SELECT * FROM segment WHERE first_log_index < ? ORDER BY first_seq", arguments: [Int64(size)])
        while let row = try segments.next() { content.segments.append(try SegmentRecord(row)) }
        try content.checkWhole()
        let settings = try Row.fetchCursor(db, sql: "SELECT settings FROM source WHERE log_index < ?", arguments: [Int64(size)])
        while let row = try settings.next() {
            guard let json = try? JSONValue(parsing: try row.text("settings")), let found = SourceSettings(json: json) else {
                throw StoreError(.damaged, "the settings of a source are damaged: run `proofline fsck`")
            }
            content.sources[found.source] = found
        }
        return content
    }

    /// The bytes of an entry.
    func entry(_ logIndex: UInt64) throws -> [UInt8]? {
        try read { db in
            try Row.fetchOne(db, sql: "SELECT bytes FROM entry WHERE log_index = ?", arguments: [Int64(clamping: logIndex)])
                .map { try $0.blob("bytes") }
        }
    }

    /// The bytes of the entries in a range, in order.
    func entries(in range: Range<UInt64>) throws -> [[UInt8]] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT bytes FROM entry WHERE log_index >= ? AND log_index < ? ORDER BY log_index",
                arguments: [Int64(clamping: range.lowerBound), Int64(clamping: range.upperBound)]
            ).map { try $0.blob("bytes") }
        }
    }

    /// The entries of some kinds, parsed, in log order.
    func entries(_ kinds: Set<LogEntryKind>, below size: UInt64) throws -> [LogEntry] {
        let names = kinds.map(\.rawValue)
        return try read { db in
            let marks = databaseQuestionMarks(count: names.count)
            // Most entries are seals: the index of all others is only used where the question itself leaves seals out.
            let noSeals = kinds.contains(.batch) ? "" : "type <> 'batch' AND "
            let rows = try Row.fetchCursor(
                db, sql: "SELECT log_index, type, bytes FROM entry WHERE \(noSeals)type IN (\(marks)) AND log_index < ? ORDER BY log_index",
                arguments: StatementArguments(names) + [Int64(clamping: size)])
            var found: [LogEntry] = []
            while let row = try rows.next() { found.append(try LogEntry(row)) }
            return found
        }
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
    /// Positions join from batch to batch, and every batch's segment is there: a lost row would hide events.
    fileprivate func checkWhole() throws {
        var next: Int64 = 0
        let known = Set(segments.map(\.id))
        for batch in batches {
            guard batch.firstSeq == next, batch.segment.map(known.contains) ?? true else {
                throw StoreError(.damaged, "the catalogue lacks a batch or a segment: run `proofline fsck`")
            }
            next += Int64(batch.count)
        }
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

extension LogEntry {
    fileprivate init(_ row: Row) throws {
        let index = UInt64(try row.count("log_index"))
        let bytes = try row.blob("bytes")
        guard let kind = LogEntryKind(rawValue: try row.text("type")), let json = try? JSONValue(parsing: bytes) else {
            throw StoreError(.damaged, "log entry \(index) is damaged in the catalogue: run `proofline fsck`")
        }
        self.init(logIndex: index, kind: kind, json: json, bytes: bytes)
    }
}
