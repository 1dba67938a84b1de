import AuditModel
import Foundation
import Testing

@testable import Parsing

/// Lines of one deed as one record.
@Suite struct JoiningTests {
    /// Lines `kind stamp id text`: `a` begins a record, `b` and several `c` join it, `z` ends it, other kinds stand alone.
    static func definition(_ more: String = "") throws -> ParserDefinition {
        try TestParser.definition(
            """
            id: t
            version: 1
            title: T
            formats:
              - framing: lines
                pattern: "<kind:word> <stamp:number> <id:word> <rest:rest>"
                join:
                  line: "<kind:word> <stamp:number> <id:word> <text:rest>"
                  first: a
                  last: z
                  parts:
                    a: {name: a, key_value: {}}
                    b: {name: b, key_value: {hex: [h]}}
                    c: {name: c, several: each, key_value: {}}
                    d: {name: d, several: true, key_value: {}}
                  seconds: 2
            \(more)
            fields:
              action: data.activity.other
              event_id: id
              reason: a.x
              message: b.h
              session: d.n
            targets:
              - {each: c, type: thing, name: item.name}
            """)
    }

    /// What an event says, short.
    static func short(_ event: Event) -> String {
        let targets = event.targets.compactMap(\.name).joined(separator: "+")
        return [event[.eventID], event[.reason], event[.message], targets.isEmpty ? nil : targets, event.attribute("join_cut")]
            .compactMap { $0 }.joined(separator: " ")
    }

    static func read(
        _ text: String, _ definition: ParserDefinition, pieces: Int = .max, from state: [UInt8]? = nil, at start: Int = 0
    ) throws -> [String] {
        var found: [String] = []
        let parser = try RecordParser(definition, options: TestParser.options)
        if let state { try parser.restore(state) }
        let bytes = Array(text.utf8)
        let add: (ParsedRecord) -> Void = { found.append(Self.show($0)) }
        var at = start
        while at < bytes.count {
            let end = min(bytes.count, pieces > bytes.count - at ? bytes.count : at + pieces)
            parser.feed(Array(bytes[at..<end]), emit: add)
            at = end
        }
        parser.finish(emit: add)
        #expect(parser.consumedOffset == UInt64(bytes.count))
        return found
    }

    static func show(_ record: ParsedRecord) -> String {
        let bytes = String(decoding: record.bytes, as: UTF8.self).split(separator: "\n").count
        switch record.result {
        case .events(let events): return "\(record.firstLine)/\(bytes): " + events.map { short($0.event) }.joined(separator: "; ")
        case .quarantined(let reason): return "\(record.firstLine)/\(bytes)! \(reason)"
        case .skipped(let rule): return "\(record.firstLine)/\(bytes)- \(rule)"
        }
    }

    @Test func `lines of one deed are one record, others stand alone`() throws {
        let text = """
            a 1.0 k1 x=one
            b 1.0 k1 h=6869
            c 1.0 k1 name=f1
            c 1.0 k1 name="f 2"
            z 1.0 k1 end
            u 1.1 k1 alone
            b 1.1 k9 h="orphan"

            """
        #expect(try Self.read(text, Self.definition()) == ["1/5: k1 one hi f1+f 2", "6/1: k1", "7/1: k9"])
    }

    @Test func `interleaved records leave in the order of their first lines`() throws {
        let text = "a 1.0 k1 x=1\na 1.0 k2 x=2\nu 1.0 k3 -\nc 1.0 k1 name=p\nc 1.0 k2 name=q\nz 1.0 k2 -\nz 1.0 k1 -\n"
        let expected = ["1/3: k1 1 p", "2/3: k2 2 q", "3/1: k3"]
        #expect(try Self.read(text, Self.definition()) == expected)
        for size in 1...40 { #expect(try Self.read(text, Self.definition(), pieces: size) == expected, "pieces of \(size)") }
    }

    @Test func `a later stamp ends a record, and so does the source's end`() throws {
        let text = "a 1.0 k1 x=1\nc 1.0 k1 name=p\nu 3.1 k3 -\nc 1.0 k1 name=late\na 9.5 k4 x=4\nc 9.5 k4 name=q\n"
        #expect(try Self.read(text, Self.definition()) == ["1/2: k1 1 p", "3/1: k3", "4/1: k1", "5/2: k4 4 q"])
    }

    @Test func `a limit closes a record, which tells it`() throws {
        let definition = try Self.definition("      lines: 3")
        let text = "a 1.0 k1 x=1\nu 1.0 - -\nu 1.0 - -\nu 1.0 - -\nc 1.0 k1 name=late\nz 1.0 k1 -\n"
        let found = try Self.read(text, definition)
        #expect(found.first == "1/1: k1 1 limit")
        #expect(found.count == 6)
    }

    @Test func `a second line of a kind that stands once begins another record`() throws {
        let text = "a 1.0 k1 x=1\na 1.0 k1 x=2\nz 1.0 k1 -\n"
        #expect(try Self.read(text, Self.definition()) == ["1/1: k1 1", "2/2: k1 2"])
    }

    @Test func `the bytes of a record are its lines, also where others stand between them`() throws {
        let parser = try RecordParser(Self.definition(), options: TestParser.options)
        var bytes: [String] = []
        var ranges: [Range<UInt64>] = []
        parser.feed(Array("a 1.0 k1 x=1\r\na 1.0 k2 x=2\r\nz 1.0 k1 -\r\nz 1.0 k2 -\r\n".utf8)) {
            bytes.append(String(decoding: $0.bytes, as: UTF8.self))
            ranges.append($0.range)
        }
        #expect(bytes == ["a 1.0 k1 x=1\nz 1.0 k1 -", "a 1.0 k2 x=2\nz 1.0 k2 -"])
        #expect(ranges == [0..<38, 14..<50])
    }

    @Test func `a restart at any place gives each record once`() throws {
        var generator = SeededGenerator(seed: 7)
        let definition = try Self.definition("      lines: 12")
        for round in 0..<60 {
            let text = Self.log(&generator)
            let whole = try Self.read(text, definition)
            let bytes = Array(text.utf8)
            for _ in 0..<8 {
                let parser = try RecordParser(definition, options: TestParser.options)
                var found: [String] = []
                let cut = Int.random(in: 0...bytes.count, using: &generator)
                var at = 0
                while at < cut {
                    let end = min(cut, at + Int.random(in: 1...64, using: &generator))
                    parser.feed(Array(bytes[at..<end])) { found.append(Self.show($0)) }
                    at = end
                }
                // Killed here: what is left is the committed place and state.
                let state = parser.saveState()
                #expect(parser.consumedOffset <= UInt64(cut))
                found += try Self.read(text, definition, pieces: 17, from: state, at: Int(parser.consumedOffset))
                #expect(found == whole, "seed 7, round \(round), cut at \(cut)")
            }
        }
    }

    @Test func `full blocks lose nothing`() throws {
        var generator = SeededGenerator(seed: 11)
        let definition = try Self.definition()
        let text = (0..<4).map { _ in Self.log(&generator) }.joined()
        let whole = try Self.read(text, definition)
        let parser = try RecordParser(definition, options: TestParser.options)
        parser.blockRows = 3
        let records = RecordBuffer()
        var count = 0
        var lines: [Int] = []
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { all in
            var rest = all
            while true {
                let used = parser.feed(rest, into: EventBlock(), records: records)
                count += records.count
                lines += records.records.map(\.line)
                if used == rest.count { break }
                rest = UnsafeRawBufferPointer(rebasing: rest[used...])
            }
        }
        while true {
            let isDone = parser.finish(into: EventBlock(), records: records)
            count += records.count
            lines += records.records.map(\.line)
            if isDone { break }
        }
        #expect(count == whole.count)
        #expect(lines == whole.map { Int($0.prefix { $0 != "/" })! })
    }

    @Test func `records that wait are taken when their time is over, others stay`() throws {
        let parser = try RecordParser(Self.definition(), options: TestParser.options)
        let records = RecordBuffer()
        let block = EventBlock()
        func feed(_ text: String) -> Int {
            _ = Array(text.utf8).withUnsafeBytes { parser.feed($0, into: block, records: records) }
            return records.count
        }
        #expect(feed("a 1.0 k1 x=1\nc 1.0 k1 name=p\n") == 0)
        let mark = parser.fedOffset
        #expect(parser.consumedOffset == 0)
        #expect(feed("a 1.0 k2 x=2\nu 1.0 k3 -\n") == 0)
        #expect(parser.close(before: mark, into: block, records: records))
        #expect(records.count == 1)
        #expect(parser.consumedOffset == mark)
        #expect(feed("z 1.0 k2 -\n") == 2)
        #expect(!parser.holdsLines)
    }

    @Test func `JSON lines are joined by their members`() throws {
        let definition = try TestParser.definition(
            """
            id: t
            version: 1
            title: T
            formats:
              - framing: json
                join:
                  key: r.id
                  kind: type
                  first: ask
                  last: answer
                  main: [answer, ask]
                  parts: {ask: {name: asked, json: true}}
            fields:
              action: data.activity.other
              event_id: r.id
              message: asked.t
              reason: t
            """)
        let text = """
            {"type":"ask","t":"1","r":{"id":"x","list":[{"id":"no"}]}}
            {"type":"ask","t":"2","r":{"id":"y"}}
            {"t":"{\\"type\\":\\"answer\\"","type":"answer","r":{"id":"x"}}
            {"type":"answer","t":"4","r":{"id":"z"}}
            {"type":"answer" broken

            """
        for pieces in [1, 7, 64, 1_000] {
            let found = try Self.read(text, definition, pieces: pieces)
            #expect(found.count == 4, "pieces of \(pieces): \(found)")
            #expect(found.first == #"1/2: x {"type":"answer" 1"#)
        }
    }

    @Test func `mistakes in join are told with their place`() throws {
        func message(_ join: String) -> String {
            do {
                _ = try TestParser.minimal("  - framing: lines\n    join:\n" + join.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n"))
                return ""
            } catch { return "\(error)" }
        }
        #expect(message("line: \"<kind:word> <id:word>\"\nfrst: a").contains("did you mean 'first'"))
        #expect(message("line: \"<id:word> x\"\nfirst: a").contains("<kind:"))
        #expect(message("line: \"<kind:word> <id:word>\"\nfirst: a\nmain: b").contains("no line of kind 'b' joins"))
        #expect(message("key: a.b\nkind: c\nfirst: a").contains("fields of the pattern 'line'"))
        #expect(message("line: \"<kind:word> <id:word>\"\nfirst: a\nwait: 900").contains("1 to 30"))
    }

    /// Records of some interleaved deeds, lines in an order that keeps each deed's own.
    private static func log(_ generator: inout SeededGenerator) -> String {
        var open: [[String]] = []
        var lines: [String] = []
        var stamp = 10
        for number in 0..<Int.random(in: 1...14, using: &generator) {
            stamp += Int.random(in: 0...1, using: &generator)
            let key = "\(stamp).0 k\(number)"
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: open.append(["u \(key) -"])
            case 1: open.append(["a \(key) x=\(number)", "c \(key) name=f"])
            default:
                var deed = ["a \(key) x=\(number)"]
                for part in 0..<Int.random(in: 0...5, using: &generator) { deed.append("c \(key) name=n\(part)") }
                open.append(deed + ["z \(key) -"])
            }
            while open.count > 3 || (!open.isEmpty && Bool.random(using: &generator)) {
                let place = Int.random(in: 0..<open.count, using: &generator)
                lines.append(open[place].removeFirst())
                if open[place].isEmpty { open.remove(at: place) }
                if Int.random(in: 0..<9, using: &generator) == 0 { lines.append("") }
            }
        }
        while !open.isEmpty {
            let place = Int.random(in: 0..<open.count, using: &generator)
            lines.append(open[place].removeFirst())
            if open[place].isEmpty { open.remove(at: place) }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
