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
    /// Handed out, with their spellings in the same order.
    private var taken: [Item] = []
    private var takenTokens: [String] = []
    /// How many of each row's tokens no seal holds.
    private var open: [Int64: Int] = [:]
    private var isLoaded = false

    mutating func add(_ tokens: [PendingWrites.Token], _ written: VaultFile.Written) {
        // Before the first question the file knows them all.
        guard isLoaded, let row = written.row else { return }
        written.commitments.withUnsafeBytes { commitments in
            for (number, token) in tokens.enumerated() {
                let start = SHA256Digest.sizeBytes * number
                let bytes = UnsafeRawBufferPointer(rebasing: commitments[start..<(start + SHA256Digest.sizeBytes)])
                guard let commitment = SHA256Digest(bytes) else { continue }
                waiting.append(Item(token: Token(kind: token.kind, bits: token.bits), commitment: commitment, row: row))
            }
        }
        open[row] = tokens.count
    }

    /// Reads what earlier processes left, once: commitments are made again from salts and values.
    mutating func load(_ file: VaultFile, _ db: Database) throws {
        guard !isLoaded else { return }
        for row in try Row.fetchAll(db, sql: "SELECT id, tokens FROM pending ORDER BY id") {
            let id: Int64 = row[0]
            var count = 0
            for bits in Self.bits(row[1]) {
                guard let found = try file.find(bits: bits) else { continue }
                let (salt, value) = try file.open(found)
                waiting.append(Item(token: try found.spelled(), commitment: SHA256.hash(salt + value), row: id))
                count += 1
            }
            open[id] = count
        }
        isLoaded = true
    }

    /// Hands out what waits, sorted by the tokens' spelling.
    mutating func take() -> [Binding] {
        var keys = [[IndexEntry]](repeating: [], count: IdentityKind.allCases.count)
        for (number, item) in waiting.enumerated() {
            let key = item.token.sortKey
            keys[Int(key.kind)].append(IndexEntry(key: key.rest, place: UInt64(number)))
        }
        var bindings: [Binding] = []
        bindings.reserveCapacity(waiting.count)
        taken.reserveCapacity(taken.count + waiting.count)
        takenTokens.reserveCapacity(taken.count + waiting.count)
        for number in keys.indices {
            IndexEntry.sort(&keys[number])
            for entry in keys[number] {
                let item = waiting[Int(entry.place)]
                let binding = Binding(token: item.token.description, commitment: item.commitment)
                bindings.append(binding)
                taken.append(item)
                takenTokens.append(binding.token)
            }
        }
        waiting.removeAll(keepingCapacity: true)
        return bindings
    }

    mutating func giveBack(_ bits: Set<UInt64>) {
        waiting += taken.filter { bits.contains($0.token.bits) }
        dropTaken { bits.contains($0.token.bits) }
    }

    /// Takes all that was handed out off the list where it is just these tokens; says whether it was.
    mutating func remove(allTaken tokens: [String], _ db: Database) throws -> Bool {
        guard tokens.count == takenTokens.count, tokens == takenTokens else { return false }
        let gone = taken
        taken.removeAll(keepingCapacity: true)
        takenTokens.removeAll(keepingCapacity: true)
        try close(gone, db)
        return true
    }

    /// Takes tokens off the list, as sealed or erased, and brings the file in step.
    mutating func remove(_ bits: Set<UInt64>, _ db: Database) throws {
        let gone = (taken + waiting).filter { bits.contains($0.token.bits) }
        dropTaken { bits.contains($0.token.bits) }
        waiting.removeAll { bits.contains($0.token.bits) }
        try close(gone, db)
    }

    private mutating func dropTaken(where isGone: (Item) -> Bool) {
        let kept = taken.indices.filter { !isGone(taken[$0]) }
        takenTokens = kept.map { takenTokens[$0] }
        taken = kept.map { taken[$0] }
    }

    private mutating func close(_ gone: [Item], _ db: Database) throws {
        var rows: Set<Int64> = []
        var (row, count) = (Int64(-1), 0)
        for item in gone {
            if item.row != row {
                if count > 0 { open[row, default: count] -= count }
                (row, count) = (item.row, 0)
                rows.insert(row)
            }
            count += 1
        }
        if count > 0 { open[row, default: count] -= count }
        for row in rows { try write(row, db) }
    }

    private mutating func write(_ row: Int64, _ db: Database) throws {
        if open[row] == 0 {
            open[row] = nil
            try db.execute(sql: "DELETE FROM pending WHERE id = ?", arguments: [row])
            return
        }
        let left = (waiting + taken).filter { $0.row == row }.map(\.token.bits)
        try db.execute(sql: "UPDATE pending SET tokens = ? WHERE id = ?", arguments: [Data(left.flatMap(Vault.bigEndian)), row])
    }

    private static func bits(_ list: Data) -> [UInt64] {
        let bytes = Array(list)
        return stride(from: 0, to: bytes.count / 8 * 8, by: 8).map { start in
            bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
