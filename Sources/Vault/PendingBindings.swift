import Cryptography
import Foundation
import GRDB

/// Commitments of durable tokens that no seal holds yet: waiting, or handed out for a commit that is under way.
///
/// The file lists them by flush (table `pending`), so that a crash loses none. Touched under the vault's lock alone.
struct PendingBindings {
    struct Item {
        let token: Token
        let commitment: SHA256Digest
        /// The row of the table `pending` that lists it.
        let row: Int64
    }

    private(set) var waiting: [Item] = []
    private var taken: [UInt64: Item] = [:]
    /// How many of each row's tokens no seal holds.
    private var open: [Int64: Int] = [:]
    private var isLoaded = false

    mutating func add(_ pending: PendingWrites, row: Int64?) {
        // Before the first question the file knows them all.
        guard isLoaded, let row else { return }
        for token in pending.tokens {
            guard let commitment = pending.commitment(token) else { continue }
            waiting.append(Item(token: Token(kind: token.kind, bits: token.bits), commitment: commitment, row: row))
        }
        open[row] = pending.tokens.count
    }

    /// Reads what earlier processes left, once.
    mutating func load(_ db: Database, directory: String) throws {
        guard !isLoaded else { return }
        for row in try Row.fetchAll(db, sql: "SELECT id, tokens FROM pending ORDER BY id") {
            let id: Int64 = row[0]
            var count = 0
            for bits in Self.bits(row[1]) {
                let statement = try db.cachedStatement(sql: "SELECT bits, kind, commitment FROM token WHERE bits = ?")
                guard let found = try Row.fetchOne(statement, arguments: [Int64(bitPattern: bits)]) else { continue }
                let token = try Vault.token(found)
                guard let commitment = SHA256Digest(Array(found[2] as Data)) else {
                    throw VaultError(.damaged, "the commitment of \(token) is damaged; restore the vault from its backup", path: directory)
                }
                waiting.append(Item(token: token, commitment: commitment, row: id))
                count += 1
            }
            open[id] = count
        }
        isLoaded = true
    }

    /// Hands out what waits, sorted by the tokens' spelling.
    mutating func take() -> [Binding] {
        let sorted = waiting.map { (key: $0.token.sortKey, item: $0) }.sorted { $0.key < $1.key }
        waiting.removeAll()
        taken.reserveCapacity(taken.count + sorted.count)
        return sorted.map { _, item in
            taken[item.token.bits] = item
            return Binding(token: item.token.description, commitment: item.commitment)
        }
    }

    mutating func giveBack(_ bits: some Sequence<UInt64>) {
        for value in bits { if let item = taken.removeValue(forKey: value) { waiting.append(item) } }
    }

    /// Takes tokens off the list, as sealed or erased, and brings the file in step.
    mutating func remove(_ bits: Set<UInt64>, _ db: Database) throws {
        var rows: Set<Int64> = []
        var gone = 0
        for value in bits {
            guard let item = taken.removeValue(forKey: value) else { continue }
            rows.insert(item.row)
            open[item.row, default: 1] -= 1
            gone += 1
        }
        if gone < bits.count {
            waiting.removeAll { item in
                guard bits.contains(item.token.bits) else { return false }
                rows.insert(item.row)
                open[item.row, default: 1] -= 1
                return true
            }
        }
        for row in rows { try write(row, db) }
    }

    private mutating func write(_ row: Int64, _ db: Database) throws {
        if open[row] == 0 {
            open[row] = nil
            try db.execute(sql: "DELETE FROM pending WHERE id = ?", arguments: [row])
            return
        }
        let left = waiting.filter { $0.row == row }.map(\.token.bits) + taken.values.filter { $0.row == row }.map(\.token.bits)
        try db.execute(sql: "UPDATE pending SET tokens = ? WHERE id = ?", arguments: [Data(left.flatMap(Vault.bigEndian)), row])
    }

    private static func bits(_ list: Data) -> [UInt64] {
        let bytes = Array(list)
        return stride(from: 0, to: bytes.count / 8 * 8, by: 8).map { start in
            bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
