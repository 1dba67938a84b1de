import AuditModel
import Cryptography
import Foundation
import Testing
import TransparencyLog

@testable import Evidence

@Suite struct PackBuilderTests {
    private func builder(
        _ store: MemoryEvidence, _ level: PackRequest.Level = .auditor, nonce: String? = "auditor-7",
        _ change: (inout PackRequest) -> Void = { _ in }
    ) throws -> PackBuilder {
        var request = PackRequest(framework: "soc2", level: level)
        request.nonce = nonce
        request.wantsPDF = false
        change(&request)
        return try PackBuilder(
            store: store, templates: Shipped.templates(), generator: GeneratorStamp(version: "test"), request: request,
            period: QuarterStory.period)
    }

    private func body(_ level: PackRequest.Level = .auditor, nonce: String? = "auditor-7") throws -> [String: [UInt8]] {
        try builder(QuarterStory.make(), level, nonce: nonce).body(Shipped.library().definitions).0.files
    }

    private func lines(_ bytes: [UInt8]?) -> [[UInt8]] { (bytes ?? []).split(separator: 10).map(Array.init) }

    private func json(_ bytes: [UInt8]?) throws -> JSONValue { try JSONValue(parsing: bytes ?? []) }

    @Test func `the body has the files that the format lists`() throws {
        let files = try body()
        let report = ["report.html", "ipe.json", "query.txt", "population.csv", "exceptions.csv", "sample.csv"]
        for id in ["EP-01", "EP-03", "EP-17"] {
            for name in report { #expect(files["reports/\(id)/\(name)"] != nil) }
            #expect(files["definitions/\(id)/report.yaml"] == (try Shipped.library().definition(id).bytes))
        }
        for path in [
            "manifest.json", "index.html", "README.md", "VERIFY.md", "data/events.jsonl", "data/events.parquet",
            "proofs/checkpoint-end.txt", "proofs/seals.jsonl", "proofs/inner.jsonl", "proofs/policy.txt", "keys/log.pem", "keys/log.vkey",
        ] {
            #expect(files[path] != nil)
        }
        #expect(files["proofs/checkpoint-start.txt"] == nil)
    }

    @Test func `every event line leads by its proofs to the checkpoint`() throws {
        let store = QuarterStory.make()
        let files = try body()
        let seals = lines(files["proofs/seals.jsonl"])
        let proofs = lines(files["proofs/inner.jsonl"])
        let events = lines(files["data/events.jsonl"])
        #expect(events.count == proofs.count && !events.isEmpty)
        for (event, proof) in zip(events, proofs) {
            let proof = try json(proof)
            let place = try #require(proof["seal"]?.integer), index = try #require(proof["index"]?.integer)
            let seal = try json(seals[Int(place)])
            let path = try #require(proof["path"]?.array).compactMap { $0.string.flatMap { MerkleHash(base64: $0) } }
            let inclusion = InclusionProof(leafIndex: UInt64(index), treeSize: UInt64(try #require(seal["count"]?.integer)), siblings: path)
            try inclusion.verify(.leaf(event), root: try #require(seal["rowsRoot"]?.string.flatMap { MerkleHash(hex: $0) }))
            let logIndex = try #require(proof["logIndex"]?.integer)
            let outer = try TLogProof(parsing: try #require(files["proofs/seals/\(logIndex).tlog-proof"]))
            try outer.verify(
                leaf: .leaf(seals[Int(place)]),
                checkpoint: Checkpoint(origin: store.checkpoint.origin, size: store.checkpoint.size, root: store.checkpoint.root))
            #expect(outer.checkpoint.bytes == files["proofs/checkpoint-end.txt"])
        }
    }

    @Test func `rows in the pack and rows left out add up to the seals`() throws {
        let manifest = try json(try body()["manifest.json"])
        let seals = try #require(manifest["seals"]?.array)
        let counts = seals.map { ($0["count"]?.integer ?? 0, $0["inPack"]?.integer ?? 0) }
        #expect(counts.reduce(0) { $0 + $1.0 - $1.1 } == manifest["redaction"]?["count"]?.integer)
        #expect(counts.reduce(0) { $0 + $1.1 } == Int64(lines(try body()["data/events.jsonl"]).count))
        #expect(manifest["shown"]?.array?.isEmpty == false)
    }

    @Test func `an internal pack leaves out no row, an auditor's pack without a nonce shows none that it does not need`() throws {
        let whole = try json(try body(.internal)["manifest.json"])
        #expect(whole["redaction"]?["count"]?.integer == 0)
        let files = try body(.auditor, nonce: nil)
        #expect(try json(files["manifest.json"])["shown"]?.array?.isEmpty == true)
        #expect(files["reports/EP-03/sample.csv"] == nil)
    }

    @Test func `ipe figures add up: records and events of every source`() throws {
        let files = try body()
        for id in ["EP-01", "EP-03", "EP-17"] {
            let ipe = try json(files["reports/\(id)/ipe.json"])
            let sources = try #require(ipe["sources"]?.array)
            #expect(!sources.isEmpty)
            for source in sources {
                func number(_ name: String) -> Int64 { source[name]?.integer ?? -1 }
                #expect(number("received") == number("parsed") + number("duplicates") + number("quarantined") + number("skipped"))
                #expect(number("accepted") == number("inReport") + number("filteredOut"))
            }
        }
    }

    @Test func `the same store gives the same body, byte for byte`() throws {
        #expect(try body() == body())
    }

    @Test func `the pack's id changes with the nonce and with a parameter`() throws {
        func id(_ nonce: String?, _ parameters: [String: [String: String]] = [:]) throws -> String {
            try builder(QuarterStory.make(), nonce: nonce) { $0.parameters = parameters }.body(Shipped.library().definitions).1.packID
        }
        let ids = [try id("1"), try id("2"), try id(nil), try id("1", ["EP-03": ["limit": "48h"]])]
        #expect(Set(ids).count == 4)
        #expect(ids.allSatisfy { $0.count == 36 && Array($0)[14] == "5" })
    }

    @Test func `sums are sorted by bytes and cover every file`() throws {
        let (body, _) = try builder(QuarterStory.make()).body(Shipped.library().definitions)
        let rows = String(decoding: body.sums, as: UTF8.self).split(separator: "\n")
        #expect(rows.count == body.files.count)
        let paths = rows.map { String($0.dropFirst(66)) }
        #expect(paths == paths.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        for row in rows { #expect(SHA256.hash(body.files[String(row.dropFirst(66))] ?? []).hex == row.prefix(64)) }
    }

    @Test func `text of an event cannot break out of the page`() throws {
        let page = String(decoding: try #require(try body()["reports/EP-17/report.html"]), as: UTF8.self)
        #expect(!page.contains("<b>\"quoted"))
        #expect(page.contains("ten_&lt;b&gt;"))
        #expect(!page.contains("<script"))
    }

    @Test func `a start checkpoint brings a consistency proof that holds`() throws {
        let store = QuarterStory.make()
        let early = store.checkpoint
        store.heartbeat()
        let files = try builder(store) { $0.checkpointStart = early }.body(Shipped.library().definitions).0.files
        #expect(files["proofs/checkpoint-start.txt"] == Array(early.note.utf8))
        let text = String(decoding: files["proofs/consistency.txt"] ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(text[0] == "proofline-consistency/1" && text[1] == "start \(early.size)" && text[2] == "end \(store.checkpoint.size)")
        let proof = ConsistencyProof(
            oldSize: early.size, newSize: store.checkpoint.size, hashes: text.dropFirst(3).compactMap { MerkleHash(base64: $0) })
        try proof.verify(oldRoot: early.root, newRoot: store.checkpoint.root)
    }

    @Test func `a folder that is there already is not written into`() throws {
        let folder = try Shipped.scratch()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try builder(QuarterStory.make()).build(Shipped.library().definitions, into: folder)
        let error = #expect(throws: EvidenceError.self) {
            try builder(QuarterStory.make()).build(Shipped.library().definitions, into: folder)
        }
        #expect(error?.code == .usage)
    }
}
