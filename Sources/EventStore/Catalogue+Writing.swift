import AuditModel
import Cryptography
import Foundation
import GRDB
import TransparencyLog

/// What the writer needs to know to go on after opening.
struct WriterPosition {
    var frontier: MerkleFrontier
    var nextSeq: Int64
    var nextSegment: Int64
    var nextEpoch: Int64
}

extension Catalogue {
    /// Where the last commit left off.
    func position() throws -> WriterPosition {
        try read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM tree WHERE id = 0"),
                let frontier = MerkleFrontier(serialized: try row.blob("frontier")),
                Int64(clamping: frontier.size) == (try row.count("size"))
            else { throw StoreError(.damaged, "the tree in the catalogue is damaged: run `proofline fsck`") }
            return WriterPosition(
                frontier: frontier, nextSeq: try row.count("next_seq"), nextSegment: try row.count("next_segment"),
                nextEpoch: try row.count("next_epoch"))
        }
    }

    /// Records a change: all of it, or nothing.
    ///
    /// - Parameter beforeCommit: called when everything is written and nothing is committed yet.
    func apply(_ change: CatalogueChange, beforeCommit: () throws -> Void) throws {
        try write { db in
            try self.insertEntries(change, db)
            try self.insertRows(change, db)
            try self.removeRows(change, db)
            if let replacement = change.replacement { try self.replaceSegments(replacement, db) }
            try self.insertSettingsAndEpochs(change, db)
            try db.execute(
                sql: "UPDATE tree SET size = ?, frontier = ?, next_seq = ?, next_segment = ?, next_epoch = ?",
                arguments: [
                    Int64(change.frontier.size), Data(change.frontier.serialized()), change.nextSeq, change.nextSegment,
                    change.nextEpoch,
                ])
            try beforeCommit()
        }
    }

    private func insertEntries(_ change: CatalogueChange, _ db: Database) throws {
        let insert = try db.cachedStatement(sql: "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)")
        let count = try db.cachedStatement(sql: "INSERT INTO entry_count VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1")
        for entry in change.entries {
            let row = EntryRow(
                logIndex: Int64(entry.logIndex), type: entry.kind.rawValue, source: entry.source,
                committed: (entry.committed ?? change.committed).microseconds, bytes: entry.bytes)
            try insert.execute(arguments: [row.logIndex, row.type, row.source, row.committed, Data(row.bytes), row.check])
            try count.execute(arguments: [row.type])
        }
    }

    private func insertRows(_ change: CatalogueChange, _ db: Database) throws {
        if let segment = change.segment { try insert(segment, db) }
        for batch in change.batches {
            try db.cachedStatement(
                sql: "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            ).execute(arguments: [
                Int64(batch.logIndex), batch.source, batch.mode.rawValue, batch.epoch, batch.committed.microseconds,
                batch.firstSeq, batch.count, batch.minTime?.microseconds, batch.maxTime?.microseconds,
                batch.rowsRoot.map { Data($0.bytes) }, batch.counts.received, batch.counts.parsed, batch.counts.duplicates,
                batch.counts.quarantined, batch.counts.skipped, batch.segment, batch.rowCheck,
            ])
        }
        for row in change.ledger {
            let counts = row.range.counts
            try db.cachedStatement(sql: "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(arguments: [
                Int64(row.logIndex), row.source, row.range.contentID, Int64(row.range.bytes.lowerBound),
                Int64(row.range.bytes.upperBound), counts.received, counts.parsed, counts.duplicates, counts.quarantined,
                counts.skipped,
            ])
        }
        for cursor in change.cursors {
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO cursor VALUES (?, ?, ?, ?, ?, ?)").execute(arguments: [
                cursor.row.source, cursor.row.contentID, Int64(cursor.row.offset), Int64(cursor.row.records),
                Data(cursor.row.state), Int64(cursor.logIndex),
            ])
        }
        try insertDuplicates(change, db)
        for link in change.chain {
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO chain VALUES (?, ?, ?)")
                .execute(arguments: [link.source, Data(link.seal.bytes), Int64(link.logIndex)])
        }
    }

    func insert(_ segment: CatalogueChange.Segment, _ db: Database) throws {
        let record = segment.record
        try db.execute(
            sql: "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?)",
            arguments: [
                record.id, record.seqs.lowerBound, record.seqs.upperBound, record.rowCount, record.minTime?.microseconds,
                record.maxTime?.microseconds, record.sizeBytes, Data(segment.sha256.bytes), segment.indexSizeBytes,
                Data(segment.indexSHA256.bytes), Int64(segment.firstLogIndex), record.checks.tailBytes,
                Int64(bitPattern: record.checks.tail), Int64(bitPattern: record.checks.index), record.rowCheck,
            ])
    }

    private func insertSettingsAndEpochs(_ change: CatalogueChange, _ db: Database) throws {
        for item in change.settings {
            try db.execute(
                sql: "INSERT OR REPLACE INTO source VALUES (?, ?, ?)",
                arguments: [item.settings.source, item.settings.json.canonicalText, Int64(item.logIndex)])
        }
        for step in change.epochSteps {
            switch step {
            case .open(let number, let session, let at):
                try db.execute(
                    sql: "INSERT INTO epoch VALUES (?, ?, ?, NULL, NULL)", arguments: [number, session.rawValue, at.microseconds])
            case .close(let number, let at, let heartbeat):
                try db.execute(
                    sql: "UPDATE epoch SET closed = ?, heartbeat = ? WHERE number = ? AND closed IS NULL",
                    arguments: [at.microseconds, Int64(heartbeat), number])
            }
        }
        for item in change.damage {
            try db.execute(sql: "UPDATE segment SET damage = ? WHERE id = ?", arguments: [item.reason, item.segment])
        }
    }

    /// Keeps a signed tree head, so that later packs can begin at it.
    func keepCheckpoint(size: UInt64, time: Timestamp, note: SignedNote) throws {
        try write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO checkpoint VALUES (?, ?, ?)",
                arguments: [Int64(size), time.microseconds, Data(note.bytes)])
        }
    }
}
