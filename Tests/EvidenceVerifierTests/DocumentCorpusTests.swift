import Cryptography
import Foundation
import Testing
import TransparencyLog

/// What the fuzz targets of a pack's readers began with and once stumbled over, kept under Fuzz/corpus: each input must end, and soon.
struct DocumentCorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz/corpus").standardizedFileURL

    private static let targets: [(name: String, body: @Sendable ([UInt8]) -> Void)] = [
        ("manifest", HostileDocuments.manifest), ("proof", HostileDocuments.proof), ("note", HostileDocuments.note), ("cms", HostileDocuments.cms),
        ("timestamp", HostileDocuments.timestamp),
    ]

    @Test func `every kept document ends without a trap, and so do its damaged and cut copies`() throws {
        for target in Self.targets {
            let folder = Self.folder.appending(path: target.name)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(!names.isEmpty, "\(target.name) has no inputs")
            for name in names {
                let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
                let begin = ContinuousClock.now
                target.body(bytes)
                for offset in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 60)) {
                    var damaged = bytes
                    damaged[offset] ^= 0x81
                    target.body(damaged)
                    target.body(Array(bytes[..<offset]))
                }
                #expect(ContinuousClock.now - begin < .seconds(60), "\(target.name)/\(name)")
            }
        }
    }

    /// `PROOFLINE_RECORD=1` writes the documents of a good pack as inputs to begin with.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["PROOFLINE_RECORD"] == "1"))
    func `inputs to begin with are those of a good pack`() throws {
        let pack = try EveryByteTests.smallPack()
        func write(_ target: String, _ name: String, _ bytes: [UInt8]) throws {
            try Data(bytes).write(to: Self.folder.appending(path: target).appending(path: name))
        }
        for (target, path) in [
            ("manifest", "manifest.json"), ("manifest", "SHA256SUMS"), ("manifest", "reports/EP-03/population.csv"), ("manifest", "sig/pack.dsse.json"),
            ("manifest", "sig/release.json"), ("proof", "sig/release.tlog-proof"), ("proof", "proofs/consistency.txt"), ("proof", "proofs/seals/0.tlog-proof"),
            ("note", "proofs/checkpoint-end.txt"),
        ] { try write(target, path.replacing("/", with: "-"), pack.files[path]!) }
        try write("manifest", "seal", pack.log.entries[0])
        try write("manifest", "heartbeat", pack.log.entries[1])
        try write("note", "policy", Array("log \(pack.people.log.verifier.vkey)\nquorum none\n".utf8))
        let people = FixturePeople.shared
        let signature = try CMS.signDetached(HostileDocuments.content, certificate: people.alice, key: people.aliceKey, time: FixturePeople.now)
        try write("cms", "signature", signature)
        try write("timestamp", "response", people.clock.respond(to: TimestampRequest(data: HostileDocuments.content).der, time: FixturePeople.now))
    }
}
