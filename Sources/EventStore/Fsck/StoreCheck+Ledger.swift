import AuditModel
import Cryptography
import GRDB

extension StoreCheck {
    /// The seals themselves, and the catalogue's copy of them.
    mutating func checkBatches(_ db: Database) throws {
        var nextSeq: Int64 = 0
        for (index, seal) in seals.sorted(by: { $0.key < $1.key }) {
            func number(_ name: String) -> Int64 { seal[name]?.integer ?? -1 }
            let count = number("count")
            if number("firstSeq") != nextSeq || !(0...Int64(StoreLimits.batchEvents)).contains(count) {
                find(.chain, "the seal at log index \(index) begins at \(number("firstSeq")), the one before it ends at \(nextSeq)")
            }
            nextSeq = max(nextSeq, number("firstSeq")) + max(0, min(count, Int64(StoreLimits.batchEvents)))
            let parts = ["parsed", "duplicates", "quarantined", "skipped"].map(number)
            if number("received") < 0 || parts.contains(where: { $0 < 0 || $0 > 1 << 53 }) || number("received") != parts.reduce(0, +) {
                find(.ledger, "the seal at log index \(index): received is not parsed + duplicates + quarantined + skipped")
            }
            if number("events") != count || (seal["rowsRoot"] == nil) != (count == 0) {
                find(.ledger, "the seal at log index \(index): events, count and rowsRoot disagree")
            }
        }
        try checkChains(db)
        try checkBatchRows(db)
    }

    /// `prevSeal` of every seal is the hash of the one before it of the same source.
    private mutating func checkChains(_ db: Database) throws {
        var last: [String: String] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT log_index, bytes FROM entry WHERE type = 'batch' ORDER BY log_index")
        while let row = try rows.next() {
            let index = UInt64(try row.count("log_index"))
            guard let seal = seals[index], let source = seal["source"]?.string else { continue }
            if seal["prevSeal"]?.string != last[source] {
                find(.chain, "the seal at log index \(index) does not name the seal of \(source) before it")
            }
            last[source] = SHA256.hash(try row.blob("bytes")).hex
        }
        let kept = try Row.fetchAll(db, sql: "SELECT source, seal_sha256 FROM chain")
        var found: [String: String] = [:]
        for row in kept { found[try row.text("source")] = Hex.encode(try row.blob("seal_sha256")) }
        if found != last { find(.catalogue, "the last seals in the catalogue are not those of the log", layout.catalogue) }
    }

    private mutating func checkBatchRows(_ db: Database) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM batch ORDER BY log_index")
        var count = 0
        while let row = try rows.next() {
            count += 1
            let index = UInt64(try row.count("log_index"))
            guard let seal = seals[index] else {
                find(.catalogue, "the catalogue lists a batch at log index \(index), where the log has none", layout.catalogue)
                continue
            }
            let numbers = ["first_seq": "firstSeq", "count": "count", "epoch": "epoch", "received": "received", "parsed": "parsed",
                "duplicates": "duplicates", "quarantined": "quarantined", "skipped": "skipped"]
            var agrees = try row.text("source") == seal["source"]?.string && row.text("mode") == seal["mode"]?.string
            for (column, member) in numbers {
                if try row.integer(column) != seal[member]?.integer { agrees = false }
            }
            if try row.optionalBlob("rows_root").map({ Hex.encode($0) }) != seal["rowsRoot"]?.string { agrees = false }
            for (column, member) in ["min_time": "minTime", "max_time": "maxTime", "committed": "committed"] {
                if try row.optionalTime(column)?.description != seal[member]?.string { agrees = false }
            }
            do { _ = try BatchRecord(row) } catch let error as StoreError { find(.catalogue, error.message, layout.catalogue) }
            if !agrees { find(.catalogue, "the catalogue's row of the batch at log index \(index) is not what its seal says", layout.catalogue) }
        }
        report.batches = count
        if count != seals.count {
            find(.catalogue, "the log has \(seals.count) seals, the catalogue \(count) batches", layout.catalogue)
        }
    }

    /// Every byte of every content is accounted for once, and the ranges of a batch sum up to its seal.
    mutating func checkLedger(_ db: Database) throws {
        let sums = try Row.fetchCursor(
            db,
            sql: """
                SELECT b.log_index, b.received = sum(l.received) AND b.parsed = sum(l.parsed) AND b.duplicates = sum(l.duplicates)
                  AND b.quarantined = sum(l.quarantined) AND b.skipped = sum(l.skipped) AS fits
                FROM ledger l JOIN batch b USING (log_index) GROUP BY b.log_index
                """)
        while let row = try sums.next() {
            if try row.integer("fits") == 1 { continue }
            find(.ledger, "the ranges of the batch at log index \(try row.integer("log_index")) do not sum up to its seal")
        }
        let ranges = try Row.fetchCursor(
            db, sql: "SELECT source, content_id, from_byte, to_byte FROM ledger ORDER BY source, content_id, from_byte, to_byte")
        var content = ("", "")
        var end: Int64 = 0
        while let row = try ranges.next() {
            let now = (try row.text("source"), try row.text("content_id"))
            let (from, to) = (try row.integer("from_byte"), try row.integer("to_byte"))
            if now != content {
                (content, end) = (now, 0)
            }
            if from != end {
                find(.ledger, "content \(now.1) of \(now.0): bytes \(min(from, end)) to \(max(from, end)) are accounted for \(from < end ? "twice" : "nowhere")")
            }
            end = max(end, to)
        }
        let cursors = try Row.fetchCursor(
            db,
            sql: """
                SELECT source, content_id FROM cursor c WHERE offset <>
                  (SELECT max(to_byte) FROM ledger l WHERE l.source = c.source AND l.content_id = c.content_id)
                """)
        while let row = try cursors.next() {
            find(.ledger, "content \(try row.text("content_id")) of \(try row.text("source")): the cursor is not where the ledger ends")
        }
    }

    /// Every epoch has exactly one heartbeat, in order, and it counts what the seals say.
    mutating func checkEpochs(_ db: Database) throws {
        var tallies: [Int64: (seals: Int64, events: Int64)] = [:]
        for seal in seals.values {
            let epoch = seal["epoch"]?.integer ?? -1
            tallies[epoch, default: (0, 0)].seals += 1
            tallies[epoch, default: (0, 0)].events += max(0, min(seal["count"]?.integer ?? 0, Int64(StoreLimits.batchEvents)))
        }
        for (place, heartbeat) in heartbeats.enumerated() {
            let number = heartbeat.json["epoch"]?.integer ?? -1
            if number != Int64(place) + 1 {
                find(.epoch, "the heartbeat at log index \(heartbeat.logIndex) closes epoch \(number), the next to close was \(place + 1)")
            }
            let tally = tallies.removeValue(forKey: number) ?? (0, 0)
            if heartbeat.json["seals"]?.integer != tally.seals || heartbeat.json["events"]?.integer != tally.events {
                find(.epoch, "the heartbeat of epoch \(number) counts other seals or events than the log holds")
            }
        }
        // A seal lies behind the heartbeat of the epoch before its own and ahead of its own epoch's.
        var closed = 0
        for (index, seal) in seals.sorted(by: { $0.key < $1.key }) {
            while closed < heartbeats.count, heartbeats[closed].logIndex < index { closed += 1 }
            if seal["epoch"]?.integer != Int64(closed) + 1 {
                find(.epoch, "the seal at log index \(index) names another epoch than the one it lies in")
            }
        }
        // Only the newest epoch may still be open.
        for epoch in tallies.keys.sorted() where epoch != Int64(heartbeats.count) + 1 {
            find(.epoch, "epoch \(epoch) has seals and no heartbeat")
        }
    }
}
