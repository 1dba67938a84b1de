import GRDB

/// The tables of `vault.sqlite` (docs/formats/vault.md).
enum VaultSchema {
    static let formatVersion = 2

    static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
                -- Sources by number, from 1 on.
                CREATE TABLE namespace (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
                -- Pages of tokens, keys and indexes, each under an authentication code; `root` in meta says what they are.
                \(PageTable.allCases.map { "CREATE TABLE \($0.name) (id INTEGER PRIMARY KEY, body BLOB NOT NULL);" }.joined(separator: "\n"))
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
