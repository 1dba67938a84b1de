import GRDB

/// The tables of the catalogue and how they came to be (docs/formats/store.md).
enum CatalogueSchema {
    /// Every migration in order. A migration that was ever released is never changed.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { db in
            for statement in version1 { try db.execute(sql: statement) }
        }
        migrator.registerMigration("compaction") { db in
            try db.execute(
                sql: "CREATE TABLE replaced_segment (id INTEGER PRIMARY KEY, replaced INTEGER NOT NULL) STRICT; CREATE INDEX batch_by_segment ON batch (segment)")
        }
        migrator.registerMigration("retention") { db in
            try db.execute(
                sql: """
                    CREATE TABLE removed_batch (log_index INTEGER PRIMARY KEY REFERENCES batch, entry INTEGER NOT NULL) STRICT;
                    CREATE TABLE removed_rows (
                      log_index INTEGER NOT NULL REFERENCES removed_batch, from_index INTEGER NOT NULL, to_index INTEGER NOT NULL,
                      PRIMARY KEY (log_index, from_index)) STRICT, WITHOUT ROWID;
                    CREATE TABLE removed_subtree (
                      log_index INTEGER NOT NULL REFERENCES removed_batch, level INTEGER NOT NULL, node INTEGER NOT NULL, hash BLOB NOT NULL,
                      PRIMARY KEY (log_index, level, node)) STRICT, WITHOUT ROWID;
                    """)
        }
        return migrator
    }

    private static let version1 = [
        """
        CREATE TABLE tree (
          id INTEGER PRIMARY KEY CHECK (id = 0), size INTEGER NOT NULL, frontier BLOB NOT NULL,
          next_seq INTEGER NOT NULL, next_segment INTEGER NOT NULL, next_epoch INTEGER NOT NULL) STRICT
        """,
        "INSERT INTO tree VALUES (0, 0, x'0000000000000000', 0, 1, 1)",
        """
        CREATE TABLE entry (
          log_index INTEGER PRIMARY KEY, type TEXT NOT NULL, source TEXT, committed INTEGER NOT NULL, bytes BLOB NOT NULL,
          row_check INTEGER NOT NULL) STRICT
        """,
        "CREATE TABLE entry_count (type TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE INDEX entry_by_type ON entry (type, log_index) WHERE type <> 'batch'",
        """
        CREATE TABLE segment (
          id INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, end_seq INTEGER NOT NULL, row_count INTEGER NOT NULL,
          min_time INTEGER, max_time INTEGER, size_bytes INTEGER NOT NULL, sha256 BLOB NOT NULL,
          index_size_bytes INTEGER NOT NULL, index_sha256 BLOB NOT NULL, first_log_index INTEGER NOT NULL, damage TEXT,
          tail_bytes INTEGER NOT NULL, tail_check INTEGER NOT NULL, index_check INTEGER NOT NULL, row_check INTEGER NOT NULL) STRICT
        """,
        """
        CREATE TABLE batch (
          log_index INTEGER PRIMARY KEY REFERENCES entry, source TEXT NOT NULL, mode TEXT NOT NULL, epoch INTEGER NOT NULL,
          committed INTEGER NOT NULL, first_seq INTEGER NOT NULL, count INTEGER NOT NULL, min_time INTEGER, max_time INTEGER,
          rows_root BLOB, received INTEGER NOT NULL, parsed INTEGER NOT NULL, duplicates INTEGER NOT NULL,
          quarantined INTEGER NOT NULL, skipped INTEGER NOT NULL, segment INTEGER REFERENCES segment,
          row_check INTEGER NOT NULL) STRICT
        """,
        "CREATE INDEX batch_by_epoch ON batch (epoch)",
        """
        CREATE TABLE ledger (
          log_index INTEGER NOT NULL REFERENCES batch, source TEXT NOT NULL, content_id TEXT NOT NULL,
          from_byte INTEGER NOT NULL, to_byte INTEGER NOT NULL, received INTEGER NOT NULL, parsed INTEGER NOT NULL,
          duplicates INTEGER NOT NULL, quarantined INTEGER NOT NULL, skipped INTEGER NOT NULL,
          PRIMARY KEY (source, content_id, from_byte, log_index)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE cursor (
          source TEXT NOT NULL, content_id TEXT NOT NULL, offset INTEGER NOT NULL, records INTEGER NOT NULL, state BLOB NOT NULL,
          log_index INTEGER NOT NULL, PRIMARY KEY (source, content_id)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE duplicate_key (
          id INTEGER NOT NULL, bytes INTEGER NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY (id, bytes)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE duplicate_run (
          id INTEGER PRIMARY KEY AUTOINCREMENT, count INTEGER NOT NULL, min_day INTEGER NOT NULL, max_day INTEGER NOT NULL,
          size_bytes INTEGER NOT NULL, sha256 BLOB NOT NULL) STRICT
        """,
        "CREATE TABLE chain (source TEXT PRIMARY KEY, seal_sha256 BLOB NOT NULL, log_index INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE source (source TEXT PRIMARY KEY, settings TEXT NOT NULL, log_index INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        """
        CREATE TABLE epoch (
          number INTEGER PRIMARY KEY, session TEXT NOT NULL, opened INTEGER NOT NULL, closed INTEGER, heartbeat INTEGER) STRICT
        """,
        "CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, time INTEGER NOT NULL, note BLOB NOT NULL) STRICT",
    ]
}
