import GRDB

/// The tables of `vault.sqlite` (docs/formats/vault.md).
enum VaultSchema {
    static let formatVersion = 1

    static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
                -- wrapped_key: the subject's AES-256 key, sealed under the master's subject-keys key, aad = id (8 bytes BE).
                CREATE TABLE subject (id INTEGER PRIMARY KEY, wrapped_key BLOB NOT NULL);
                -- The sources whose numbers have tokens.
                CREATE TABLE namespace (name TEXT PRIMARY KEY) WITHOUT ROWID;
                -- Rows come in the order in which they were written, within one flush in the order of their bits, so that a flush touches few pages.
                -- box: salt(32) || value, sealed under the subject's key, aad = kind(1) || bits(8 bytes BE).
                -- lookup_start: the first 8 bytes of lookup as an integer, big-endian: a short index, whose hits lookup itself decides.
                CREATE TABLE token (
                    id INTEGER PRIMARY KEY, bits INTEGER NOT NULL UNIQUE, kind INTEGER NOT NULL, subject INTEGER NOT NULL REFERENCES subject(id),
                    role INTEGER NOT NULL, namespace TEXT, lookup_start INTEGER NOT NULL, lookup BLOB NOT NULL, box BLOB NOT NULL,
                    commitment BLOB NOT NULL);
                CREATE INDEX token_lookup ON token(lookup_start);
                CREATE INDEX token_subject ON token(subject);
                -- Tokens whose commitments no seal holds yet, a row for each time tokens were written: their bits, 8 bytes BE each.
                CREATE TABLE pending (id INTEGER PRIMARY KEY, tokens BLOB NOT NULL);
                -- Two subjects whose values met in one actor. merged = 1: the second went into the first.
                CREATE TABLE alias (first INTEGER NOT NULL, second INTEGER NOT NULL, merged INTEGER NOT NULL,
                    PRIMARY KEY (first, second)) WITHOUT ROWID;
                CREATE TABLE erased (bits INTEGER PRIMARY KEY, kind INTEGER NOT NULL, at INTEGER NOT NULL);
                CREATE TABLE disclosure (id INTEGER PRIMARY KEY, bits INTEGER NOT NULL, kind INTEGER NOT NULL, reason TEXT NOT NULL,
                    requested_by TEXT NOT NULL, approved_by TEXT NOT NULL, at INTEGER NOT NULL, expires INTEGER NOT NULL, pack TEXT);
                CREATE INDEX disclosure_token ON disclosure(bits);
                CREATE TABLE batch_salt (key BLOB PRIMARY KEY, box BLOB NOT NULL) WITHOUT ROWID;
                """)
        try db.execute(sql: "INSERT INTO meta VALUES ('format', ?)", arguments: [formatVersion])
    }
}
