import AuditModel
import DurableIO
@testable import EventStore
import Foundation
import Testing
import TransparencyLog

/// `PROOFLINE_REBUILD_LIVES` says how many lives the property test tries (6), `PROOFLINE_REBUILD_SEED` the first seed.
@Suite struct CatalogueRebuildTests {
    /// Everything that readers and the next writer see of a store.
    private struct View: Equatable {
        var checkpoint: [UInt8]
        var batches: [BatchRecord]
        var segments: [SegmentRecord]
        var settings: [String: SourceSettings]
        var totals: [String: SourceTotals]
        var removed: [UInt64: RemovedRows]
        var holds: [LegalHold]
        var heads: [[UInt8]]
        var headTimes: [Timestamp]
        var entries: [[UInt8]]
        var ledger: [String: [LedgerRow]]
        var cursors: [String: [CursorRow]]
        var verdicts: [DuplicateKey.Verdict]
        var events: [String]
        var findings: [String]

        init(_ test: TestStore, _ salt: @escaping StoreCheck.SaltProvider) throws {
            let store = try EventStore.open(directory: test.directory, access: .reader, options: test.options)
            defer { store.close() }
            let snapshot = try store.snapshot()
            checkpoint = snapshot.checkpointNote.bytes
            batches = snapshot.batches
            segments = snapshot.segments
            settings = snapshot.sources
            totals = snapshot.totals
            removed = snapshot.removedRows
            holds = try snapshot.holds()
            let kept = try snapshot.checkpoints()
            (heads, headTimes) = (kept.map(\.note.bytes), kept.map(\.time))
            entries = try (0..<snapshot.checkpoint.size).map { try snapshot.entry($0) }
            (ledger, cursors) = ([:], [:])
            for source in Set(snapshot.batches.map(\.source)) {
                ledger[source] = try snapshot.ledger(source: source)
                cursors[source] = try store.cursors(source: source)
            }
            verdicts = try store.verdicts(TestStore.draft(count: 400).duplicateKeys)
            events = snapshot.batches.map { batch in
                do { return try snapshot.events(of: batch).description } catch { return "\(error)" }
            }
            findings = try StoreCheck.run(directory: test.directory, options: test.options, salts: salt).findings.map(\.description)
        }
    }

    /// A store that does at random what stores do.
    private final class Life {
        let test = TestStore(inMemory: true)
        var store: EventStore
        var random: SeededRandom
        var next: [String: Int] = [:]
        var hasHold = false

        init(seed: UInt64) throws {
            random = SeededRandom(state: seed)
            store = try EventStore.create(directory: test.directory, origin: "example.org/life", options: test.options)
            try store.openSession(.service)
        }

        func salt(_ firstSeq: Int64) -> [UInt8]? { TestStore.salt(1) }

        func commit() throws {
            var drafts: [BatchDraft] = []
            for source in ["okta", "other", "third"].shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)) {
                let from = next[source] ?? 0
                let count = Int.random(in: 0...9, using: &random) == 0 ? 0 : Int.random(in: 1...40, using: &random)
                var draft = TestStore.draft(source, from: from, count: count)
                if count == 0 { draft.ranges = [] }
                next[source] = from + count
                drafts.append(draft)
            }
            _ = try store.commit(drafts)
        }

        func step() throws {
            switch Int.random(in: 0..<14, using: &random) {
            case 0..<6: try commit()
            case 6, 7:
                test.advance(seconds: Int64.random(in: 1...400, using: &random))
                try store.tick()
            case 8: _ = try store.compact(isEager: true)
            case 9: _ = try store.compact()
            case 10:
                let cut = TestStore.event(Int.random(in: 0...150, using: &random)).time!
                let source = ["okta", "other"].randomElement(using: &random)!
                do {
                    _ = try store.applyRetention(
                        [RetentionRule(source: source, keepSeconds: 10)], now: Timestamp(microseconds: cut.microseconds + 10_000_000), salt: salt)
                } catch let error as StoreError where error.message.contains("quarantined") {}
            case 11:
                if hasHold { _ = try store.endHold("m") } else { _ = try store.beginHold("m", sources: ["other"]) }
                hasHold.toggle()
            case 12:
                try store.configure([SourceSettings(source: "okta", parser: "okta", keepSeconds: Int64.random(in: 1...9, using: &random))])
            default: try reopen(isClean: Bool.random(using: &random))
            }
        }

        func reopen(isClean: Bool) throws {
            if isClean { try store.closeSession() }
            store.close()
            store = try EventStore.open(directory: test.directory, access: .writer, options: test.options)
            try store.openSession(.service)
        }
    }

    private static func removeCatalogue(_ test: TestStore) {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: StoreLayout(directory: test.directory).catalogue + suffix) }
    }

    @Test func `a catalogue made again says what the lost one said, and ingestion goes on`() throws {
        let environment = ProcessInfo.processInfo.environment
        let lives = environment["PROOFLINE_REBUILD_LIVES"].flatMap { UInt64($0) } ?? 6
        let first = environment["PROOFLINE_REBUILD_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...1 << 40)
        print("rebuild: seeds \(first) to \(first + lives - 1)")
        for seed in first..<first + lives {
            let life = try Life(seed: seed)
            for _ in 0..<Int.random(in: 5...40, using: &life.random) { try life.step() }
            let quarantined = Int.random(in: 0..<4, using: &life.random) == 0 ? try life.store.snapshot().segments.randomElement(using: &life.random) : nil
            if let quarantined { try life.store.quarantine(segment: quarantined.id, reason: "for a test") }
            if Bool.random(using: &life.random) { try life.store.closeSession() }
            life.store.close()
            let before = try View(life.test, life.salt)
            #expect(before.findings.count == (quarantined == nil ? 0 : 1), "seed \(seed)")
            Self.removeCatalogue(life.test)
            let report = try CatalogueRebuild.run(directory: life.test.directory, options: life.test.options)
            #expect(report.lost == [], "seed \(seed)")
            let after = try View(life.test, life.salt)
            for (name, isSame) in Self.comparison(before, after) { #expect(isSame, "seed \(seed): \(name)") }
            try Self.goOn(life, seed)
        }
    }

    private static func comparison(_ a: View, _ b: View) -> [(String, Bool)] {
        [
            ("checkpoint", a.checkpoint == b.checkpoint), ("batches", a.batches == b.batches), ("segments", a.segments == b.segments),
            ("settings", a.settings == b.settings), ("totals", a.totals == b.totals), ("removed", a.removed == b.removed), ("holds", a.holds == b.holds),
            ("heads", a.heads == b.heads && a.headTimes == b.headTimes), ("entries", a.entries == b.entries), ("ledger", a.ledger == b.ledger),
            ("cursors", a.cursors == b.cursors), ("keys", a.verdicts == b.verdicts), ("events", a.events == b.events), ("fsck", a.findings == b.findings),
        ]
    }

    /// The next writer begins at the cursors, and in the end all is there once.
    private static func goOn(_ life: Life, _ seed: UInt64) throws {
        life.store = try EventStore.open(directory: life.test.directory, access: .writer, options: life.test.options)
        for (source, next) in life.next where next > 0 {
            #expect(try life.store.cursor(source: source, contentID: "c1")?.records == UInt64(next), "seed \(seed)")
        }
        try life.store.openSession(.service)
        for _ in 0..<10 { try life.step() }
        try life.commit()
        try life.store.closeSession()
        let snapshot = try life.store.snapshot()
        for (source, next) in life.next {
            let events = snapshot.batches.filter { $0.source == source }.reduce(0) { $0 + $1.count }
            #expect(events == next, "seed \(seed)")
        }
        life.store.close()
        let findings = try StoreCheck.run(directory: life.test.directory, options: life.test.options, salts: { _ in TestStore.salt(1) }).findings
        let others = findings.filter { $0.kind != .segment }.map(\.description)
        #expect(others.prefix(3) == [], "seed \(seed): \(others.count) findings")
    }

    private func made(_ test: TestStore, commits: Int = 3) throws -> StoreLayout {
        let store = try EventStore.create(directory: test.directory, origin: "example.org/rebuild", options: test.options)
        for number in 0..<commits { _ = try store.commit([TestStore.draft(from: number * 5, count: 5)]) }
        try store.closeSession()
        store.close()
        return store.layout
    }

    @Test func `a whole catalogue needs nothing, a broken or missing one does`() throws {
        let test = TestStore()
        let layout = try made(test)
        #expect(try CatalogueRebuild.reason(directory: test.directory, options: test.options) == nil)
        let catalogue = try Catalogue(path: layout.catalogue, access: .writer)
        try catalogue.foldLog()
        catalogue.close()
        let file = try #require(FileHandle(forUpdatingAtPath: layout.catalogue))
        try file.seek(toOffset: 4_096)
        try file.write(contentsOf: [UInt8](repeating: 0xA5, count: 8_192))
        try file.close()
        #expect(try CatalogueRebuild.reason(directory: test.directory, options: test.options) != nil)
        let report = try CatalogueRebuild.run(directory: test.directory, options: test.options)
        #expect(report.segments == 3 && report.batches == 3 && report.cursors == 1 && report.ledgerRows == 3)
        let aside = try #require(report.aside)
        #expect(FileManager.default.fileExists(atPath: aside + "/catalogue.sqlite"))
        #expect(try CatalogueRebuild.reason(directory: test.directory, options: test.options) == nil)
        #expect(try StoreCheck.run(directory: test.directory, options: test.options, salts: { _ in TestStore.salt(1) }).findings == [])
    }

    @Test func `without its lines nothing is made again unless positions may be lost`() throws {
        let test = TestStore()
        let layout = try made(test)
        Self.removeCatalogue(test)
        try FileManager.default.removeItem(atPath: layout.catalogueLines)
        #expect { try CatalogueRebuild.run(directory: test.directory, options: test.options) } throws: { ($0 as? StoreError)?.code == .damaged }
        #expect(!FileManager.default.fileExists(atPath: layout.catalogue))
        let report = try CatalogueRebuild.run(directory: test.directory, options: test.options, mayLosePositions: true)
        #expect(report.lost.count == 1 && report.segments == 3 && report.cursors == 0)
        let store = try EventStore.open(directory: test.directory, access: .reader, options: test.options)
        defer { store.close() }
        let snapshot = try store.snapshot()
        #expect(try snapshot.batches.reduce(0) { try $0 + snapshot.verifiedBatch($1, salt: TestStore.salt(1)).events.count } == 15)
    }

    @Test func `what was committed behind the checkpoint is undone with its cursor, and set aside`() throws {
        let test = TestStore()
        let layout = try made(test)
        let checkpoint = try Data(contentsOf: URL(fileURLWithPath: layout.log + "/checkpoint"))
        let store = try EventStore.open(directory: test.directory, access: .writer, options: test.options)
        _ = try store.commit([TestStore.draft(from: 15, count: 2)])
        store.close()
        try checkpoint.write(to: URL(fileURLWithPath: layout.log + "/checkpoint"))
        Self.removeCatalogue(test)
        let report = try CatalogueRebuild.run(directory: test.directory, options: test.options)
        #expect(report.lost == [] && report.segments == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: try #require(report.aside)).sorted() == ["00000004.idx", "00000004.parquet"])
        let again = try EventStore.open(directory: test.directory, access: .writer, options: test.options)
        defer { again.close() }
        #expect(try again.cursor(source: "okta", contentID: "c1")?.records == 15)
        #expect(try again.commit([TestStore.draft(from: 15, count: 2)]).first?.firstSeq == 15)
        #expect(try StoreCheck.run(directory: test.directory, options: test.options, salts: { _ in TestStore.salt(1) }).findings == [])
    }

    @Test func `a lost index of a lost catalogue is made again from rows and salts`() throws {
        let test = TestStore()
        let layout = try made(test)
        let before = try Data(contentsOf: URL(fileURLWithPath: layout.index(2)))
        Self.removeCatalogue(test)
        try FileManager.default.removeItem(atPath: layout.index(2))
        _ = try CatalogueRebuild.run(directory: test.directory, options: test.options)
        let store = try EventStore.open(directory: test.directory, access: .writer, options: test.options)
        #expect(try store.rebuildIndexes { _ in TestStore.salt(1) }.made == [layout.index(2)])
        store.close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: layout.index(2))) == before)
        #expect(try StoreCheck.run(directory: test.directory, options: test.options, salts: { _ in TestStore.salt(1) }).findings == [])
    }

    @Test func `lines that were lost with the power are written again at the next start`() throws {
        let test = TestStore()
        let layout = try made(test)
        let lines = try Data(contentsOf: URL(fileURLWithPath: layout.catalogueLines))
        for kept in [0, 40, lines.count / 2, lines.count - 1] {
            try lines.prefix(kept).write(to: URL(fileURLWithPath: layout.catalogueLines))
            try EventStore.open(directory: test.directory, access: .writer, options: test.options).close()
            #expect(try StoreCheck.run(directory: test.directory, options: test.options, salts: { _ in TestStore.salt(1) }).findings == [])
            Self.removeCatalogue(test)
            #expect(try CatalogueRebuild.run(directory: test.directory, options: test.options).lost == [])
        }
    }
}
