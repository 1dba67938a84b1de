import AuditModel
import Foundation
import Testing

@testable import Parsing

/// Damaged and hostile bytes: every record comes out once, in order, and nothing traps.
@Suite struct HostileInputTests {
    private func checkWhole(_ reading: Reading, _ bytes: [UInt8], _ what: String) {
        var last: UInt64 = 0
        for range in reading.ranges {
            #expect(range.lowerBound >= last, "\(what): records overlap")
            last = reading.mayInterleave ? range.lowerBound + 1 : range.upperBound
        }
        #expect(reading.consumed == UInt64(bytes.count), "\(what): \(reading.consumed) of \(bytes.count) bytes accounted for")
    }

    @Test func `fixtures cut at any byte are read to their end`() throws {
        for (definition, fixture) in try ShippedParsers.cases() {
            let bytes = [UInt8](try #require(FileManager.default.contents(atPath: fixture.logPath)))
            for cut in stride(from: 1, to: bytes.count, by: max(1, bytes.count / 40)) {
                let part = Array(bytes[..<cut])
                checkWhole(try TestParser.read(part, definition), part, "\(definition.id)/\(fixture.name) cut at \(cut)")
            }
        }
    }

    @Test func `fixtures with flipped, dropped and doubled bytes are read to their end`() throws {
        let seed: UInt64 = 20_260_701
        var random = SeededGenerator(seed: seed)
        for (definition, fixture) in try ShippedParsers.cases() {
            let bytes = [UInt8](try #require(FileManager.default.contents(atPath: fixture.logPath)))
            for round in 0..<25 {
                var changed = bytes
                for _ in 0..<(1 + round % 6) {
                    let at = Int.random(in: 0..<changed.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: changed[at] = UInt8.random(in: 0...255, using: &random)
                    case 1: changed.remove(at: at)
                    case 2: changed.insert(contentsOf: changed[at..<min(changed.count, at + 20)], at: at)
                    default: changed[at] = Array("\"{}[],:\\\n\0<>'".utf8).randomElement(using: &random)!
                    }
                    if changed.isEmpty { changed = [10] }
                }
                checkWhole(
                    try TestParser.read(changed, definition), changed, "\(definition.id)/\(fixture.name) seed \(seed) round \(round)")
            }
        }
    }

    @Test func `random bytes are quarantined, never read as events`() throws {
        var random = SeededGenerator(seed: 7)
        let library = try ShippedParsers.library.get()
        for id in library.ids {
            let bytes = (0..<3_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            let reading = try TestParser.read(bytes, library[id]!)
            checkWhole(reading, bytes, id)
            #expect(reading.lines.allSatisfy { $0.contains("\"quarantined\"") }, "\(id)")
        }
    }

    @Test func `a quarantine reason holds nothing of the record`() throws {
        let library = try ShippedParsers.library.get()
        for id in library.ids {
            for record in ["{\"secret\":\"hunter2\"", "hunter2 hunter2: [hunter2]", "{\"hunter2\":{\"hunter2\":1}}", "\"hunter2"] {
                for line in try TestParser.read(record + "\n", library[id]!).lines where line.contains("\"quarantined\"") {
                    #expect(!line.contains("hunter2"), "\(id): \(line)")
                }
            }
        }
    }

    @Test func `nesting ten thousand deep is refused and the next line is read`() throws {
        let okta = try #require(try ShippedParsers.library.get()["okta"])
        let deep = String(repeating: "{\"a\":", count: 10_000) + "1" + String(repeating: "}", count: 10_000)
        let flat = String(repeating: "[", count: 10_000)
        let reading = try TestParser.read("\(deep)\n\(flat)\n{\"uuid\":1}\n", okta)
        #expect(
            reading.lines == [
                #"{"line":1,"quarantined":"JSON: nested deeper than 128 levels"}"#,
                #"{"line":2,"quarantined":"JSON: grammar is broken"}"#,
                #"{"line":3,"quarantined":"'uuid' is not there as text"}"#,
            ])
    }

    @Test func `a record beyond the size limit is quarantined and framing goes on at the next line`() throws {
        let definition = try TestParser.minimal("  - framing: lines")
        let long = [UInt8](repeating: 97, count: FramingLimit.recordBytes + 10)
        let reading = try TestParser.read(long + [10] + Array("b\n".utf8), definition, pieces: 1 << 20)
        #expect(reading.lines.count == 2)
        #expect(reading.lines.first == #"{"line":1,"quarantined":"the record is longer than 16 MiB"}"#)
        #expect(reading.ranges.first == 0..<UInt64(long.count))
        #expect(reading.consumed == UInt64(long.count + 3))
    }

    @Test func `an open quote that nothing closes costs its line`() throws {
        let definition = try TestParser.minimal("  - {framing: csv, columns: [a, b]}", "fields: {action: data.activity.other, event_id: a}")
        let bytes = Array(("0,\"open\n" + String(repeating: "1,2\n", count: FramingLimit.recordBytes / 4 + 200)).utf8)
        let parser = try RecordParser(definition, options: TestParser.options)
        var quarantined = 0
        #expect(throws: CancellationError.self) {
            try parser.feed(bytes) { record in
                if case .quarantined = record.result { quarantined += 1 }
                // Reading sixteen million bytes of rows is for release builds.
                if record.firstLine > 3 { throw CancellationError() }
            }
        }
        #expect(quarantined == 1)
    }

    @Test func `NUL bytes and invalid UTF-8 are quarantined`() throws {
        let definition = try TestParser.minimal("  - framing: lines")
        let reading = try TestParser.read([97, 0, 98, 10, 0xC3, 0x28, 10, 99, 10], definition)
        #expect(
            reading.lines.prefix(2) == [
                #"{"line":1,"quarantined":"the record holds a NUL byte"}"#, #"{"line":2,"quarantined":"text is not valid UTF-8"}"#,
            ])
        #expect(reading.lines.count == 3)
    }

    @Test func `one source's lines are no events of another`() throws {
        let library = try ShippedParsers.library.get()
        // `pgaudit` reads what `postgresql` hands over, and a text log of stamped lines may open like another: those say nothing.
        // One hook of GitHub delivers for both of its parsers, and Boundary's events lie in the envelope of CloudEvents.
        // Apache and nginx write the same combined format, syslog has cron's lines for both, CyberArk may speak CEF, and Azure's diagnostic
        // streams carry the directory's sign-ins.
        let kin: Set = [
            "github_webhook github_actions", "github_actions github_webhook", "cloudevents boundary", "azure_activity entra_signin",
            "entra_signin azure_activity", "azure_activity entra_audit", "entra_signin entra_audit",
            "apache_access nginx_access", "nginx_access apache_access", "cron linux_auth", "linux_auth cron", "cef cyberark_pas",
        ]
        // Generic parsers read whatever a mapping says.
        for id in library.ids where library[id]?.mappingKeys == nil {
            for other in library.ids where other != id && !kin.contains("\(id) \(other)") {
                for fixture in ParserLibrary.fixtures(of: library[other]!) {
                    let bytes = [UInt8](try #require(FileManager.default.contents(atPath: fixture.logPath)))
                    for line in try TestParser.read(bytes, library[id]!).lines where !line.contains("\"quarantined\"") {
                        #expect(line.contains("host.message.log"), "\(other)/\(fixture.name) read by \(id): \(line.prefix(200))")
                    }
                }
            }
        }
    }
}
