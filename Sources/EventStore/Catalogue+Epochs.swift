import AuditModel
import GRDB

extension Catalogue {
    /// What each source committed in an epoch.
    func tallies(epoch: Int64) throws -> [String: EpochTally] {
        try read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT b.source, b.count, b.received, e.bytes FROM batch b JOIN entry e USING (log_index)
                    WHERE b.epoch = ? ORDER BY b.log_index
                    """,
                arguments: [epoch])
            var tallies: [String: EpochTally] = [:]
            while let row = try rows.next() {
                let source = try row.text("source")
                var tally = tallies[source] ?? EpochTally()
                tally.seals += 1
                tally.events += try row.count("count")
                tally.received += try row.count("received")
                if let seal = try? JSONValue(parsing: try row.blob("bytes")), let cursor = seal["cursor"]?["to"] {
                    tally.cursor = cursor
                }
                tallies[source] = tally
            }
            return tallies
        }
    }

    /// The epoch that has no heartbeat, with the time of its last commit; there is at most one.
    func openEpoch() throws -> (epoch: WriterState.OpenEpoch, lastCommit: Timestamp?)? {
        try read { db in
            guard let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT number, session, opened, (SELECT max(committed) FROM batch WHERE epoch = number) AS last
                    FROM epoch WHERE closed IS NULL ORDER BY number LIMIT 1
                    """)
            else { return nil }
            guard let session = EventStore.SessionKind(rawValue: try row.text("session")) else {
                throw StoreError(.damaged, "an epoch has an unknown session: run `proofline fsck`")
            }
            let epoch = WriterState.OpenEpoch(
                number: try row.integer("number"), session: session, opened: Timestamp(microseconds: try row.integer("opened")))
            return (epoch, try row.optionalTime("last"))
        }
    }

    /// When the last closed epoch of a kind ended.
    func lastEpochEnd(of session: EventStore.SessionKind) throws -> Timestamp? {
        try read { db in
            try Row.fetchOne(
                db, sql: "SELECT max(closed) AS closed FROM epoch WHERE session = ? AND closed IS NOT NULL",
                arguments: [session.rawValue]
            ).flatMap { try $0.optionalTime("closed") }
        }
    }

    /// The settings of all sources.
    func settings() throws -> [String: SourceSettings] {
        try read { db in
            var found: [String: SourceSettings] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT settings FROM source") {
                if let json = try? JSONValue(parsing: try row.text("settings")), let settings = SourceSettings(json: json) {
                    found[settings.source] = settings
                }
            }
            return found
        }
    }
}
