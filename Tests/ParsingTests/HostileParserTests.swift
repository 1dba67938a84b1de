import AuditModel
import Foundation
import Testing

@testable import Parsing

/// Every shipped parser against bytes that nobody meant for it: each record comes out once, in order, read or quarantined with a reason, and soon.
@Suite struct HostileParserTests {
    private static let ids = (try? ShippedParsers.library.get().ids) ?? []

    /// What became of bytes: how many records of each kind, through columns, which is how `ingest` reads.
    private struct Counts: Equatable {
        var events = 0
        var quarantined = 0
        var skipped = 0
        var reasons: Set<String> = []
    }

    private func read(_ bytes: [UInt8], _ definition: ParserDefinition) throws -> Counts {
        let parser = try RecordParser(definition, options: TestParser.options)
        let records = RecordBuffer()
        var counts = Counts()
        var block = EventBlock()
        var last: UInt64 = 0
        func take() {
            for record in records.records {
                // Records that are joined of lines may lie between one another's lines.
                #expect((record.offset >= last || definition.joinsLines) && record.end >= record.offset, "\(definition.id): records overlap")
                last = record.end
                switch record.kind {
                case .events: counts.events += 1
                case .skipped: counts.skipped += 1
                case .quarantined:
                    counts.quarantined += 1
                    counts.reasons.insert(records.reason(record.reason))
                }
            }
            if block.rowCount > 4_096 { block = EventBlock() }
        }
        bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while rest.count > 0 {
                let used = parser.feed(rest, into: block, records: records)
                take()
                if used < rest.count { block = EventBlock() }
                rest = UnsafeRawBufferPointer(rebasing: rest[used...])
            }
            while !parser.finish(into: block, records: records) {
                take()
                block = EventBlock()
            }
            take()
        }
        #expect(parser.consumedOffset == UInt64(bytes.count), "\(definition.id): \(parser.consumedOffset) of \(bytes.count) bytes accounted for")
        #expect(!counts.reasons.contains(""), "\(definition.id): quarantined without a reason")
        return counts
    }

    private func fixtures(_ id: String) throws -> (definition: ParserDefinition, logs: [[UInt8]]) {
        let definition = try #require(try ShippedParsers.library.get()[id])
        return (definition, try ParserLibrary.fixtures(of: definition).map { [UInt8](try #require(FileManager.default.contents(atPath: $0.logPath))) })
    }

    @Test(.timeLimit(.minutes(10)), arguments: ids)
    func `each line of every fixture, cut after each of its bytes, is accounted for`(_ id: String) throws {
        let (definition, logs) = try fixtures(id)
        var cuts: [UInt8] = []
        for line in logs.joined().split(separator: 10) {
            // Each byte of the first hundred, and then every 37th, since this is a debug build: Tests/cli does it for each byte.
            for count in 1...line.count where count < 100 || count % 37 == 0 {
                cuts += line.prefix(count)
                cuts.append(10)
            }
        }
        _ = try read(cuts, definition)
    }

    @Test(.timeLimit(.minutes(10)), arguments: ids)
    func `invalid UTF-8 and NUL bytes reach no event`(_ id: String) throws {
        let (definition, logs) = try fixtures(id)
        var random = SeededGenerator(seed: 11)
        for log in logs {
            let clean = try TestParser.read(log, definition).lines.joined().contains("\u{FFFD}")
            for bad in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF8, 0x88], [0]] as [[UInt8]] {
                var damaged: [UInt8] = []
                for line in log.split(separator: 10, omittingEmptySubsequences: false) {
                    let at = Int.random(in: 0...line.count, using: &random)
                    damaged += line.prefix(at) + bad + line.dropFirst(at) + [10]
                }
                for line in try TestParser.read(damaged, definition).lines where !line.contains("\"quarantined\"") {
                    #expect(clean || !line.contains("\u{FFFD}"), "\(id): \(line.prefix(300))")
                    #expect(!line.contains("\\u0000"), "\(id): \(line.prefix(300))")
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(10)), arguments: ids)
    func `long lines, deep nesting and wrong types end soon`(_ id: String) throws {
        let (definition, logs) = try fixtures(id)
        func times(_ text: String, _ count: Int) -> [UInt8] { Array(String(repeating: text, count: count).utf8) }
        func check(_ bytes: [UInt8]) throws { _ = try read(bytes, definition) }
        // Small, since this is a debug build: Tests/cli has lines of 10 MB.
        let filler = 4_000
        for body in ["a", " ", "\"", "=", "{", "[", "[]", "a=b ", ": ", "\\", "<", "::", ",", "1", "(", ");", " user "] {
            try check(times(body, filler / body.utf8.count))
        }
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"a\":[", "]}")] {
            let deep = try read(times(open, 10_000) + times("1", 1) + times(close, 10_000) + [10], definition)
            #expect(deep.events == 0, "\(id): nested ten thousand deep")
        }
        for log in logs.prefix(2) {
            guard let line = log.split(separator: 10).max(by: { $0.count < $1.count }) else { continue }
            for place in 1..<3 {
                let at = line.count * place / 3
                for body in ["a", "a ", "= ", ": ", " from ", "\\\"", ",\"\",", "[["] { try check(line.prefix(at) + times(body, filler / 4 / body.utf8.count) + line.dropFirst(at)) }
            }
        }
    }

    @Test(.timeLimit(.minutes(10)), arguments: ids)
    func `values of other types and names that stand twice are quarantined or read, never trapped on`(_ id: String) throws {
        let (definition, logs) = try fixtures(id)
        let others: [JSONValue] = [
            .null, .bool(true), .integer(-1), .integer(9_007_199_254_740_991), .string(""), .string("\u{0}\u{1F600}"), .array([]), .object([:]),
            .array([.array([.object(["a": .null])])]), .object(["id": .object(["id": .array([.integer(1)])])]),
        ]
        var stream: [UInt8] = []
        for line in logs.joined().split(separator: 10) {
            guard let value = try? JSONValue(parsing: Array(line)), case .object(let members) = value else { continue }
            for (name, old) in members.sorted(by: { $0.key < $1.key }) {
                for other in others { stream += JSONValue.object(members.merging([name: other]) { $1 }).canonicalBytes + [10] }
                let twice = JSONValue.object([name: old]).canonicalBytes.dropLast() + [44] + line.drop { $0 != 123 }.dropFirst()
                stream += twice + [10]
                if case .object(let inner) = old {
                    for key in inner.keys.sorted() { stream += JSONValue.object(members.merging([name: .object(inner.merging([key: .array([.integer(7)])]) { $1 })]) { $1 }).canonicalBytes + [10] }
                }
            }
            if stream.count > 60_000 { break }
        }
        _ = try read(stream, definition)
    }
}
