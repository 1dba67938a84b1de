import Foundation
import Testing

@testable import Parsing

/// What the fuzz targets began with and what they once stumbled over, kept under Fuzz/corpus: each input must end, and soon.
@Suite struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fuzz/corpus")

    private static let targets: [(name: String, body: @Sendable ([UInt8]) -> Void)] = [
        ("framing", HostileRecords.framing), ("json", HostileRecords.json), ("csv", HostileRecords.csv), ("syslog", HostileRecords.syslog),
        ("keyvalue", HostileRecords.keyValue), ("pattern", HostileRecords.pattern),
    ]

    private func inputs(_ target: String) throws -> [(name: String, bytes: [UInt8])] {
        let folder = Self.folder.appendingPathComponent(target)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(!names.isEmpty, "\(target) has no inputs")
        return try names.map { ($0, [UInt8](try Data(contentsOf: folder.appendingPathComponent($0)))) }
    }

    @Test func `every kept input of a reader ends without a trap, and so do its damaged copies`() throws {
        for target in Self.targets {
            for (name, bytes) in try inputs(target.name) {
                let begin = ContinuousClock.now
                target.body(bytes)
                for offset in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
                    var damaged = bytes
                    damaged[offset] ^= 0x81
                    target.body(damaged)
                }
                #expect(ContinuousClock.now - begin < .seconds(60), "\(target.name)/\(name)")
            }
        }
    }

    @Test func `every kept input of a whole parser ends without a trap, whichever parser reads it`() throws {
        let library = try ShippedParsers.library.get()
        for (_, bytes) in try inputs("parsers") {
            for id in library.ids { HostileRecords.compare(Array(bytes.dropFirst(2)), library[id]!, pieces: 1 + Int(bytes[1])) }
        }
    }
}
