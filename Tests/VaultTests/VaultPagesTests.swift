import AuditModel
import Foundation
import GRDB
import Testing

@testable import Vault

/// The pages against a dictionary: many flushes, restarts, merges of runs, erasures.
struct VaultPagesTests {
    /// SplitMix64, so that a failure can be replayed.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            return IndexEntry.key(ofSubject: Int64(bitPattern: state))
        }
    }

    private func give(_ vault: Vault, _ values: [(String, Identity.Role)]) throws -> [UInt64] {
        let scratch = IdentityScratch()
        for (value, role) in values { scratch.add(Identity(.user, value, role: role, namespace: "okta")) }
        var bits: [UInt64] = []
        try vault.tokens(ofPerson: scratch, namespace: "okta", into: &bits)
        return bits
    }

    @Test func `tokens are those of a dictionary, over flushes, restarts, failed flushes and erasures`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = Generator(state: seed)
        let temporary = try TemporaryVault()
        var known: [Int: [UInt64]] = [:]
        var pending: Set<Int> = []
        for step in 0..<120 {
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let person = Int.random(in: 0..<300, using: &random)
                var values: [(String, Identity.Role)] = [("\(person + 5_000)", .id), ("p\(person)@example.com", .email)]
                if person % 7 == 0 { values.append((String(repeating: "Name ", count: 1 + 300 * (person % 5)) + "\(person)", .name)) }
                let bits = try give(temporary.vault, values)
                #expect(known[person] ?? bits == bits, "seed \(seed) step \(step)")
                if known.updateValue(bits, forKey: person) == nil { pending.insert(person) }
            }
            switch Int.random(in: 0..<12, using: &random) {
            case 0:
                // A stop without a flush.
                try temporary.reopen()
                for person in pending { known[person] = nil }
                pending = []
            case 1:
                try temporary.vault.flush()
                try temporary.reopen()
                pending = []
            case 2:
                guard let person = known.keys.sorted().randomElement(using: &random) else { break }
                let receipt = try temporary.vault.erase(personWith: "p\(person)@example.com", now: Timestamp(microseconds: 1))
                let erased = Set(receipt.tokens.compactMap { Token($0)?.bits })
                #expect(erased.isSuperset(of: known[person] ?? []), "seed \(seed) step \(step)")
                known[person] = nil
                pending = []
            case 3:
                try temporary.vault.database.write { try $0.execute(sql: "ALTER TABLE by_bits RENAME TO elsewhere") }
                if pending.isEmpty { break }
                #expect(throws: (any Error).self) { try temporary.vault.flush() }
                for person in pending { known[person] = nil }
                pending = []
            default:
                try temporary.vault.flush()
                pending = []
            }
            try temporary.vault.database.write { db in
                if try db.tableExists("elsewhere") { try db.execute(sql: "ALTER TABLE elsewhere RENAME TO by_bits") }
            }
        }
        try temporary.vault.flush()
        try temporary.reopen()
        for person in 0..<300 {
            let tokens = Set((known[person] ?? []).map { Token(kind: .user, bits: $0).description })
            #expect(try Set(temporary.vault.tokens(ofPersonWith: "p\(person)@example.com")) == tokens, "seed \(seed) person \(person)")
            #expect(try temporary.vault.lookup("\(person + 5_000)").count == (tokens.isEmpty ? 0 : 1), "seed \(seed) person \(person)")
        }
        #expect(try temporary.vault.check() == [], "seed \(seed)")
        let bound = try Set(temporary.vault.takePendingBindings().map(\.token))
        #expect(bound.isSuperset(of: known.values.joined().map { Token(kind: .user, bits: $0).description }), "seed \(seed)")
    }

    @Test func `a changed byte of a page is refused where it is read, and found by the check`() throws {
        let temporary = try TemporaryVault()
        for flush in 0..<3 {
            for person in 0..<4 { _ = try give(temporary.vault, [("id-\(flush)-\(person)", .id), ("p\(flush)\(person)@example.com", .email)]) }
            try temporary.vault.flush()
        }
        let answer = try temporary.vault.tokens(ofPersonWith: "p11@example.com")
        #expect(answer.count == 2)
        let queue = temporary.vault.database
        var (refused, count) = (0, 0)
        for (table, key) in PageTable.allCases.map({ ($0.name, "id") }) + [("meta WHERE key = 'root'", "key")] {
            let column = key == "id" ? "body" : "value"
            let rows = try queue.read { try Row.fetchAll($0, sql: "SELECT \(key), \(column) FROM \(table)") }
            for row in rows {
                let body = row[1] as Data
                for place in stride(from: Int.random(in: 0..<41), to: body.count, by: 41) {
                    var changed = body
                    changed[place] ^= 1 << UInt8.random(in: 0..<8)
                    let name = table.split(separator: " ")[0]
                    func put(_ body: Data) throws {
                        try queue.write { try $0.execute(sql: "UPDATE \(name) SET \(column) = ? WHERE \(key) = ?", arguments: [body, row[0] as DatabaseValue]) }
                    }
                    try put(changed)
                    let reader = try Vault.open(directory: temporary.directory, access: .reader, environment: [:])
                    do { #expect(try reader.tokens(ofPersonWith: "p11@example.com") == answer) } catch let error as VaultError {
                        #expect(error.code == .damaged)
                        refused += 1
                    }
                    do { #expect(try reader.check() != [], "\(name) byte \(place)") } catch let error as VaultError { #expect(error.code == .damaged) }
                    try put(body)
                    count += 1
                }
            }
        }
        #expect(refused > 0 && count > 100)
        #expect(try temporary.vault.check() == [])
    }

    @Test func `entries are sorted whatever their keys are`() {
        var random = Generator(state: 7)
        for count in [0, 1, 2, 64, 65, 1_000, 5_000] {
            for spread in [UInt64.max, 1 << 40, 3] {
                var entries = (0..<count).map { _ in
                    IndexEntry(key: UInt64.random(in: 0...spread, using: &random), place: UInt64.random(in: 0...9, using: &random))
                }
                let sorted = entries.sorted(by: IndexEntry.isLess)
                IndexEntry.sort(&entries)
                #expect(entries == sorted)
            }
        }
    }

    @Test func `a filter never denies a key that it was given`() {
        var random = Generator(state: 11)
        var filter = KeyFilter(capacity: 2_000)
        let keys = (0..<2_000).map { _ in random.next() }
        for key in keys { filter.insert(key) }
        #expect(keys.allSatisfy { filter.mayHold($0) })
        #expect((0..<10_000).count { _ in filter.mayHold(random.next()) } < 400)
    }

    @Test func `the root is read as it was written`() throws {
        var root = VaultRoot()
        root.lastHeapPage = 7
        root.nextSubject = 1 << 40
        root.nextRun = 3
        root.runs = [VaultRoot.Run(table: .bits, number: 2, leafBits: 3, count: 9)]
        #expect(VaultRoot(root.bytes) == root)
        #expect(VaultRoot(Array(root.bytes.dropLast())) == nil)
        #expect(root.runs[0].leaves == (2 << 24)...(2 << 24 + 7))
        #expect(root.runs[0].leaf(of: UInt64.max) == 2 << 24 + 7)
    }
}
