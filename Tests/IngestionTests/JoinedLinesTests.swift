import AuditModel
import EventStore
import Foundation
import Testing

@testable import Ingestion

/// Records whose lines stand apart, from the file to the store.
struct JoinedLinesTests {
    static let parser = """
        id: pairs
        version: 1
        title: Pairs
        formats:
          - framing: lines
            pattern: "<kind:word> <id:word> <rest:rest>"
            join:
              line: "<kind:word> <id:word> <text:rest>"
              first: ask
              last: answer
              parts: {answer: answer, note: note}
              wait: 1
        fields:
          action: data.activity.other
          source_action: {from: kind}
        attributes:
          id: {from: id, class: public}
          answer: {from: answer, class: public}
          note: {from: note, class: public}
        """

    static func bench() throws -> (IngestBench, SourceConfiguration) {
        let bench = try IngestBench(definitions: ["pairs": parser])
        var source = bench.source()
        source.parser = "pairs"
        return (bench, source)
    }

    static func show(_ bench: IngestBench) throws -> [String] {
        try bench.events().map { event in
            [event[.sourceAction], event.attribute("id"), event.attribute("note"), event.attribute("answer")].compactMap { $0 }.joined(separator: " ")
        }
    }

    /// Many pairs, up to four of them open at a time.
    static func lines(_ count: Int) -> [String] {
        var lines: [String] = []
        let filler = String(repeating: "x", count: 400)
        for number in 0..<count {
            lines.append("ask k\(number) \(filler)")
            if number >= 3 { lines.append("note k\(number - 2) n") }
            if number >= 4 { lines.append("answer k\(number - 4) yes") }
            if number % 7 == 0 { lines.append("other k\(number) -") }
        }
        return lines
    }

    @Test func `a stop between two steps and another run give each record once`() throws {
        let lines = Self.lines(3_000)
        let (whole, wholeSource) = try Self.bench()
        try whole.write("a.log", lines)
        let undisturbed = try whole.ingest([wholeSource])
        let (bench, source) = try Self.bench()
        try bench.write("a.log", lines)
        bench.limits.stepBytes = 1
        var runs = 0
        while try bench.ingest([source], stopAfter: 2).total.counts.received > 0 { runs += 1 }
        try bench.ingest([source])
        #expect(runs >= 2)
        #expect(try Self.show(bench) == Self.show(whole))
        #expect(undisturbed.total.counts.duplicates == 0)
        let rows = try bench.store.snapshot().ledger(source: "app").sorted { $0.range.bytes.lowerBound < $1.range.bytes.lowerBound }
        #expect(rows.reduce(0) { $0 + $1.range.counts.received } == undisturbed.total.counts.received)
        #expect(rows.reduce(0) { $0 + $1.range.counts.duplicates } == 0)
        for (before, after) in zip(rows, rows.dropFirst()) { #expect(before.range.bytes.upperBound == after.range.bytes.lowerBound) }
        #expect(rows.last?.range.bytes.upperBound == UInt64(lines.reduce(0) { $0 + $1.utf8.count + 1 }))
    }

    @Test func `a service waits for the rest of a record, but not for ever`() throws {
        let (bench, source) = try Self.bench()
        let ingester = try Ingester(store: bench.store, vault: bench.vault, policy: bench.policy, library: bench.library, sources: [source])
        let file = URL(filePath: bench.path("a.log"))
        func add(_ text: String) {
            guard let handle = try? FileHandle(forWritingTo: file) else { return }
            _ = try? handle.seekToEnd()
            try? handle.write(contentsOf: Data(text.utf8))
            try? handle.close()
        }
        try Data("ask k1 -\n".utf8).write(to: file)
        let begin = ContinuousClock.now
        var step = 0
        _ = try ingester.follow { _, milliseconds in
            let passed = ContinuousClock.now - begin
            if step == 0, passed > .milliseconds(300) {
                add("note k1 n\nother k0 -\nask k2 -\n")
                step = 1
            } else if step == 1, passed > .milliseconds(600) {
                add("answer k1 yes\n")
                step = 2
            }
            Thread.sleep(forTimeInterval: Double(min(milliseconds, 50)) / 1_000)
            let count = (try? bench.events().count) ?? 0
            return passed > .seconds(40) || count == 3 && passed > .milliseconds(1_200)
        }
        // The second question was never answered: it is an event after the wait.
        #expect(try Self.show(bench) == ["ask k1 n yes", "other k0", "ask k2"])
        #expect(ContinuousClock.now - begin < .seconds(40))
    }

    @Test func `a service that ends leaves an open record to the next one`() throws {
        let (bench, source) = try Self.bench()
        let file = URL(filePath: bench.path("a.log"))
        try Data("other k0 -\nask k1 -\nnote k1 n\n".utf8).write(to: file)
        func follow(until isDone: () -> Bool) throws {
            let ingester = try Ingester(store: bench.store, vault: bench.vault, policy: bench.policy, library: bench.library, sources: [source])
            let begin = ContinuousClock.now
            _ = try ingester.follow { _, milliseconds in
                Thread.sleep(forTimeInterval: Double(min(milliseconds, 50)) / 1_000)
                return isDone() || ContinuousClock.now - begin > .seconds(20)
            }
        }
        try follow { (try? bench.events().count) == 1 }
        #expect(try Self.show(bench) == ["other k0"])
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("answer k1 yes\n".utf8))
        try handle.close()
        try follow { (try? bench.events().count) == 2 }
        #expect(try Self.show(bench) == ["other k0", "ask k1 n yes"])
    }
}
