import AuditModel
import Testing

@testable import Timeline

struct GroupLinesTests {
    private final class Owner {}

    private func texts(_ values: [String]) throws -> GlobalTexts {
        let bytes = values.flatMap { Array($0.utf8) }
        var offsets: [UInt32] = [0]
        for value in values { offsets.append(offsets.last! + UInt32(value.utf8.count)) }
        let dictionary = GlobalDictionary()
        _ = try bytes.withUnsafeBytes { bytes in
            try offsets.withUnsafeBufferPointer { offsets in
                try dictionary.codes(of: EntryTable(count: values.count, bytes: bytes, offsets: offsets.baseAddress!, owner: Owner()))
            }
        }
        return dictionary.texts
    }

    @Test func `lines from prepared parts are those that canonical JSON gives`() throws {
        let names = ["eins", "a \"b\" \\", "", "\u{1}\n", "rôle", "z"]
        let zones = ["eu", "us"]
        let bucket = try #require(TimeBucket("1h"))
        let layout = try GroupKey(fieldCounts: [names.count + 1, zones.count + 1], valueCount: 5, buckets: 490_000...490_009)
        var keys: [UInt64] = []
        var values: [Int64] = []
        var expected = ""
        for (row, value) in [0, 7, 10, 99, -1, 1_234_567_890_123, Int64.max, Int64.min, 1_000_000_000_000_000_000].enumerated() {
            for hour in 0...2 {
                let (name, zone) = (row % (names.count + 1), (row + hour) % (zones.count + 1))
                let part = try #require(layout.bucket)
                keys.append(UInt64(hour) << part.shift | UInt64(name) << layout.fields[0].shift | UInt64(zone) << layout.fields[1].shift)
                values.append(value)
                var members: [String: JSONValue] = [:]
                if name > 0 { members["actor.name"] = .string(names[name - 1]) }
                if zone > 0 { members["zone"] = .string(zones[zone - 1]) }
                if hour > 0 { members["time"] = .string(Timestamp(microseconds: bucket.begin(490_000 + Int64(hour) - 1)).description) }
                members["distinct"] = .integer(0)
                // Counts may have any width here, beyond what a JSON integer may have.
                let line = String(decoding: JSONValue.object(members).canonicalBytes, as: UTF8.self)
                expected += line.replacing("\"distinct\":0", with: "\"distinct\":\(value)") + "\n"
            }
        }
        let lines = try #require(
            GroupLines(
                layout, bucket: bucket, names: ["time", "actor.name", "zone", "distinct"], texts: [texts(names), texts(zones), texts([])], keys: keys,
                values: values))
        #expect(String(decoding: lines.lines(0..<keys.count), as: UTF8.self) == expected)
        #expect(lines.lines(3..<5) == Array(expected.split(separator: "\n", omittingEmptySubsequences: false)[3..<5].map { $0 + "\n" }.joined().utf8))
    }

    @Test func `many texts for few groups are not written out ahead`() throws {
        let layout = try GroupKey(fieldCounts: [5_001], valueCount: nil, buckets: nil)
        let texts = try texts((0..<5_000).map { "t\($0)" })
        #expect(GroupLines(layout, bucket: nil, names: ["tenant", "count"], texts: [texts], keys: [1, 2], values: [3, 4]) == nil)
    }
}
