import AuditModel
import GRDB
import Parquet

extension StoreCheck {
    /// Tables that say again what entries say, so that the writer and readers need not parse the log: what they say must be the same.
    mutating func checkCopies(_ db: Database) throws {
        try checkTree(db)
        try checkSources(db)
        try checkEpochRows(db)
        try checkKeptTimes(db)
        let chains = try Row.fetchCursor(
            db,
            sql: """
                SELECT c.source FROM chain c WHERE c.log_index IS NOT (SELECT max(log_index) FROM batch b WHERE b.source = c.source)
                """)
        while let row = try chains.next() {
            find(.catalogue, "the last seal of \(try row.text("source")) is not where the catalogue says", layout.catalogue)
        }
        let cursors = try Row.fetchCursor(
            db,
            sql: """
                SELECT c.source, c.content_id FROM cursor c WHERE NOT EXISTS (SELECT 1 FROM batch b WHERE b.log_index = c.log_index AND b.source = c.source)
                """)
        while let row = try cursors.next() {
            find(.catalogue, "the cursor of \(try row.text("content_id")) names a batch that its source \(try row.text("source")) has not", layout.catalogue)
        }
    }

    /// A kept head is that behind a heartbeat, with its end.
    private mutating func checkKeptTimes(_ db: Database) throws {
        let ends = Dictionary(heartbeats.map { ($0.logIndex + 1, $0.json["to"]?.string) }, uniquingKeysWith: { first, _ in first })
        for row in try Row.fetchAll(db, sql: "SELECT size, time FROM checkpoint") {
            let size = UInt64(try row.count("size"))
            guard let end = ends[size], try row.optionalTime("time")?.description == end else {
                find(.checkpoint, "the time of the kept checkpoint of size \(size) is not the end of an epoch there", layout.catalogue)
                continue
            }
        }
        let lastRun = try Int64.fetchOne(db, sql: "SELECT max(id) FROM duplicate_run") ?? 0
        let sequence = try Row.fetchAll(db, sql: "SELECT name, seq FROM sqlite_sequence")
        for row in sequence {
            if try row.text("name") != "duplicate_run" || row.integer("seq") < lastRun {
                find(.catalogue, "the next number of a run of duplicate keys would be one that was given", layout.catalogue)
            }
        }
        if lastRun > 0, sequence.count != 1 { find(.catalogue, "the numbers of runs of duplicate keys are not counted", layout.catalogue) }
    }

    private mutating func checkTree(_ db: Database) throws {
        guard let tree = try Row.fetchOne(db, sql: "SELECT * FROM tree") else { return }
        let nextSeq = seals.values.map { ($0["firstSeq"]?.integer ?? 0) &+ max(0, min($0["count"]?.integer ?? 0, Int64(StoreLimits.batchEvents))) }.max() ?? 0
        if try tree.integer("next_seq") != nextSeq {
            find(.catalogue, "the next position is \(try tree.integer("next_seq")) and the seals end at \(nextSeq)", layout.catalogue)
        }
        let lastSegment = try Int64.fetchOne(db, sql: "SELECT max(id) FROM (SELECT id FROM segment UNION SELECT id FROM replaced_segment)") ?? 0
        if try tree.integer("next_segment") <= lastSegment {
            find(.catalogue, "the next segment would have a number that was given, \(try tree.integer("next_segment"))", layout.catalogue)
        }
        let lastEpoch = try Int64.fetchOne(db, sql: "SELECT max(number) FROM epoch") ?? 0
        if try tree.integer("next_epoch") != lastEpoch + 1 {
            find(.catalogue, "the next epoch is \(try tree.integer("next_epoch")) after \(lastEpoch)", layout.catalogue)
        }
    }

    /// Settings of sources against their last `config` entry.
    private mutating func checkSources(_ db: Database) throws {
        var last: [String: (settings: JSONValue, index: Int64)] = [:]
        let entries = try Row.fetchCursor(db, sql: "SELECT log_index, bytes FROM entry WHERE type = 'config' ORDER BY log_index")
        while let row = try entries.next() {
            guard let json = try? JSONValue(parsing: try row.blob("bytes")), json["what"] == "source", let source = json["source"]?.string else {
                continue
            }
            last[source] = (json, try row.integer("log_index"))
        }
        var count = 0
        let rows = try Row.fetchCursor(db, sql: "SELECT source, settings, log_index FROM source")
        while let row = try rows.next() {
            let source = try row.text("source")
            let settings = try? JSONValue(parsing: Array(try row.text("settings").utf8))
            var agrees = last[source].map { (try? row.integer("log_index")) == $0.index } ?? false
            if case .object(let members)? = settings {
                // The entry has its own members beside them.
                for (name, value) in members where last[source]?.settings[name] != value { agrees = false }
                if members["source"] == nil { agrees = false }
            } else {
                agrees = false
            }
            for name in ["parser", "instance", "timezone", "expectedIntervalSeconds", "calendar", "keepSeconds"]
            where last[source]?.settings[name] != settings?[name] { agrees = false }
            if !agrees { find(.catalogue, "the settings of \(source) are not those of its last entry in the log", layout.catalogue) }
            count += 1
        }
        if count != last.count { find(.catalogue, "the log has settings of \(last.count) sources, the catalogue of \(count)", layout.catalogue) }
    }

    /// Closed epochs against their heartbeats.
    private mutating func checkEpochRows(_ db: Database) throws {
        var rest = Dictionary(heartbeats.map { ($0.json["epoch"]?.integer ?? -1, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = try Row.fetchCursor(db, sql: "SELECT number, session, opened, closed, heartbeat FROM epoch ORDER BY number")
        while let row = try rows.next() {
            let number = try row.integer("number")
            guard let heartbeat = rest.removeValue(forKey: number) else {
                if try row.optionalInteger("heartbeat") != nil || row.optionalInteger("closed") != nil {
                    find(.epoch, "the catalogue says that epoch \(number) is closed, the log has no heartbeat of it", layout.catalogue)
                }
                continue
            }
            let json = heartbeat.json
            let agrees =
                try row.optionalInteger("heartbeat") == Int64(heartbeat.logIndex) && row.text("session") == json["session"]?.string
                && row.optionalTime("opened")?.description == json["from"]?.string && row.optionalTime("closed")?.description == json["to"]?.string
            if !agrees { find(.epoch, "the catalogue's row of epoch \(number) is not what its heartbeat says", layout.catalogue) }
        }
        for number in rest.keys.sorted() { find(.epoch, "epoch \(number) has a heartbeat and is not in the catalogue", layout.catalogue) }
    }

    /// What the catalogue says of a segment, by which readers pass over it or open it, against its seals, its files and the times in its rows.
    mutating func checkSegmentRow(_ row: Row, _ seals: [(logIndex: UInt64, seqs: Range<Int64>)], times: ClosedRange<Int64>?, bytes: [UInt8], indexBytes: Int?)
        throws
    {
        let (id, path) = (try row.count("id"), layout.catalogue)
        func wrong(_ what: String) { find(.catalogue, "segment \(id): \(what) in the catalogue is not so", path) }
        let (first, end) = (try row.integer("first_seq"), try row.integer("end_seq"))
        if first > end || seals.contains(where: { $0.seqs.lowerBound < first || $0.seqs.upperBound > end }) { wrong("where its positions begin or end") }
        if let low = seals.map(\.logIndex).min(), try row.count("first_log_index") > Int64(clamping: low) { wrong("its first log index") }
        let (low, high) = (try row.optionalInteger("min_time"), try row.optionalInteger("max_time"))
        if low != times?.lowerBound || high != times?.upperBound {
            // Where rows were deleted the span may be too wide, never too narrow.
            let covers = (low ?? .max) <= (times?.lowerBound ?? .max) && (high ?? .min) >= (times?.upperBound ?? .min)
            if removed.isEmpty || !covers { wrong("its first or last time") }
        }
        if try row.integer("size_bytes") != Int64(bytes.count) { wrong("its size") }
        let tail = bytes.count - Int(try row.count("tail_bytes"))
        let check = UInt64(bitPattern: try row.integer("tail_check"))
        if tail < 0 || bytes[tail...].withUnsafeBytes({ XXH64.hash($0) }) != check { wrong("the checksum of its tail") }
        do { _ = try SegmentRecord(row) } catch let error as StoreError { find(.catalogue, error.message, path) }
        if let indexBytes, try row.integer("index_size_bytes") != Int64(indexBytes) { wrong("the size of its index") }
    }
}
