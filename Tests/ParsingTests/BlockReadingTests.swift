import AuditModel
import Foundation
import Testing

@testable import Parsing

/// Reading into columns gives what reading into events gives.
@Suite struct BlockReadingTests {
    /// What becomes of bytes that are read into blocks, as ``TestParser/read(_:_:pieces:options:)`` tells it.
    private func readBlocks(_ bytes: [UInt8], _ definition: ParserDefinition, pieces: Int, blockRows: Int) throws -> Reading {
        let parser = try RecordParser(definition, options: TestParser.options)
        parser.blockRows = blockRows
        let buffer = RecordBuffer()
        var block = EventBlock()
        var reading = Reading()
        reading.mayInterleave = definition.joinsLines
        func take() {
            for record in buffer.records {
                let shown: ParsedRecord.Result =
                    switch record.kind {
                    case .events: .events(record.rows.map { ParsedEvent(event: block.event($0), classes: block.classAssignment($0)) })
                    case .skipped: .skipped(rule: buffer.reason(record.reason))
                    case .quarantined: .quarantined(reason: buffer.reason(record.reason))
                    }
                let parsed = ParsedRecord(
                    firstLine: record.line, range: record.offset..<record.end, bytes: record.bytes, result: shown)
                reading.lines += parsed.shownJSON.map(\.canonicalText)
                reading.ranges.append(parsed.range)
                let start = Int(record.offset)
                // Lines that are joined are those of their places; the first stands where the record does.
                let length = definition.joinsLines ? record.bytes.firstIndex(of: 10) ?? record.length : record.length
                #expect(record.bytes.prefix(length).elementsEqual(bytes[start..<start + length]), "the record's bytes are those of its place")
            }
            #expect(block.rowCount <= blockRows)
        }
        var at = 0
        while at < bytes.count {
            let end = pieces > bytes.count - at ? bytes.count : at + pieces
            // Memory of its own for each piece, so that who reads it later is found out.
            let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: end - at, alignment: 1)
            piece.copyBytes(from: bytes[at..<end])
            var from = 0
            while from < piece.count {
                let rest = UnsafeRawBufferPointer(rebasing: piece[from...])
                let used = parser.feed(rest, into: block, records: buffer)
                take()
                from += used
                if from < piece.count { block = EventBlock() }
            }
            piece.deallocate()
            at = end
        }
        while !parser.finish(into: block, records: buffer) {
            take()
            block = EventBlock()
        }
        take()
        reading.consumed = parser.consumedOffset
        reading.dropped = parser.takeDropped()
        return reading
    }

    @Test func `fixtures read into blocks as into events, however bytes are cut and blocks are filled`() throws {
        for (definition, fixture) in try ShippedParsers.cases() {
            let bytes = [UInt8](try #require(FileManager.default.contents(atPath: fixture.logPath)))
            let events = try TestParser.read(bytes, definition)
            for (size, rows) in [(Int.max, 1_000), (1, 1_000), (100, 1_000), (Int.max, 3), (33, 4)] {
                // A record of one fixture holds three events, so a block of fewer would refuse it.
                let blocks = try readBlocks(bytes, definition, pieces: size, blockRows: rows)
                #expect(blocks == events, "\(definition.id)/\(fixture.name) in pieces of \(size), blocks of \(rows)")
            }
        }
    }

    @Test func `damaged fixtures read into blocks as into events`() throws {
        let seed: UInt64 = 20_261_123
        var random = SeededGenerator(seed: seed)
        for (definition, fixture) in try ShippedParsers.cases() {
            let bytes = [UInt8](try #require(FileManager.default.contents(atPath: fixture.logPath)))
            for round in 0..<8 {
                var changed = bytes
                for _ in 0..<(1 + round) {
                    let at = Int.random(in: 0..<changed.count, using: &random)
                    changed[at] = Array("\"{}[],:\\\n\0<>'x".utf8).randomElement(using: &random)!
                }
                let events = try TestParser.read(changed, definition, pieces: 97)
                let blocks = try readBlocks(changed, definition, pieces: .max, blockRows: 100)
                #expect(blocks == events, "\(definition.id)/\(fixture.name) seed \(seed) round \(round)")
            }
        }
    }

    @Test func `lines indexed together are read as lines that stand alone`() throws {
        let definition = try TestParser.minimal(
            "  - framing: json",
            """
            require: {id: text}
            fields: {action: data.activity.other, event_id: id, message: text.body, request: "list[1].id"}
            attributes: {n: {from: n, class: public}}
            dropped: [known, text.*]
            """)
        var random = SeededGenerator(seed: 42)
        let lines = [
            #"{"id":"a","text":{"body":"plain","other":1},"n":1}"#,
            #"{"id":"b\n","text":{"body":"with \"quotes\" and \\ é"},"known":true}"#,
            #"  {"n" : -1.5e3 , "id" : "c" , "list" : [ {"id":"x"} , { "id" : "y" } ]}  "#, #"{"id":"d","id":"e"}"#, #"{"id":"f""#,
            #"{"id":"g"}{"id":"h"}"#, #"{"id":"i","n":01}"#, #"{"id":"j","x":{"y":[1,2,{"z":null}]}}"#, "",
            #"{"id":"k","text":{"body":"open}"#,
            #"{"id":1}"#, #"[{"id":"l"},{"id":"m"}]"#, "{\"id\":\"n\",\"text\":{\"body\":\"tab\tinside\"}}", #"{"id":"o\q"}"#,
            #"{"\u0069d":"p"}"#, "{}", "null",
            #"{"id":"q","a":{"b":1}"#, "}",
        ]
        for round in 0..<60 {
            let text = (0..<12).map { _ in lines.randomElement(using: &random)! }.joined(separator: "\n") + "\n"
            let bytes = Array(text.utf8)
            // A byte at a time no two lines are ever indexed together.
            let alone = try TestParser.read(bytes, definition, pieces: 1)
            #expect(try TestParser.read(bytes, definition) == alone, "round \(round): \(text)")
            #expect(try readBlocks(bytes, definition, pieces: .max, blockRows: 50) == alone, "round \(round): \(text)")
        }
    }

    @Test func `a record that does not fit leaves nothing behind and is read into the next block`() throws {
        let definition = try TestParser.minimal(
            "  - framing: json",
            """
            rules:
              - when: {list: {present: true}}
                each: list
                fields: {action: data.activity.other, event_id: item.id, reason: item.why}
            fields: {action: data.activity.other}
            dropped: [gone]
            """)
        let text = #"{"list":[{"id":"1"},{"id":"2"}],"gone":1}"# + "\n" + #"{"list":[{"id":"3"},{"id":"4"}],"gone":1}"# + "\n"
        let parser = try RecordParser(definition, options: TestParser.options)
        parser.blockRows = 3
        let bytes = Array(text.utf8)
        let (first, second, buffer) = (EventBlock(), EventBlock(), RecordBuffer())
        let used = bytes.withUnsafeBytes { parser.feed($0, into: first, records: buffer) }
        #expect(used == text.utf8.count / 2)
        #expect(first.rowCount == 2)
        #expect(first[.eventID].count == 2)
        #expect(buffer.records.map(\.rows) == [0..<2])
        _ = bytes.withUnsafeBytes { parser.feed(UnsafeRawBufferPointer(rebasing: $0[used...]), into: second, records: buffer) }
        #expect(second.rowCount == 2)
        #expect(second[.eventID].string(1) == "4")
        #expect(parser.takeDropped() == ["gone": 2])
    }

    @Test func `rows of a rejected record are taken back`() throws {
        let definition = try TestParser.minimal(
            "  - framing: json",
            """
            fields: {action: data.activity.other, event_id: id, time: at}
            targets: [{type: user, id: who}]
            """)
        let block = EventBlock()
        let buffer = RecordBuffer()
        let parser = try RecordParser(definition, options: TestParser.options)
        let text = #"{"id":"good","who":"a"}"# + "\n" + #"{"id":"bad","at":"no time","who":"b"}"# + "\n" + #"{"id":"last"}"# + "\n"
        _ = Array(text.utf8).withUnsafeBytes { parser.feed($0, into: block, records: buffer) }
        #expect(buffer.records.map(\.kind) == [.events, .quarantined, .events])
        #expect(block.rowCount == 2)
        #expect((0..<2).map { block[.eventID].string($0) } == ["good", "last"])
        #expect(block.event(1).targets.isEmpty)
    }
}
