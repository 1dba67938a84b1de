import Foundation
import Testing

/// What the fuzz targets began with and what they once stumbled over, kept under Fuzz/corpus: each input must end, and soon.
@Suite struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fuzz/corpus").resolvingSymlinksInPath()

    private static let targets: [(name: String, body: @Sendable ([UInt8]) -> Void)] = [
        ("parquet", HostileBytes.parquet), ("index", HostileBytes.index), ("duplicates", HostileBytes.duplicates), ("entries", HostileBytes.entries),
    ]

    @Test func `every kept input ends without a trap, and so do its damaged copies`() throws {
        for target in Self.targets {
            let folder = Self.folder.appendingPathComponent(target.name)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(!names.isEmpty, "\(target.name) has no inputs")
            for name in names {
                let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
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
}
