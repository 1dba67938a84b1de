import Cryptography
import Foundation
import GRDB

/// Whether everything in the vault's pages is as it was written.
extension Vault {
    /// Reads every page and says what is wrong with it, in words for `fsck`; empty where all is whole.
    ///
    /// Each page must be there and authentic, each value open under its subject's key, and the indexes hold one entry for each token and no other.
    /// Memory does not grow with the vault.
    ///
    /// - Throws: ``VaultError`` `storage` where SQLite cannot read the file.
    public func check() throws -> [String] {
        try read { file, db in
            file.pages.forget()
            var check = PageCheck(file: file)
            try check.run(db)
            return check.findings
        }
    }
}

private struct PageCheck {
    let file: VaultFile
    var findings: [String] = []
    /// Sums over what the heap says the indexes hold; an index is compared by its own sum.
    private var expected: [PageTable: Sum] = [:]
    private var keyPage: (number: Int64, bytes: [UInt8])?

    private static let mostFindings = 100

    /// Number of entries and the sum of their hashes, in any order.
    private struct Sum: Equatable {
        var count = 0
        var hashes: UInt64 = 0

        mutating func add(_ key: UInt64, _ place: UInt64) {
            count += 1
            hashes &+= IndexEntry.key(ofSubject: Int64(bitPattern: key ^ IndexEntry.key(ofSubject: Int64(bitPattern: place))))
        }
    }

    init(file: VaultFile) { self.file = file }

    mutating func run(_ db: Database) throws {
        try checkHeap()
        try checkIndexes()
        try checkCounts(db)
    }

    private mutating func find(_ text: String) {
        if findings.count < Self.mostFindings { findings.append(text) }
    }

    private mutating func page(_ table: PageTable, _ number: Int64) throws -> [UInt8]? {
        do { return try file.pages.read(table, number) } catch let error as VaultError where error.code == .damaged {
            find("page \(number) of \(table.name) is missing or not what was written")
            return nil
        }
    }

    private mutating func checkHeap() throws {
        for number in stride(from: Int64(0), through: lastKeyPage, by: 1) { _ = try page(.keys, number) }
        for number in stride(from: Int64(1), through: file.root.lastHeapPage, by: 1) {
            guard let bytes = try page(.heap, number) else { continue }
            guard let chunks = PersonChunk.all(in: bytes) else {
                find("page \(number) of heap does not divide into chunks")
                continue
            }
            for (offset, chunk) in chunks { try check(chunk, HeapPlace(page: number, offset: offset)) }
        }
    }

    private mutating func check(_ chunk: PersonChunk, _ place: HeapPlace) throws {
        for (slot, token) in chunk.tokens.enumerated() {
            let packed = HeapPlace(page: place.page, offset: place.offset, slot: slot).packed
            expected[.look, default: Sum()].add(token.lookupStart, packed)
            expected[.bits, default: Sum()].add(token.bits, packed)
        }
        guard chunk.subject > 0, chunk.subject < file.root.nextSubject else { return find("a chunk of page \(place.page) has no subject") }
        let number = chunk.subject / Int64(VaultFile.keySlots)
        if keyPage?.number != number {
            guard let bytes = try? file.pages.read(.keys, number) else { return }
            keyPage = (number, bytes)
        }
        guard let keys = keyPage?.bytes else { return }
        let start = Int(chunk.subject % Int64(VaultFile.keySlots)) * VaultFile.keySlotBytes
        guard start + VaultFile.keySlotBytes <= keys.count else { return find("page \(number) of \(PageTable.keys.name) is too short") }
        let slot = Array(keys[start..<(start + VaultFile.keySlotBytes)])
        let home = slot[..<8].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        if home != place.packed { expected[.more, default: Sum()].add(IndexEntry.key(ofSubject: chunk.subject), place.packed) }
        let aad = Vault.bigEndian(UInt64(bitPattern: chunk.subject))
        guard let key = try? AESGCM.open(Array(slot[8...]), key: file.wrapKey, aad: aad),
            (try? AESGCM.open(chunk.box, key: key, aad: chunk.aad)) != nil
        else { return find("values on page \(place.page) do not open under their subject's key") }
    }

    private mutating func checkIndexes() throws {
        for table in PageTable.indexes {
            var sum = Sum()
            var isWhole = true
            for run in file.root.runs where run.table == table {
                for number in run.leaves {
                    guard let bytes = try page(table, number), bytes.count % IndexEntry.sizeBytes == 0 else {
                        isWhole = false
                        continue
                    }
                    for start in stride(from: 0, to: bytes.count, by: IndexEntry.sizeBytes) {
                        let key = bytes[start..<(start + 8)].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
                        let place = bytes[(start + 8)..<(start + 16)].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
                        sum.add(key, place)
                        if run.leaf(of: key) != number { find("page \(number) of \(table.name) holds a key of another page") }
                    }
                }
            }
            if isWhole, findings.isEmpty, sum != expected[table, default: Sum()] {
                find("\(table.name) does not hold what the heap does: \(sum.count) entries for \(expected[table]?.count ?? 0)")
            }
        }
    }

    /// Pages beyond those that the root knows.
    private mutating func checkCounts(_ db: Database) throws {
        for table in PageTable.allCases {
            let known: Int64 =
                switch table {
                case .heap: file.root.lastHeapPage
                case .keys: lastKeyPage + 1
                default: file.root.runs.reduce(0) { $1.table == table ? $0 + Int64($1.leaves.count) : $0 }
                }
            let held = try Int64.fetchOne(db, sql: "SELECT count(*) FROM \(table.name)") ?? 0
            if held != known { find("\(table.name) has \(held) pages in place of \(known)") }
        }
    }

    /// -1 where no subject was ever given.
    private var lastKeyPage: Int64 { file.root.nextSubject == 1 ? -1 : (file.root.nextSubject - 1) / Int64(VaultFile.keySlots) }
}
