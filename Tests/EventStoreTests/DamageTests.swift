import AuditModel
import Cryptography
import DurableIO
@testable import EventStore
import Parquet
import Foundation
import GRDB
import Testing

/// Damage of every kind, done to a small store: each is found by fsck under its own kind, and none of it traps.
@Suite struct DamageTests {
    private func store(_ test: TestStore) throws {
        let store = try EventStore.create(directory: test.directory, origin: "example.com/damage", options: test.options)
        try store.openSession(.ingest)
        _ = try store.commit([TestStore.draft(count: 30), TestStore.draft("other", count: 2, salt: 1)])
        var next = TestStore.draft(from: 30, count: 4, salt: 1)
        next.duplicateKeys = []
        _ = try store.commit([next])
        try store.closeSession()
        store.close()
    }

    private func kinds(_ test: TestStore, salt: UInt8? = 1) throws -> Set<StoreCheck.Finding.Kind> {
        let report = try StoreCheck.run(directory: test.directory, options: test.options, salts: { _ in salt.map(TestStore.salt) })
        return Set(report.findings.map(\.kind))
    }

    private func change(_ path: String, at offset: Int, xor mask: UInt8 = 0x10) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[offset < 0 ? bytes.count + offset : offset] ^= mask
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private func sql(_ test: TestStore, _ statement: String) throws {
        let queue = try DatabaseQueue(path: test.directory + "/catalogue.sqlite")
        try queue.write { try $0.execute(sql: statement) }
        try queue.close()
    }

    @Test func `a whole store has no findings`() throws {
        let test = TestStore()
        try store(test)
        #expect(try kinds(test) == [])
        let report = try StoreCheck.run(directory: test.directory, options: test.options)
        #expect(report.rows == 36)
        #expect(report.rowsWithoutSalt == 36)
    }

    @Test func `a wrong salt is a finding about rows`() throws {
        let test = TestStore()
        try store(test)
        #expect(try kinds(test, salt: 2) == [.rows])
    }

    @Test func `a flipped bit anywhere in a segment is found and never trapped on`() throws {
        let test = TestStore()
        try store(test)
        let path = StoreLayout(directory: test.directory).segment(1)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let snapshot = try EventStore.open(directory: test.directory, access: .reader, options: test.options).snapshot()
        for offset in stride(from: 0, to: whole.count, by: 211) {
            try change(path, at: offset)
            #expect(try kinds(test).contains(.segment), "byte \(offset)")
            // Reading must give the sealed rows or an error of the segment, nothing else.
            let again = try EventStore.open(directory: test.directory, access: .reader, options: test.options).snapshot()
            do {
                let verified = try again.verifiedBatch(again.batches[0], salt: TestStore.salt(1))
                #expect(verified.events.count == 30)
            } catch let error as StoreError {
                #expect(error.code == .damagedSegment(1), "byte \(offset): \(error)")
            }
            try whole.write(to: URL(fileURLWithPath: path))
        }
        #expect(snapshot.batches.count == 3)
    }

    @Test func `a damaged index is found, and readers scan instead`() throws {
        let test = TestStore()
        try store(test)
        let path = StoreLayout(directory: test.directory).index(1)
        let count = try Data(contentsOf: URL(fileURLWithPath: path)).count
        for offset in stride(from: 0, to: count, by: 97) {
            try change(path, at: offset)
            #expect(try kinds(test) == [.index])
            let snapshot = try EventStore.open(directory: test.directory, access: .reader, options: test.options).snapshot()
            let reader = try snapshot.reader(snapshot.segments[0])
            var term = "usr_1"
            term.withUTF8 { utf8 in
                let pages = reader.pages(mayHold: UnsafeRawBufferPointer(utf8), in: .actorID, rowGroup: 0)
                #expect(pages?.contains(0) ?? true, "byte \(offset)")
            }
            try change(path, at: offset)
        }
    }

    @Test func `an index with right checksums and wrong content traps nowhere`() throws {
        let test = TestStore()
        try store(test)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: StoreLayout(directory: test.directory).index(1))))
        let block = IndexFormat.blockBytes
        let blockCount = (bytes.count - IndexFormat.trailerBytes) / (block + 8)
        for offset in 0..<min(1_200, blockCount * block) {
            var changed = Array(bytes[..<(blockCount * block)])
            changed[offset] = offset % 2 == 0 ? 0xFF : changed[offset] ^ 0x81
            var table: [UInt8] = []
            for start in stride(from: 0, to: changed.count, by: block) {
                table.appendInteger(Array(changed[start..<start + block]).withUnsafeBytes { XXH64.hash($0) })
            }
            var trailer: [UInt8] = []
            trailer.appendInteger(UInt64(blockCount))
            trailer.appendInteger(table.withUnsafeBytes { XXH64.hash($0) })
            trailer += IndexFormat.magic
            trailer.appendInteger(trailer.withUnsafeBytes { XXH64.hash($0) })
            guard let index = SegmentIndex(FileBytes(changed + table + trailer), check: nil) else { continue }
            for family in TermFamily.allCases { _ = index.pages(mayHold: UInt64(offset) << 40, family: family, rowGroup: 0, pageCount: 1) }
            var part = "some piece"
            part.withUTF8 { _ = index.pages(mayContain: UnsafeRawBufferPointer($0), rowGroup: 0, pageCount: 1) }
            _ = index.subtreeRoots(firstSeq: 0)
            _ = index.segmentChecks(UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    @Test(arguments: [
        ("UPDATE batch SET received = received + 1 WHERE log_index = 1", StoreCheck.Finding.Kind.catalogue),
        ("UPDATE entry SET bytes = x'7b7d' WHERE log_index = 1", .entry),
        ("DELETE FROM entry WHERE log_index = 2", .entry),
        ("UPDATE chain SET seal_sha256 = zeroblob(32)", .catalogue),
        ("UPDATE ledger SET to_byte = to_byte + 50 WHERE from_byte = 0", .ledger),
        ("UPDATE ledger SET parsed = parsed + 1, quarantined = quarantined - 1", .ledger),
        ("UPDATE cursor SET offset = offset + 1", .ledger),
        ("UPDATE tree SET frontier = zeroblob(8)", .entry),
        ("UPDATE segment SET damage = 'by hand' WHERE id = 1", .segment),
    ])
    func `a change in the catalogue is found`(_ statement: String, _ kind: StoreCheck.Finding.Kind) throws {
        let test = TestStore()
        try store(test)
        let queue = try DatabaseQueue(path: test.directory + "/catalogue.sqlite")
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            try db.execute(sql: statement)
        }
        try queue.close()
        #expect(try kinds(test).contains(kind))
    }

    @Test func `a flipped byte anywhere in the catalogue ends in a finding or an error, never in a trap`() throws {
        let test = TestStore()
        try store(test)
        let path = StoreLayout(directory: test.directory).catalogue
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try queue.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var noticed = 0
        let offsets = Array(stride(from: 0, to: whole.count, by: 1_213)) + Array(100..<120)
        for offset in offsets {
            for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
            var bytes = whole
            bytes[offset] ^= 0xFF
            try bytes.write(to: URL(fileURLWithPath: path))
            do {
                if try !kinds(test).isEmpty { noticed += 1 }
                let store = try EventStore.open(directory: test.directory, access: .reader, options: test.options)
                let snapshot = try store.snapshot()
                for batch in snapshot.batches { _ = try? snapshot.verifiedBatch(batch, salt: TestStore.salt(1)) }
                _ = try store.cursors(source: "okta")
                store.close()
            } catch is StoreError {
                noticed += 1
            }
        }
        #expect(noticed > offsets.count / 4)
    }

    @Test func `tiles, bindings and checkpoint are each guarded`() throws {
        let test = TestStore()
        try store(test)
        let layout = StoreLayout(directory: test.directory)
        try change("\(layout.log)/tile/0/000.p/5", at: 40)
        #expect(try kinds(test) == [.tile])
        try change("\(layout.log)/tile/0/000.p/5", at: 40)
        try change(layout.bindings(firstSeq: 0), at: 20)
        #expect(try kinds(test) == [.bindings])
        try change(layout.bindings(firstSeq: 0), at: 20)
        try change("\(layout.log)/checkpoint", at: 25, xor: 1)
        #expect(try kinds(test).contains(.checkpoint))
    }

    @Test func `damaged tiles are written again from the catalogue by the next writer`() throws {
        let test = TestStore()
        try store(test)
        let layout = StoreLayout(directory: test.directory)
        try FileManager.default.removeItem(atPath: "\(layout.log)/tile")
        let store = try EventStore.open(directory: test.directory, access: .writer, options: test.options)
        store.close()
        #expect(try kinds(test) == [])
    }

    @Test func `an older catalogue is refused, since it would fork the log`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/damage", options: test.options)
        _ = try store.commit([TestStore.draft(count: 1)])
        store.close()
        let path = StoreLayout(directory: test.directory).catalogue
        let old = try Data(contentsOf: URL(fileURLWithPath: path))
        let again = try EventStore.open(directory: test.directory, access: .writer, options: test.options)
        _ = try again.commit([TestStore.draft(from: 1, count: 1)])
        again.close()
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try old.write(to: URL(fileURLWithPath: path))
        var code: StoreError.Code?
        do { _ = try EventStore.open(directory: test.directory, access: .writer, options: test.options) } catch let error as StoreError { code = error.code }
        #expect(code == .damaged)
        #expect(FileManager.default.fileExists(atPath: StoreLayout(directory: test.directory).segment(2)))
    }

    @Test func `a lost segment is quarantined with a gap entry and the rest stays readable`() throws {
        let test = TestStore()
        try store(test)
        let layout = StoreLayout(directory: test.directory)
        try FileManager.default.removeItem(atPath: layout.segment(1))
        let store = try EventStore.open(directory: test.directory, access: .writer, options: test.options)
        let snapshot = try store.snapshot()
        #expect(snapshot.segments[0].damage == "the file is missing")
        let gap = try #require(try snapshot.entries([.gap]).last)
        #expect(gap.json["cause"] == "damaged_segment")
        #expect(gap.json["count"] == 32)
        #expect(try snapshot.events(of: snapshot.batches[2]).count == 4)
        var code: StoreError.Code?
        do { _ = try snapshot.events(of: snapshot.batches[0]) } catch let error as StoreError { code = error.code }
        #expect(code == .damagedSegment(1))
    }

    @Test func `a disk that lies about a synced directory is noticed`() throws {
        // The canary of the crash tests: were a lost segment not noticed here, they would prove nothing.
        let test = TestStore()
        let disk = SimulatedFileSystem()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/damage", options: test.options(on: disk))
        _ = try store.commit([TestStore.draft(count: 2)])
        store.close()
        try disk.remove(StoreLayout(directory: test.directory).segment(1))
        disk.restart(.everything)
        let report = try StoreCheck.run(directory: test.directory, options: test.options(on: disk))
        #expect(report.findings.map(\.kind) == [.segment])
    }
}
