import AuditModel
import Testing

@testable import Parsing

@Suite struct JournalEntryTests {
    private func definition() throws -> ParserDefinition {
        try TestParser.minimal(
            "  - {framing: journal_export}\n",
            "require: [__CURSOR]\nfields: {action: data.activity.other, event_id: __CURSOR, message: MESSAGE}\ndropped: [_PID]")
    }

    private func binary(_ name: String, _ value: [UInt8], length: Int? = nil) -> [UInt8] {
        let count = UInt64(bitPattern: Int64(length ?? value.count))
        return Array(name.utf8) + [10] + (0..<8).map { UInt8(truncatingIfNeeded: count >> UInt64(8 * $0)) } + value + [10]
    }

    @Test func `entries hold lines and binary fields, however they are cut`() throws {
        let bytes =
            Array("__CURSOR=a\n_PID=1\n".utf8) + binary("MESSAGE", Array("two\n\nlines".utf8)) + Array("X=1\n\n".utf8)
            + Array("__CURSOR=b\nMESSAGE=first\nMESSAGE=second\n\n\n".utf8) + binary("__CURSOR", Array("c".utf8)) + binary("BLOB", [0, 255])
        for pieces in [1, 5, 100_000] {
            let reading = try TestParser.read(bytes, definition(), pieces: pieces)
            let found = try reading.lines.map { try JSONValue(parsing: $0) }
            #expect(found.map { $0["event_id"]?.string } == ["a", "b", "c"])
            #expect(found.map { $0["message"]?.string } == ["two\n\nlines", "first", nil])
            #expect(reading.dropped == ["_PID": 1, "other": 2] && reading.consumed == UInt64(bytes.count))
        }
    }

    @Test func `the cursor of the next entry ends one too`() throws {
        for pieces in [1, 100_000] {
            let found = try TestParser.read(Array("__CURSOR=a\nMESSAGE=x\n__CURSOR=b\nMESSAGE=y\n".utf8), definition(), pieces: pieces).lines
            #expect(try found.map { try JSONValue(parsing: $0)["message"]?.string } == ["x", "y"])
        }
    }

    @Test func `fields that lie about their length, or are no text, are quarantined`() throws {
        let good = Array("__CURSOR=z\n\n".utf8)
        let cases: [([UInt8], String)] = [
            (Array("__CURSOR=a\n".utf8) + binary("MESSAGE", [0xFF]) + [10], "a field of the journal's entry is not text"),
            (Array("__CURSOR=a\n".utf8) + binary("MESSAGE", [65, 0]) + [10], "a field of the journal's entry is not text"),
            (Array("__CURSOR=a\nlower=1\n\n".utf8), JournalEntry.broken),
            (Array("__CURSOR=a\n".utf8) + binary("MESSAGE", [65], length: -1) + [10], JournalEntry.broken),
            (Array("__CURSOR=a\n".utf8) + binary("MESSAGE", [65, 66], length: 1) + [10], JournalEntry.broken),
            (Array("MESSAGE=a\n\n".utf8), "'__CURSOR' is not there"),
        ]
        for (bytes, reason) in cases {
            let found = try TestParser.read(bytes + good, definition()).lines.map { try JSONValue(parsing: $0) }
            #expect(found.first?["quarantined"]?.string == reason)
            #expect(found.last?["event_id"]?.string == "z", "\(reason)")
        }
        let cut = Array("__CURSOR=a\n".utf8) + binary("MESSAGE", [65], length: 900)
        #expect(try TestParser.read(cut, definition()).lines.first?.contains(JournalEntry.endsEarly) == true)
    }
}
