import AuditModel
import Cryptography
import EvidenceVerifier
import Foundation
import Testing
import TransparencyLog

/// Packs that were built wrongly and then signed properly: what only the proofs can tell.
struct DishonestPackTests {
    /// Two sources, only one in scope, over two epochs.
    static func log() -> FixtureLog {
        var log = FixtureLog()
        log.config("okta")
        log.batch("okta", count: 3)
        log.batch("hr_csv", count: 2)
        log.batch("okta", count: 2)
        log.heartbeat()
        log.batch("hr_csv", count: 1)
        log.batch("okta", count: 0)
        log.batch("okta", count: 40)
        log.heartbeat()
        return log
    }

    func findings(
        nonce: String? = nil, startSize: Int? = nil, log: FixtureLog = log(), without missing: [Int] = [],
        _ change: (inout PackFixture) throws -> Void = { _ in }
    ) throws -> [Finding] {
        var pack = PackFixture(log: log)
        try pack.build(nonce: nonce, startSize: startSize, isCarried: { !missing.contains($0) })
        try change(&pack)
        try pack.sign()
        return try pack.verify().findings
    }

    func kinds(_ findings: [Finding]) -> Set<Finding.Kind> { Set(findings.map(\.kind)) }

    @Test func `seals of other sources are accounted for by the heartbeats`() throws {
        #expect(try findings() == [])
        #expect(try findings(nonce: "x", startSize: 5) == [])
    }

    @Test func `an entry that is left out is missed, wherever it was`() throws {
        // Config, a seal in the middle, the heartbeat, an empty seal, the last seal, and the end with its heartbeat.
        for missing in [[0], [1], [3], [4], [6], [7], [8], [7, 8], [5, 6, 7, 8]] {
            let found = try findings(without: missing)
            // The reports were built over what is carried, so nothing but the accounting can tell.
            #expect(kinds(found) == [.coverage], "without \(missing)")
        }
    }

    @Test func `an entry that no heartbeat counts is missed`() throws {
        var log = FixtureLog()
        log.batch("okta", count: 1)
        log.release()
        log.heartbeat()
        #expect(try kinds(findings(log: log)) == [])
        #expect(try kinds(findings(log: log, without: [1])) == [.coverage])
    }

    @Test func `a log that lies in its seals or heartbeats is caught`() throws {
        func kindsOf(_ build: (inout FixtureLog) -> Void) throws -> Set<Finding.Kind> {
            var log = FixtureLog()
            build(&log)
            return try kinds(findings(log: log))
        }
        #expect(try kindsOf { $0.batch("okta", count: 2); $0.heartbeat() } == [])
        #expect(try kindsOf { $0.batch("okta", count: 2); $0.heartbeat { $0["epoch"] = 7 }; $0.batch("okta", count: 1); $0.heartbeat() } == [.coverage])
        #expect(try kindsOf { $0.batch("okta", count: 2); $0.heartbeat { $0["sources"] = [] } } == [.coverage])
        #expect(try kindsOf { $0.batch("okta", count: 2); $0.heartbeat { $0["seals"] = 2 } } == [.coverage])
        #expect(try kindsOf { $0.batch("okta", count: 2) { $0["epoch"] = 2 }; $0.heartbeat() } == [.coverage])
        #expect(try kindsOf { $0.batch("okta", count: 2); $0.heartbeat { $0["to"] = "2027-01-01T00:00:00.000000Z" } } == [.coverage])
        #expect(try kindsOf { $0.batch("okta", count: 2) { $0["committed"] = "2020-01-01T00:00:00.000000Z" }; $0.heartbeat() } == [.coverage])
        #expect(try kindsOf { $0.batch("okta", count: 2); $0.batch("okta", count: 1) { $0["firstSeq"] = 1 }; $0.heartbeat() } == [.coverage])
        #expect(try kindsOf { $0.batch("okta", count: 2); $0.batch("okta", count: 1) { $0["prevSeal"] = nil }; $0.heartbeat() } == [.coverage])
        #expect(try kindsOf { $0.batch("okta", count: 2) { $0["received"] = 9 }; $0.heartbeat() } == [.coverage])
        #expect(try kindsOf { $0.batch("okta", count: 2) { $0["rowsRoot"] = .string(MerkleHash.empty.hex) }; $0.heartbeat() }.contains(.inclusion))
        #expect(try kindsOf { $0.batch("okta", count: 2) { $0["count"] = 70_000 }; $0.heartbeat() }.contains(.inclusion))
    }

    @Test func `an event that was changed, moved, doubled or dropped is caught`() throws {
        func lines(_ pack: inout PackFixture, _ path: String, _ change: (inout [[UInt8]]) -> Void) {
            var lines = pack.files[path]!.split(separator: 0x0a).map(Array.init)
            change(&lines)
            pack.files[path] = lines.flatMap { $0 + [0x0a] }
        }
        let events = "data/events.jsonl"
        let inner = "proofs/inner.jsonl"
        let changes: [(inout PackFixture) -> Void] = [
            { lines(&$0, events) { $0[0][10] ^= 1 } },
            { lines(&$0, events) { $0.swapAt(0, 1) } },
            { lines(&$0, events) { $0.append($0[0]) }; lines(&$0, inner) { $0.append($0[0]) } },
            { lines(&$0, events) { $0.swapAt(0, 1) }; lines(&$0, inner) { $0.swapAt(0, 1) } },
            { lines(&$0, events) { $0.removeLast() } },
            { $0.files[events]!.removeLast() },
            { lines(&$0, inner) { $0[0] = Array("{\"index\":0,\"logIndex\":1,\"path\":[],\"seal\":1}".utf8) } },
            { lines(&$0, inner) { $0[0] = Array("{\"index\":0,\"logIndex\":1,\"path\":[],\"seal\":99}".utf8) } },
            { lines(&$0, inner) { $0[0] = Array("{\"index\":9007199254740991,\"logIndex\":1,\"path\":[],\"seal\":1}".utf8) } },
            { lines(&$0, inner) { $0[0] = Array("{\"index\":-1,\"logIndex\":1,\"path\":[],\"seal\":1}".utf8) } },
            { lines(&$0, inner) { $0[0] = Array("[".utf8) + [UInt8](repeating: 0x5b, count: 100_000) } },
        ]
        for (number, change) in changes.enumerated() {
            #expect(try findings { change(&$0) }.first?.kind == .inclusion, "change \(number)")
        }
        // Consistently dropped with its proof: the counts tell.
        let dropped = try findings { lines(&$0, events) { $0.removeLast() }; lines(&$0, inner) { $0.removeLast() } }
        #expect(kinds(dropped) == [.coverage, .redaction])
    }

    @Test func `a rewritten log is caught by the earlier checkpoint`() throws {
        let found = try findings(startSize: 5) { pack in
            var fork = FixtureLog()
            for _ in 0..<5 { fork.config("another") }
            pack.files["proofs/checkpoint-start.txt"] = try pack.checkpoint(fork.tree).bytes
            pack.manifest["checkpointStart"] = PackFixture.json(fork.tree)
            pack.put("manifest.json", .object(pack.manifest))
        }
        #expect(kinds(found) == [.consistency])
        #expect(try kinds(findings(startSize: 5) { $0.files["proofs/consistency.txt"] = nil }) == [.consistency])
    }

    @Test func `manifest and statements that claim other things are caught`() throws {
        func claim(_ name: String, _ value: JSONValue?) throws -> Set<Finding.Kind> {
            try kinds(findings { pack in
                pack.manifest[name] = value
                pack.put("manifest.json", .object(pack.manifest))
            })
        }
        #expect(try claim("checkpointEnd", ["origin": "x", "size": 1, "root": "x"]) == [.checkpoint])
        #expect(try claim("redaction", ["count": 1]) == [.redaction])
        #expect(try claim("seals", []) == [.coverage])
        #expect(try claim("scope", ["sources": []]) == [.coverage])
        #expect(try claim("level", "internal") == [.redaction])
        #expect(try claim("level", "secret") == [.coverage, .redaction])
        #expect(try claim("revision", -1) == [.coverage, .redaction])
        #expect(try claim("packId", nil) == [.coverage, .redaction])
        #expect(try claim("shown", [["logIndex": 1, "index": 2]]) == [.coverage])
        #expect(try claim("reports", [["id": "../../etc", "title": "t", "outcome": "pass", "population": 0, "exceptions": 0]]) == [.coverage, .redaction])

        func state(_ change: (inout [String: JSONValue]) -> Void) throws -> Set<Finding.Kind> {
            try kinds(findings { pack in
                var json = try JSONValue(parsing: pack.files["reports/EP-03/ipe.json"]!).object!
                change(&json)
                pack.put("reports/EP-03/ipe.json", .object(json))
            })
        }
        #expect(try state { $0["outcome"] = "pass" } == [.coverage])
        #expect(try state { $0["exceptionIds"] = [] } == [.coverage])
        #expect(try state { $0["definitionSha256"] = "00" } == [.coverage])
        #expect(try state { $0["inputBatches"] = [] } == [.coverage])
        #expect(try state { $0["checkpoint"] = nil } == [.checkpoint])
        #expect(try state { $0["sources"] = .array([["source": "unknown"]]) } == [.coverage])
        for name in ["received", "parsed", "accepted", "duplicates", "quarantined", "skipped", "filteredOut", "inReport"] {
            let found = try state { json in
                var source = json["sources"]!.array![0].object!
                source[name] = .integer(source[name]!.integer! + 1)
                json["sources"] = .array([.object(source)])
            }
            #expect(found == [.coverage], "\(name)")
        }
    }

    @Test func `a sample or shown rows that the nonce does not draw are caught`() throws {
        #expect(try findings(nonce: "9") == [])
        let swapped = try findings(nonce: "9") { pack in
            let lines = pack.files["reports/EP-03/sample.csv"]!.split(separator: 0x0a).map(Array.init)
            let others = String(decoding: pack.files["reports/EP-03/population.csv"]!, as: UTF8.self)
                .split(separator: "\n").dropFirst().map { String($0.prefix { $0 != "," }) }
            let drawn = Set(lines.dropFirst().map { String(decoding: $0.drop { $0 != 0x2c }.dropFirst(), as: UTF8.self) })
            let other = others.first { !drawn.contains($0) }!
            pack.files["reports/EP-03/sample.csv"] = lines[0] + [0x0a] + Array("1,\(other)\n".utf8)
        }
        #expect(kinds(swapped) == [.coverage])
        #expect(try kinds(findings(nonce: "9") { $0.files["reports/EP-03/sample.csv"] = nil }) == [.coverage])
        let shown = try findings(nonce: "9") { pack in
            pack.manifest["shown"] = .array(Array(pack.manifest["shown"]!.array!.dropLast()))
            pack.put("manifest.json", .object(pack.manifest))
        }
        #expect(kinds(shown) == [.coverage])
        #expect(try kinds(findings { $0.files["reports/EP-03/sample.csv"] = Array("number,item\n".utf8) }) == [.coverage])
    }

    @Test func `a released pack whose signatures were exchanged is caught`() throws {
        var pack = PackFixture(log: Self.log())
        try pack.build()
        try pack.sign()
        try pack.release()
        #expect(try pack.verify().findings == [])
        let release = pack.files["sig/release.json"]
        try pack.sign()
        pack.files["sig/release.json"] = release
        #expect(try kinds(pack.verify().findings) == [.inclusion])
    }

    @Test func `random damage to any document never traps and is never verified unsigned`() throws {
        var pack = PackFixture(log: Self.log())
        try pack.build(nonce: "5", startSize: 3)
        try pack.sign()
        try pack.release()
        var random = SeededRandom(seed: 20_261_123)
        let tokens = ["null", "-1", "1e999", "9223372036854775807", "\"\"", "[]", "{}", "[[[[", "\\ud800", "\u{0}", "\n", "\r\n", "{\"a\":1,\"a\":2}"]
        for round in 0..<150 {
            var damaged = pack
            let path = damaged.files.keys.sorted().randomElement(using: &random)!
            var bytes = damaged.files[path]!
            let from = Int.random(in: 0...bytes.count, using: &random)
            let to = min(bytes.count, from + Int.random(in: 0...40, using: &random))
            bytes.replaceSubrange(from..<to, with: Array(tokens.randomElement(using: &random)!.utf8))
            damaged.files[path] = bytes
            // Signed again in half of the rounds, so that the damage reaches the later steps.
            if round % 2 == 0, !path.hasPrefix("sig/"), path != "SHA256SUMS" { try damaged.sign() }
            let report = try damaged.verify()
            if bytes != pack.files[path]! { #expect(report.exitCode != 0 || round % 2 == 0, "round \(round), \(path)") }
        }
    }
}

/// SplitMix64: the same numbers on every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
