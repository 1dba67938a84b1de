import AuditModel
import EventStore
import Foundation
import Parsing
import Testing
import TransparencyLog
import Vault

@testable import Ingestion

struct ReparserTests {
    /// The bench's parsers with another definition of `tiny`.
    private func library(_ bench: IngestBench, _ change: (String) -> String) throws -> ParserLibrary {
        let folder = bench.folder.appending(path: "newer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder.appending(path: "tiny"), withIntermediateDirectories: true)
        try Data(change(IngestBench.parser).utf8).write(to: folder.appending(path: "tiny/parser.yaml"))
        return try ParserLibrary.load(folders: [bench.folder.appending(path: "parsers").path, folder.path], requireFixtures: false)
    }

    /// Takes records without `what` too.
    private func lenient(_ bench: IngestBench) throws -> ParserLibrary {
        try library(bench) { $0.replacing("version: 7", with: "version: 8").replacing("require: [what]", with: "require: [n]") }
    }

    private func reparser(_ bench: IngestBench, _ library: ParserLibrary, page: Int = 1_000) throws -> Reparser {
        var source = bench.source()
        source.attributes = ["team": "blue"]
        return try Reparser(
            store: bench.store, vault: bench.vault, policy: bench.policy, library: library, configured: [source], pageRecords: page)
    }

    private func odd(_ n: Int, id: String? = nil, who: String = "alice@example.com") -> String {
        IngestBench.line(n, id: id, who: who).replacing(#""what":"did""#, with: #""did":"what""#)
    }

    @Test func `records that fit by now become events once, in pages of any size`() throws {
        for page in [1, 3, 1_000] {
            let bench = try IngestBench()
            let lines = (0..<40).map { $0 % 3 == 0 ? odd($0, id: "o\($0)") : IngestBench.line($0, id: "e\($0)") }
            try bench.write("a.log", lines + ["broken"])
            try bench.ingest()
            let before = try bench.events().count
            let reparser = try reparser(bench, try lenient(bench), page: page)
            let result = try #require(try reparser.run().sources["app"])
            #expect(result.quarantined == 15 && result.resolved == Correction.Counts(parsed: 14) && result.remaining == 1)
            #expect(result.left.values.reduce(0, +) == 1)
            let events = try bench.events()
            #expect(events.count == before + 14)
            let late = events.filter { $0[.parserVersion] == "8" }
            #expect(Set(late.compactMap { $0[.eventID] }) == Set((0..<40).filter { $0 % 3 == 0 }.map { "o\($0)" }))
            #expect(late.allSatisfy { $0.attribute("team") == "blue" && $0[.actorID]?.hasPrefix("usr_") == true })
            #expect(Set(events.compactMap { $0[.actorID] }).count == 1, "one person keeps one token")
            #expect(try QuarantineStore(vault: bench.vault).counts() == ["app": 1])
            #expect(try reparser.run().sources["app"]?.resolved.records == 0)
            #expect(try bench.store.snapshot().totals["app"]?.resolved.records == 14)
        }
    }

    @Test func `an event observed at ingest keeps that time`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", [odd(1).replacing(#""time":"2026-07-01T10:00:00Z","#, with: ""), odd(2)])
        try bench.ingest()
        let sealed = try #require(try bench.seals().first?["committed"]?.string)
        _ = try reparser(bench, try lenient(bench)).run()
        for event in try bench.events() { #expect(event.observed?.description == sealed) }
        let event = try #require(try bench.events().first { $0.attribute("n") == "1" || $0.time?.description == sealed })
        #expect(event.time == event.observed && event.flags == [Event.Flag.timeObserved])
    }

    @Test func `a preview writes nothing`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", [odd(1, id: "x"), odd(2, id: "y")])
        try bench.ingest()
        let size = try bench.store.snapshot().checkpoint.size
        let result = try reparser(bench, try lenient(bench)).preview().sources["app"]
        #expect(result?.resolved == Correction.Counts(parsed: 2) && result?.events == 2)
        #expect(try bench.store.snapshot().checkpoint.size == size)
        #expect(try QuarantineStore(vault: bench.vault).counts() == ["app": 2])
    }

    @Test func `the same deed in two quarantined records is one event`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", [odd(1, id: "x"), odd(1, id: "x"), odd(2, id: "x")])
        try bench.ingest()
        let result = try #require(try reparser(bench, try lenient(bench)).run().sources["app"])
        #expect(result.resolved == Correction.Counts(parsed: 2, duplicates: 1))
        #expect(try bench.events().map(\.flags) == [[], [Event.Flag.eventIDReused]])
        // Neither comes a second time in another file.
        try bench.write("b.log", [odd(1, id: "x")])
        let again = try Ingester(
            store: bench.store, vault: bench.vault, policy: bench.policy, library: try lenient(bench), sources: [bench.source()],
            limits: bench.limits
        ).ingest()
        #expect(again.total.counts.duplicates == 1)
    }

    @Test func `a record whose commit never happened is left to ingestion`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", [odd(1)])
        try bench.ingest()
        try QuarantineStore(vault: bench.vault).put([
            QuarantineStore.Entry(
                source: "app", contentID: "elsewhere", offset: 0, line: 1, parser: "tiny", parserVersion: "7", reason: "x", record: Array(odd(2).utf8))
        ])
        let result = try #require(try reparser(bench, try lenient(bench)).run().sources["app"])
        #expect(result.uncommitted == 1 && result.resolved.records == 1 && result.remaining == 1)
    }

    @Test func `a correction that was committed is taken out of the quarantine by the next run, and not read again`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", [odd(1), odd(2)])
        try bench.ingest()
        let quarantine = try QuarantineStore(vault: bench.vault)
        let entries = try quarantine.list(source: "app")
        let newer = try lenient(bench)
        _ = try reparser(bench, newer).run()
        // As if the process had died between commit and removal.
        try quarantine.put(entries)
        let summary = try reparser(bench, newer).run()
        #expect(summary.removedLater == 2)
        #expect(try bench.events().count == 2)
        #expect(try quarantine.counts().isEmpty)
    }

    @Test func `a source that is not there, or whose parser is not, is refused`() throws {
        let bench = try IngestBench()
        try bench.write("a.log", [odd(1)])
        try bench.ingest()
        let reparser = try reparser(bench, try lenient(bench))
        #expect { try reparser.run(sources: ["ap"]) } throws: { ($0 as? IngestionError)?.message.contains("did you mean `app`") ?? false }
    }

    @Test func `stretches join where nothing that stays quarantined lies between, and are cut at the limit`() {
        func place(_ number: Int, batch: UInt64 = 3) -> ResolvedPlace {
            ResolvedPlace(
                batch: batch,
                entry: .init(
                    source: "a", contentID: "c", offset: UInt64(number) * 100, line: 1, parser: "p", parserVersion: "1", reason: "r",
                    record: [UInt8](repeating: 1, count: 40)), number: number)
        }
        var parts = CorrectionParts()
        for number in [1, 2, 3, 5, 6] { parts.add(place(number), .init(parsed: 1)) }
        #expect(parts.parts.map(\.ranges) == [[100..<301, 500..<601]])
        #expect(parts.parts[0].counts.records == 5)
        parts.add(place(7, batch: 4), .init(skipped: 1))
        #expect(parts.parts.map(\.batch) == [3, 4])
        for number in 0..<300 { parts.add(place(10 + 2 * number, batch: 4), .init(parsed: 1)) }
        #expect(parts.parts.map(\.ranges.count) == [2, 256, 45])
    }
}
