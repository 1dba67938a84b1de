import AuditModel
import DurableIO
@testable import EventStore
import Foundation
import Testing
import TransparencyLog

/// Epochs and heartbeats: exactly one closing heartbeat per epoch, and down-time said out loud.
@Suite struct EpochTests {
    private func create(_ test: TestStore) throws -> EventStore {
        try EventStore.create(directory: test.directory, origin: "example.com/epochs", options: test.options)
    }

    private func entries(_ store: EventStore, _ kinds: Set<LogEntryKind>) throws -> [JSONValue] {
        try store.snapshot().entries(kinds).map(\.json)
    }

    @Test func `an ingest that commits nothing writes nothing`() throws {
        let test = TestStore()
        let store = try create(test)
        let size = try store.snapshot().checkpoint.size
        try store.openSession(.ingest)
        test.advance(seconds: 1_000)
        try store.tick()
        try store.closeSession()
        #expect(try store.snapshot().checkpoint.size == size)
    }

    @Test func `an ingest has one heartbeat per stretch of five minutes in which it commits`() throws {
        let test = TestStore()
        let store = try create(test)
        try store.openSession(.ingest)
        _ = try store.commit([TestStore.draft(count: 1)])
        test.advance(seconds: 200)
        _ = try store.commit([TestStore.draft(from: 1, count: 2)])
        test.advance(seconds: 200)
        _ = try store.commit([TestStore.draft(from: 3, count: 1)])
        try store.closeSession()
        let heartbeats = try entries(store, [.heartbeat])
        #expect(heartbeats.map { $0["epoch"]?.integer } == [1, 2])
        #expect(heartbeats.map { $0["seals"]?.integer } == [2, 1])
        #expect(heartbeats.map { $0["events"]?.integer } == [3, 1])
        #expect(heartbeats[0]["from"] == "2026-10-01T00:00:00.000000Z")
        #expect(heartbeats[0]["to"] == "2026-10-01T00:05:00.000000Z")
        let okta = heartbeats[0]["sources"]?.array?.first
        #expect(okta?["source"] == "okta")
        #expect(okta?["state"] == "active")
        #expect(okta?["cursor"]?["offset"] == 300)
    }

    @Test func `a session whose end cannot be published says so, and the next writer publishes it`() throws {
        let test = TestStore()
        let store = try create(test)
        try store.openSession(.ingest)
        _ = try store.commit([TestStore.draft(count: 1)])
        let size = try store.snapshot().checkpoint.size
        let blocked = test.directory + "/log/checkpoint.tmp"
        try FileManager.default.createDirectory(atPath: blocked, withIntermediateDirectories: false)
        let error = #expect(throws: StoreError.self) { try store.closeSession() }
        #expect(error?.path == test.directory + "/log")
        #expect(try store.snapshot().checkpoint.size == size)
        store.close()
        try FileManager.default.removeItem(atPath: blocked)
        let again = try EventStore.open(directory: test.directory, access: .writer, options: test.options)
        defer { again.close() }
        #expect(try entries(again, [.heartbeat]).count == 1)
    }

    @Test func `a service has an epoch every five minutes even when nothing happens`() throws {
        let test = TestStore()
        let store = try create(test)
        try store.configure([SourceSettings(source: "okta", parser: "okta")])
        try store.openSession(.service)
        for _ in 0..<66 {
            test.advance(seconds: 10)
            try store.tick()
        }
        try store.closeSession()
        let heartbeats = try entries(store, [.heartbeat])
        #expect(heartbeats.map { $0["to"]?.string?.prefix(19) } == ["2026-10-01T00:05:00", "2026-10-01T00:10:00", "2026-10-01T00:11:00"])
        #expect(heartbeats[1]["from"] == heartbeats[0]["to"])
        #expect(heartbeats[0]["sources"]?.array?.first?["state"] == "stopped")
        #expect(try entries(store, [.gap]) == [])
        #expect(try store.snapshot().checkpoints().count == 3)
    }

    @Test func `a service that was down says from when to when`() throws {
        let test = TestStore()
        let store = try create(test)
        try store.openSession(.service)
        test.advance(seconds: 30)
        try store.closeSession()
        test.advance(seconds: 3_600)
        try store.openSession(.service)
        let gap = try #require(try entries(store, [.gap]).first)
        #expect(gap["cause"] == "not_running")
        #expect(gap["from"] == "2026-10-01T00:00:30.000000Z")
        #expect(gap["to"] == "2026-10-01T01:00:30.000000Z")
    }

    @Test func `a crash ends the epoch at its last commit when the store is opened again`() throws {
        let test = TestStore()
        var store = try create(test)
        try store.openSession(.service)
        test.advance(seconds: 20)
        _ = try store.commit([TestStore.draft(count: 1)])
        test.advance(seconds: 20)
        store.close()
        test.advance(seconds: 100)
        store = try EventStore.open(directory: test.directory, access: .writer, options: test.options)
        let heartbeat = try #require(try entries(store, [.heartbeat]).first)
        #expect(heartbeat["state"] == "interrupted")
        #expect(heartbeat["to"] == "2026-10-01T00:00:20.000000Z")
        try store.openSession(.service)
        let gap = try #require(try entries(store, [.gap]).first)
        #expect(gap["from"] == "2026-10-01T00:00:20.000000Z")
        #expect(gap["to"] == "2026-10-01T00:02:20.000000Z")
        try store.closeSession()
        store.close()
        #expect(try StoreCheck.run(directory: test.directory, options: test.options).findings == [])
    }

    @Test func `a machine that slept was not running`() throws {
        let test = TestStore()
        let store = try create(test)
        try store.openSession(.service)
        test.advance(seconds: 10)
        try store.tick()
        test.advance(seconds: 7_200)
        try store.tick()
        try store.closeSession()
        #expect(try entries(store, [.heartbeat]).map { $0["state"]?.string } == ["interrupted", "closed"])
        let gap = try #require(try entries(store, [.gap]).first)
        #expect(gap["from"] == "2026-10-01T00:00:10.000000Z")
    }

    @Test func `settings are logged when they change and only then`() throws {
        let test = TestStore()
        let store = try create(test)
        let settings = SourceSettings(source: "okta", parser: "okta", expectedIntervalSeconds: 7_200, calendar: .office)
        try store.configure([settings])
        try store.configure([settings])
        #expect(try entries(store, [.config]).count == 1)
        #expect(try store.snapshot().sources == ["okta": settings])
    }

    @Test func `a heartbeat of very many sources stays within an entry`() throws {
        let test = TestStore()
        let store = try create(test)
        try store.configure((0..<300).map { SourceSettings(source: "source-\($0)", parser: "okta") })
        try store.openSession(.service)
        try store.closeSession()
        let heartbeat = try #require(try store.snapshot().entries([.heartbeat]).first)
        #expect(heartbeat.bytes.count <= StoreLimits.entryBytes)
        let listed = try #require(heartbeat.json["sources"]?.array?.count)
        #expect(heartbeat.json["omitted"]?.integer == Int64(300 - listed))
    }
}
