import AuditModel
import Collection
import Cryptography
import EventStore
import Foundation
import Testing
import TransparencyLog
import Vault

@testable import Ingestion

struct IngesterTests {
    @Test func `a second run adds nothing, not even a log entry`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", (0..<20).map { IngestBench.line($0) } + ["broken"])
        let first = try bench.ingest()
        #expect(first.total.counts == RecordCounts(received: 21, parsed: 20, duplicates: 0, quarantined: 1, skipped: 0))
        #expect(first.total.events == 20)
        let size = try bench.store.snapshot().checkpoint.size
        let second = try bench.ingest()
        #expect(second.total.counts == RecordCounts())
        #expect(second.commits == 0)
        #expect(try bench.store.snapshot().checkpoint.size == size)
        #expect(try QuarantineStore(vault: bench.vault).counts() == ["app": 1])
    }

    @Test func `the same id with the same bytes is a duplicate, with other bytes it is kept and marked`() throws {
        let bench = try IngestBench()
        try bench.write(
            "a.log",
            [IngestBench.line(1, id: "x"), IngestBench.line(1, id: "x"), IngestBench.line(2, id: "x"), IngestBench.line(3, id: "y")])
        let first = try bench.ingest()
        #expect(first.total.counts == RecordCounts(received: 4, parsed: 3, duplicates: 1))
        #expect(try bench.events().map(\.flags) == [[], [Event.Flag.eventIDReused], []])
        // Another delivery in another file, in another order.
        try bench.write("b.log", [IngestBench.line(3, id: "y"), IngestBench.line(1, id: "x"), IngestBench.line(4, id: "y")])
        let second = try bench.ingest()
        #expect(second.total.counts == RecordCounts(received: 3, parsed: 1, duplicates: 2))
        #expect(try bench.events().last?.flags == [Event.Flag.eventIDReused])
    }

    @Test func `another source with the same ids has duplicates of its own`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", [IngestBench.line(1, id: "x")])
        let summary = try bench.ingest([bench.source("one"), bench.source("two")])
        #expect(summary.total.events == 2)
        #expect(try bench.seals().compactMap { $0["source"]?.string } == ["one", "two"])
    }

    @Test func `identical lines without an id are different events`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", [IngestBench.line(1), IngestBench.line(1)])
        #expect(try bench.ingest().total.events == 2)
    }

    @Test func `a record without a time gets the observed time, marked`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", [IngestBench.line(1, time: false), IngestBench.line(2)])
        try bench.ingest()
        let events = try bench.events()
        #expect(events[0].time == events[0].observed)
        #expect(events[0].flags == [Event.Flag.timeObserved])
        #expect(events[1].flags == [])
        #expect(events.allSatisfy { $0.observed != nil })
    }

    @Test func `rawRoot is the salted tree over all records, whatever became of them`() throws {
        let bench = try IngestBench()
        let lines = [IngestBench.line(1, id: "x"), "broken", IngestBench.line(1, id: "x")]
        try bench.write("a.log", lines)
        try bench.ingest()
        let hex = try #require(try bench.seals()[0]["rawRoot"]?.string)
        let root = try #require(MerkleHash(hex: hex))
        let salt = try #require(try bench.vault.batchSalt(for: .raw(root: root.digest)))
        let leaves = lines.enumerated().map { index, line in
            MerkleHash.leaf(Array(SHA256.hash(salt + [0, 0, 0, 0, 0, 0, 0, UInt8(index)]).bytes.prefix(16)) + SHA256.hash(line).bytes)
        }
        #expect(MerkleTree.root(of: leaves) == root)
    }

    @Test func `batches are cut at their limit and their ranges join without a hole`() throws {
        let bench = try IngestBench()
        bench.limits.batchEvents = 7
        bench.limits.commitEvents = 1_000
        try bench.write("a.log", (0..<50).map { IngestBench.line($0) })
        try bench.ingest()
        let seals = try bench.seals()
        #expect(seals.compactMap { $0["count"]?.integer } == [7, 7, 7, 7, 7, 7, 7, 1])
        let rows = try bench.store.snapshot().ledger(source: "app").sorted { $0.range.bytes.lowerBound < $1.range.bytes.lowerBound }
        #expect(rows.first?.range.bytes.lowerBound == 0)
        for (before, after) in zip(rows, rows.dropFirst()) { #expect(before.range.bytes.upperBound == after.range.bytes.lowerBound) }
        let size = try FileManager.default.attributesOfItem(atPath: bench.path("a.log"))[.size] as? UInt64
        #expect(rows.last?.range.bytes.upperBound == size)
    }

    @Test func `a batch lists no more contents than its seal can hold`() throws {
        let bench = try IngestBench()
        for number in 0..<150 { try bench.write("\(number).log", [IngestBench.line(number)]) }
        let summary = try bench.ingest()
        #expect(summary.total.events == 150)
        #expect(summary.commits == 1)
        #expect(try bench.seals().compactMap { $0["cursor"]?["to"]?.object?.count } == [32, 32, 32, 32, 22])
    }

    @Test func `a stop between two steps keeps what was read, and the next run takes the rest`() throws {
        let bench = try IngestBench()
        bench.limits.stepBytes = 1
        for name in ["a", "b", "c"] { try bench.write("\(name).log", [IngestBench.line(1, id: name)]) }
        let first = try bench.ingest(stopAfter: 3)
        #expect((1...2).contains(first.total.events))
        #expect(try bench.ingest().total.events == 3 - first.total.events)
    }

    @Test func `identities become tokens, configured attributes are added`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", [IngestBench.line(1, who: "bob@example.com")])
        var source = bench.source()
        source.attributes = ["site": "vienna"]
        try bench.ingest([source])
        let event = try #require(try bench.events().first)
        #expect(event[.actorID]?.hasPrefix("usr_") == true)
        #expect(event.attribute("site") == "vienna")
        #expect(event.attribute("n") == "1")
        #expect(try bench.seals()[0]["bindingsCount"]?.integer == 1)
    }

    @Test func `a file that matches nothing is a finding, an unknown parser ends it before anything is written`() throws {
        let bench = try IngestBench()
        #expect(try bench.ingest([bench.source("app", "none*.log")]).findings.count == 1)
        var source = bench.source()
        source.parser = "tinny"
        let size = try bench.store.snapshot().checkpoint.size
        let error = #expect(throws: IngestionError.self) { try bench.ingest([source]) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("did you mean `tiny`") == true)
        #expect(try bench.store.snapshot().checkpoint.size == size)
    }

    @Test func `damage is a gap in the log, once`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", (0..<400).map { IngestBench.line($0 &* 7_919, who: "user\($0 &* 104_729)@example.com") })
        let gzip = Process()
        gzip.executableURL = URL(filePath: "/usr/bin/gzip")
        gzip.arguments = [bench.path("a.log")]
        try gzip.run()
        gzip.waitUntilExit()
        let whole = try Data(contentsOf: URL(filePath: bench.path("a.log.gz")))
        try whole.prefix(whole.count / 2).write(to: URL(filePath: bench.path("a.log.gz")))
        let first = try bench.ingest([bench.source("app", "*.gz")])
        #expect(first.findings.count == 1)
        #expect(first.total.events > 0)
        let gaps = try bench.store.snapshot().entries([.gap])
        #expect(gaps.compactMap { $0.json["source"]?.string } == ["app"])
        try bench.ingest([bench.source("app", "*.gz")])
        #expect(try bench.store.snapshot().entries([.gap]).count == 1)
    }

    @Test func `what was there when following began is sealed as backfill, what came after as tail`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", [IngestBench.line(1)])
        let ingester = try Ingester(
            store: bench.store, vault: bench.vault, policy: bench.policy, library: bench.library, sources: [bench.source()])
        var rounds = 0
        _ = try ingester.follow { _, milliseconds in
            rounds += 1
            if rounds == 12 { try? bench.write("b.log", [IngestBench.line(2)]) }
            Thread.sleep(forTimeInterval: Double(min(milliseconds, 100)) / 1_000)
            return rounds > 24
        }
        #expect(try bench.seals().compactMap { $0["mode"]?.string } == ["backfill", "tail"])
    }

    @Test func `following sees new lines, groups sources into one commit and ends its epoch`() throws {
        let bench = try IngestBench()
        let ingester = try Ingester(
            store: bench.store, vault: bench.vault, policy: bench.policy, library: bench.library,
            sources: [bench.source("one", "one.log"), bench.source("two", "two.log")])
        var rounds = 0
        let summary = try ingester.follow { _, milliseconds in
            rounds += 1
            if rounds == 1 {
                try? bench.write("one.log", [IngestBench.line(1)])
                try? bench.write("two.log", [IngestBench.line(2)])
            }
            Thread.sleep(forTimeInterval: Double(min(milliseconds, 100)) / 1_000)
            return rounds > 20
        }
        #expect(summary.sources.mapValues(\.events) == ["one": 1, "two": 1])
        #expect(summary.commits == 1)
        let heartbeats = try bench.store.snapshot().entries([.heartbeat])
        #expect(heartbeats.last?.json["state"]?.string == "closed")
        #expect(try bench.seals().compactMap { $0["mode"]?.string } == ["tail", "tail"])
    }
}
