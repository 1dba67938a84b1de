import AuditModel
import Testing

@testable import Parsing

@Suite struct TimeReaderTests {
    /// Reads a time through a whole definition, as a record's time is read.
    private func time(
        _ text: String, _ format: String, zone: String? = nil, timezone: String? = nil, modified: String = "2026-10-01T00:00:00Z"
    ) throws -> String? {
        let zonePart = zone.map { ", zone: {constant: \"\($0)\"}" } ?? ""
        let parser = try TestParser.minimal(
            "  - framing: json", "fields: {action: data.activity.other, time: {from: t, format: [\"\(format)\"]\(zonePart)}}")
        let options = ParseOptions(timezone: timezone, fileModified: try #require(Timestamp(rfc3339: modified)))
        let quoted = text.first == "#" ? String(text.dropFirst()) : "\"\(text)\""
        return try TestParser.event("{\"t\":\(quoted)}", parser, options: options)?.time?.description
    }

    @Test func `stamps with and without zones`() throws {
        #expect(try time("2026-07-01T08:00:00.1234567Z", "iso") == "2026-07-01T08:00:00.123456Z")
        #expect(try time("2026-07-01 08:00:00,5 +0200", "iso") == "2026-07-01T06:00:00.500000Z")
        #expect(try time("2026-07-01 08:00:00 CEST", "iso") == "2026-07-01T06:00:00.000000Z")
        #expect(try time("2026-07-01 08:00:00", "iso", timezone: "America/New_York") == "2026-07-01T12:00:00.000000Z")
        #expect(try time("2026-07-01 08:00:00", "iso", zone: "Europe/Zurich") == "2026-07-01T06:00:00.000000Z")
        #expect(try time("2026-02-30T08:00:00Z", "iso") == nil)
    }

    @Test func `an abbreviation with several meanings needs a configured zone`() throws {
        #expect(try time("2026-07-01 08:00:00 CST", "iso") == nil)
        #expect(try time("2026-01-01 08:00:00 CST", "iso", timezone: "America/Chicago") == "2026-01-01T14:00:00.000000Z")
    }

    @Test func `a local time that happens twice is the first, one that never happens goes on`() throws {
        #expect(
            try time("2026-10-25 02:30:00", "iso", timezone: "Europe/Zurich", modified: "2026-12-01T00:00:00Z")
                == "2026-10-25T00:30:00.000000Z")
        #expect(try time("2026-03-29 02:30:00", "iso", timezone: "Europe/Zurich") == "2026-03-29T01:30:00.000000Z")
    }

    @Test func `epochs are exact`() throws {
        #expect(try time("#1583364251.144", "epoch_seconds") == "2020-03-04T23:24:11.144000Z")
        #expect(try time("#1583364251144", "epoch_millis") == "2020-03-04T23:24:11.144000Z")
        #expect(try time("1583364251144123999", "epoch_nanos") == "2020-03-04T23:24:11.144123Z")
        #expect(try time("#-0.5", "epoch_seconds") == "1969-12-31T23:59:59.500000Z")
        #expect(try time("#99999999999999999", "epoch_seconds") == nil)
        #expect(try time("#1e9", "epoch_seconds") == nil)
    }

    @Test func `directives read what other programs write`() throws {
        #expect(try time("01/Jul/2026:08:00:00 +0200", "%d/%b/%Y:%H:%M:%S %z") == "2026-07-01T06:00:00.000000Z")
        #expect(try time("Wed Jul  1 08:00:00 2026", "%a %b %e %H:%M:%S %Y") == "2026-07-01T08:00:00.000000Z")
        #expect(try time("7/1/26 12:05 AM", "%m/%d/%y %I:%M %p") == "2026-07-01T00:05:00.000000Z")
        #expect(try time("2026-07-01", "%Y-%m-%d") == "2026-07-01T00:00:00.000000Z")
        #expect(try time("2026-07-01x", "%Y-%m-%d") == nil)
    }

    @Test func `a stamp without a year is the latest that does not lie after the file`() throws {
        #expect(try time("Sep 30 23:59:59", "syslog") == "2026-09-30T23:59:59.000000Z")
        #expect(try time("Oct  1 12:00:00", "syslog") == "2026-10-01T12:00:00.000000Z")
        #expect(try time("Oct  3 00:00:00", "syslog") == "2025-10-03T00:00:00.000000Z")
        #expect(try time("Feb 29 00:00:00", "syslog") == "2024-02-29T00:00:00.000000Z")
        #expect(try time("Feb 30 00:00:00", "syslog") == nil)
    }

    @Test func `a followed file passes New Year`() throws {
        let parser = try TestParser.minimal(
            "  - {framing: lines, syslog: true}", "fields: {action: data.activity.other, time: {from: timestamp, format: syslog}}")
        let options = ParseOptions(fileModified: try #require(Timestamp(rfc3339: "2026-12-30T00:00:00Z")))
        let lines =
            "Dec 30 12:00:00 h p: x\nDec 31 23:59:59 h p: x\nJan  1 00:00:01 h p: x\nDec 31 23:59:58 h p: late\nFeb  1 00:00:00 h p: x\n"
        let times = try TestParser.read(Array(lines.utf8), parser, options: options).lines.map {
            try JSONValue(parsing: $0)["time"]?.string?.prefix(10)
        }
        #expect(times == ["2026-12-30", "2026-12-31", "2027-01-01", "2026-12-31", "2027-02-01"])
    }
}
