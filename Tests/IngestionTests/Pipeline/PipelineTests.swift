import AuditModel
import DurableIO
import EventStore
import Foundation
import Minimization
import Parsing
import Testing
import Vault

@testable import Ingestion

/// The pipeline gives what the definition gives, on however many threads.
@Suite struct PipelineTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let now = Timestamp(rfc3339: "2026-10-02T08:00:00Z")!

    /// The sample sources whose files are not large, so that a debug build is through in seconds.
    private static func quarter() throws -> (sources: [SourceConfiguration], library: ParserLibrary) {
        let sources = try SourcesConfiguration.load(path: root.appending(path: "samples/quarter/sources.yaml").path).sources
        let library = try ParserLibrary.load(folders: [root.appending(path: "parsers").path], requireFixtures: false)
        return (sources, library)
    }

    private struct Result {
        var lines: [String]
        var counts: [String: RecordCounts]
        var ledger: [[String]]
        var quarantined: [String]
    }

    private func ingest(
        _ bench: IngestBench, _ sources: [SourceConfiguration], _ library: ParserLibrary, threads: Int, commitEvents: Int, stepBytes: Int
    ) throws -> Result {
        var limits = IngestLimits()
        limits.threads = threads
        limits.commitEvents = commitEvents
        limits.batchEvents = 300
        limits.stepBytes = stepBytes
        let ingester = try Ingester(
            store: bench.store, vault: bench.vault, policy: bench.policy, library: library, sources: sources, limits: limits,
            clock: { Self.now })
        let summary = try ingester.ingest()
        #expect(summary.findings == [])
        let quarantine = try QuarantineStore(vault: bench.vault)
        var quarantined: [String] = []
        var ledger: [[String]] = []
        for source in sources {
            quarantined += try quarantine.list(source: source.id).map {
                "\($0.source) \($0.contentID.suffix(0)) \($0.offset) \($0.reason) \($0.record.count)"
            }
            // Where batches are cut depends on nothing but the file; how they meet is checked, then their sums.
            let rows = try bench.store.snapshot().ledger(source: source.id)
            for (_, own) in Dictionary(grouping: rows, by: \.range.contentID) {
                let sorted = own.sorted { $0.range.bytes.lowerBound < $1.range.bytes.lowerBound }
                for (a, b) in zip(sorted, sorted.dropFirst()) { #expect(a.range.bytes.upperBound == b.range.bytes.lowerBound) }
                ledger.append([source.id, "\(sorted[0].range.bytes.lowerBound)", "\(sorted.last!.range.bytes.upperBound)"])
            }
        }
        return Result(
            lines: try bench.events().map { String(decoding: $0.canonicalLine(), as: UTF8.self) },
            counts: summary.sources.mapValues(\.counts), ledger: ledger.sorted { $0.joined() < $1.joined() }, quarantined: quarantined.sorted())
    }

    @Test func `any number of threads gives the events, counts, ledger and quarantine of the row-wise definition`() throws {
        let (sources, library) = try Self.quarter()
        let bench = try IngestBench()
        let minimizer = Minimizer(policy: bench.policy, vault: bench.vault)
        var expectedLines: [String] = []
        var expectedCounts: [String: RecordCounts] = [:]
        var expectedQuarantine = 0
        for source in sources {
            let reference = RowWiseReference(source, library[source.parser]!, now: Self.now)
            try reference.read(hashing: try KeyedContentHashing(vault: bench.vault))
            expectedLines += try reference.lines(minimizer)
            expectedCounts[source.id] = reference.counts
            expectedQuarantine += reference.quarantined.count
        }
        let expected = TokenFree.lines(expectedLines)
        var first: Result?
        for (threads, commitEvents, stepBytes) in [(1, 100_000, 1 << 20), (2, 700, 64 << 10), (4, 400, 100_000)] {
            let own = try IngestBench()
            let result = try ingest(own, sources, library, threads: threads, commitEvents: commitEvents, stepBytes: stepBytes)
            #expect(TokenFree.lines(result.lines) == expected, "\(threads) threads")
            #expect(TokenFree.uses(result.lines) == TokenFree.uses(expectedLines), "\(threads) threads")
            #expect(result.counts == expectedCounts, "\(threads) threads")
            #expect(result.quarantined.count == expectedQuarantine)
            if let first {
                #expect(result.ledger == first.ledger, "\(threads) threads")
                #expect(result.quarantined == first.quarantined, "\(threads) threads")
            }
            first = first ?? result
            #expect(try own.vault.takePendingBindings() == [])
            guard threads == 4 else { continue }
            let salts = own.vault
            let report = try StoreCheck.run(directory: own.store.layout.directory, salts: { try salts.batchSalt(firstSeq: $0) })
            #expect(report.findings == [])
            #expect(report.rowsWithoutSalt == 0)
        }
    }

    @Test func `duplicates are found across groups that are on their way at once`() throws {
        let bench = try IngestBench()
        bench.limits.threads = 4
        bench.limits.commitEvents = 30
        bench.limits.stepBytes = 1
        for file in 0..<6 {
            try bench.write("\(file).log", (0..<100).map { IngestBench.line($0, id: "id-\(($0 * 7 + file * 13) % 150)") })
        }
        let summary = try bench.ingest()
        // A line is its number and its id: a copy only where both are the same.
        var seen: Set<String> = []
        for file in 0..<6 { for n in 0..<100 { seen.insert("\(n) id-\((n * 7 + file * 13) % 150)") } }
        #expect(summary.total.counts.received == 600)
        #expect(summary.total.events == Int64(seen.count))
        #expect(summary.commits > 3)
    }

    @Test func `a full disk ends it with one clear error, and the next run takes what was not committed`() throws {
        let disk = SimulatedFileSystem()
        let bench = try IngestBench(files: disk)
        bench.limits.threads = 4
        bench.limits.commitEvents = 40
        bench.limits.stepBytes = 1
        for file in 0..<8 { try bench.write("\(file).log", (0..<60).map { IngestBench.line($0, id: "\(file)-\($0)", who: "u\($0)@example.com") }) }
        disk.limitCapacity(toBytes: 60_000)
        let error = #expect(throws: StoreError.self) { try bench.ingest() }
        #expect(error?.code == .noSpace)
        disk.limitCapacity(toBytes: nil)
        bench.store.close()
        let again = try EventStore.open(
            directory: bench.store.layout.directory, access: .writer, options: StoreOptions(fileSystem: disk))
        let before = try again.snapshot().batches.reduce(0) { $0 + $1.count }
        let ingester = try Ingester(
            store: again, vault: bench.vault, policy: bench.policy, library: bench.library, sources: [bench.source()], limits: bench.limits)
        let summary = try ingester.ingest()
        #expect(before + Int(summary.total.events) == 480)
        #expect(summary.total.counts.duplicates == 0)
        let salts = bench.vault
        let report = try StoreCheck.run(
            directory: again.layout.directory, options: StoreOptions(fileSystem: disk), salts: { try salts.batchSalt(firstSeq: $0) })
        #expect(report.findings == [])
        again.close()
    }
}
