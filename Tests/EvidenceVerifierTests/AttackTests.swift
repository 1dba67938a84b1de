import AuditModel
import Cryptography
import EvidenceVerifier
import Foundation
import Testing
import TransparencyLog

/// One way to deceive an auditor, and the finding that must name it.
struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    let rule: Finding.Rule
    let run: @Sendable () throws -> VerificationReport
    var testDescription: String { name }

    init(_ name: String, _ rule: Finding.Rule, _ run: @escaping @Sendable () throws -> VerificationReport) {
        (self.name, self.rule, self.run) = (name, rule, run)
    }

    /// Somebody who builds packs lies, and two people sign it: everything is signed again after the change.
    static func insider(
        _ name: String, _ rule: Finding.Rule, nonce: String? = "9", startSize: Int? = 3, log: FixtureLog = DishonestPackTests.log(),
        level: String = "auditor", without missing: Set<Int> = [], hasRows: Bool = true,
        _ change: @escaping @Sendable (inout PackFixture) throws -> Void = { _ in }
    ) -> Attack {
        Attack(name, rule) {
            var pack = PackFixture(log: log)
            pack.level = level
            try pack.build(nonce: nonce, startSize: startSize, isCarried: { !missing.contains($0) }, used: { hasRows && $1 < 2 })
            try change(&pack)
            try pack.sign()
            return try pack.verify()
        }
    }

    /// Somebody without the keys changes a pack that was signed, released or not.
    static func outsider(
        _ name: String, _ rule: Finding.Rule, isReleased: Bool = false, _ change: @escaping @Sendable (inout PackFixture) throws -> Void
    ) -> Attack {
        Attack(name, rule) {
            var pack = PackFixture(log: DishonestPackTests.log())
            try pack.build(nonce: "9", startSize: 3)
            try pack.sign()
            if isReleased { try pack.release() }
            try change(&pack)
            return try pack.verify()
        }
    }
}

extension PackFixture {
    /// Rewrites the lines of a file, the last newline kept.
    mutating func editLines(_ path: String, _ change: (inout [[UInt8]]) -> Void) {
        var lines = files[path]!.split(separator: 0x0a).map(Array.init)
        change(&lines)
        files[path] = lines.flatMap { $0 + [0x0a] }
    }

    mutating func editJSON(_ path: String, _ change: (inout [String: JSONValue]) -> Void) throws {
        var json = try JSONValue(parsing: files[path]!).object!
        change(&json)
        put(path, .object(json))
    }

    mutating func editManifest(_ change: (inout [String: JSONValue]) -> Void) {
        change(&manifest)
        put("manifest.json", .object(manifest))
    }

    mutating func replace(_ path: String, _ old: String, _ new: String) {
        files[path] = Array(String(decoding: files[path]!, as: UTF8.self).replacing(old, with: new).utf8)
    }
}

/// Named attacks, each refused with the code of its kind and a finding id of its own (docs/attacks.md lists them).
struct AttackTests {
    static let events = "data/events.jsonl"
    static let inner = "proofs/inner.jsonl"
    static let population = "reports/EP-03/population.csv"
    static let exceptions = "reports/EP-03/exceptions.csv"
    static let ipe = "reports/EP-03/ipe.json"

    static let files: [Attack] = [
        .outsider("A row of a table is edited", .fileChanged) { $0.replace(population, "seq:0", "seq:9") },
        .outsider("A file is removed", .fileMissing) { $0.files[exceptions] = nil },
        .outsider("SHA256SUMS is removed", .sumsMissing) { $0.files["SHA256SUMS"] = nil },
        .outsider("A line is added to SHA256SUMS out of order", .sumsMalformed) { $0.editLines("SHA256SUMS") { $0.append($0[0]) } },
        .outsider("A file is added", .fileAdded) { $0.files["extra.txt"] = Array("read me".utf8) },
        .outsider("A file is slipped in beside the signatures", .signatureFileAdded) { $0.files["sig/notes.txt"] = [] },
        .insider("A file is renamed and everything is signed again", .fileMisplaced) {
            $0.files["reports/EP-03/old-exceptions.csv"] = $0.files[exceptions]
        },
        .insider("The log's entries are left out", .requiredFileMissing) { $0.files["proofs/seals.jsonl"] = nil },
        Attack("A link takes the place of a file", .notAFile) {
            var pack = PackFixture()
            try pack.build()
            try pack.sign()
            let folder = try TemporaryFolder()
            try pack.write(to: folder.url)
            try FileManager.default.createSymbolicLink(
                at: folder.url.appending(path: "passwd"), withDestinationURL: URL(filePath: "/etc/passwd"))
            return try PackVerifier(trust: pack.trust).verify(folder.url.path)
        },
        .outsider("SHA256SUMS lists a signature", .fileWronglyListed) { pack in
            let line = "\(SHA256.hash(pack.files["sig/builder.json"]!).hex)  sig/builder.json"
            pack.editLines("SHA256SUMS") { $0.append(Array(line.utf8)); $0.sort { $0.dropFirst(66).lexicographicallyPrecedes($1.dropFirst(66)) } }
        },
    ]

    static let people: [Attack] = [
        .outsider("Files and SHA256SUMS are changed together", .signatureInvalid) {
            $0.replace(population, "seq:0", "seq:9")
            $0.files["SHA256SUMS"] = $0.sums
        },
        .outsider("A signature is replaced by noise", .signatureMalformed) { $0.files["sig/SHA256SUMS.preparer.p7s"] = Array("noise".utf8) },
        .outsider("The preparer's signature is taken away", .preparerMissing) { $0.files["sig/SHA256SUMS.preparer.p7s"] = nil },
        Attack("A stranger signs with certificates of his own", .certificateRejected) {
            var pack = PackFixture()
            try pack.build()
            try pack.sign()
            let folder = try TemporaryFolder()
            try pack.write(to: folder.url)
            let trust = PackVerifier.Trust(
                policy: pack.trust.policy, roots: [try FixturePeople().root], timestampRoots: [pack.people.root])
            return try PackVerifier(trust: trust).verify(folder.url.path)
        },
        .outsider("Who built the pack is taken away", .builderMissing) { $0.files["sig/builder.json"] = nil },
        .outsider("Who built the pack is changed", .statementOfOther) { $0.replace("sig/builder.json", "\"h\"", "\"i\"") },
        .outsider("The signed statement is taken away", .statementMissing) { $0.files["sig/pack.dsse.json"] = nil },
        .outsider("A signature is taken out of the statement", .statementSignatures) { pack in
            var json = try JSONValue(parsing: pack.files["sig/pack.dsse.json"]!).object!
            json["signatures"] = .array(Array(json["signatures"]!.array!.prefix(1)))
            pack.files["sig/pack.dsse.json"] = JSONValue.object(json).canonicalBytes + [0x0a]
        },
        .outsider("The statement's two signatures are the preparer's", .statementSignatureInvalid) { pack in
            var json = try JSONValue(parsing: pack.files["sig/pack.dsse.json"]!).object!
            let first = json["signatures"]!.array![0]
            json["signatures"] = .array([first, first])
            pack.files["sig/pack.dsse.json"] = JSONValue.object(json).canonicalBytes + [0x0a]
        },
        .outsider("The approval is taken away", .approverMissing) { $0.files["sig/SHA256SUMS.approver.p7s"] = nil },
        .outsider("One person signs twice, with two keys", .samePerson) { try $0.sign(approver: FixturePeople.shared.secondAlice, approverKey: FixturePeople.shared.bobKey) },
        .outsider("One key signs twice, under two names", .sameKey) { try $0.sign(approver: FixturePeople.shared.bobWithAlicesKey, approverKey: FixturePeople.shared.aliceKey) },
        .outsider("The approver is swapped behind the timestamp", .timestampOfOther) { pack in
            let stamp = pack.files["sig/SHA256SUMS.approver.p7s.tsr"]
            try pack.sign()
            pack.files["sig/SHA256SUMS.approver.p7s.tsr"] = stamp
        },
        .outsider("The timestamp is taken away", .timestampMissing) { $0.files["sig/SHA256SUMS.approver.p7s.tsr"] = nil },
        .outsider("The timestamp is by an authority of one's own", .timestampAuthorityRejected) { pack in
            let request = try TimestampRequest(data: pack.files["sig/SHA256SUMS.approver.p7s"]!).der
            pack.files["sig/SHA256SUMS.approver.p7s.tsr"] = try FixturePeople().clock.respond(to: request, time: FixturePeople.now)
        },
        .outsider("The timestamp is cut", .timestampInvalid) { $0.files["sig/SHA256SUMS.approver.p7s.tsr"]!.removeLast(9) },
    ]

    static let heads: [Attack] = [
        .insider("The checkpoint is signed by a key of one's own", .checkpointUnsigned) { pack in
            let tree = pack.log.tree
            pack.files["proofs/checkpoint-end.txt"] = try Checkpoint(origin: FixtureLog.origin, size: tree.size, root: tree.root)
                .signed(by: .generate(name: FixtureLog.origin)).bytes
        },
        .insider("The checkpoint's size is raised", .checkpointSignatureInvalid) { $0.replace("proofs/checkpoint-end.txt", "\n9\n", "\n10\n") },
        Attack("No witness saw the checkpoint", .quorumMissed) {
            var pack = PackFixture()
            try pack.build()
            try pack.sign()
            let folder = try TemporaryFolder()
            try pack.write(to: folder.url)
            let witness = try NoteSigner.generate(name: "w", algorithm: .cosignatureV1).verifier
            let policy = try LogPolicy(parsing: Array("log \(pack.people.log.verifier.vkey)\nwitness W \(witness.vkey)\nquorum W\n".utf8))
            return try PackVerifier(trust: .init(policy: policy, roots: [pack.people.root])).verify(folder.url.path)
        },
        .insider("The manifest names a later checkpoint than the pack has", .checkpointEndOther) { pack in
            var longer = pack.log
            longer.heartbeat()
            pack.editManifest { $0["checkpointEnd"] = PackFixture.json(longer.tree) }
        },
        .insider("A report is taken from another quarter's pack", .reportCheckpointOther) { pack in
            let older = MerkleTree(leaves: Array(pack.log.tree.leaves.prefix(5)))
            try pack.editJSON(ipe) { $0["checkpoint"] = PackFixture.json(older) }
        },
        .insider("The start is named and not there", .checkpointStartOther, startSize: nil) { pack in
            let tree = pack.log.tree
            pack.editManifest { $0["checkpointStart"] = PackFixture.json(tree) }
        },
        .insider("A false key of the log is put beside the proofs", .logKeyOther) { pack in
            let key = try NoteSigner.generate(name: FixtureLog.origin).verifier.vkey
            pack.files["keys/log.vkey"] = Array("\(key)\n".utf8)
        },
        .insider("The log was rewritten since the last pack: a fork", .logRewritten, startSize: 5) { pack in
            var fork = FixtureLog()
            for _ in 0..<5 { fork.config("another") }
            pack.files["proofs/checkpoint-start.txt"] = try pack.checkpoint(fork.tree).bytes
            let start = PackFixture.json(fork.tree)
            pack.editManifest { $0["checkpointStart"] = start }
        },
        .insider("The proof that the log only grew is left out", .growthProofMissing) { $0.files["proofs/consistency.txt"] = nil },
        Attack("An older pack is shown again: a rollback", .keptCheckpointOther) {
            var pack = PackFixture()
            try pack.build(startSize: 2)
            try pack.sign()
            let folder = try TemporaryFolder()
            try pack.write(to: folder.url)
            var later = pack.log
            later.batch("okta", count: 1)
            later.heartbeat()
            let trust = PackVerifier.Trust(
                policy: pack.trust.policy, roots: pack.trust.roots, lastCheckpoint: try pack.checkpoint(later.tree))
            return try PackVerifier(trust: trust).verify(folder.url.path)
        },
        .outsider("The release of another pack is put in", .releaseOfOther, isReleased: true) { pack in
            pack.manifest["revision"] = 2
            try pack.release()
        },
        .outsider("A release is written that is not in the log", .releaseNotIncluded, isReleased: true) {
            $0.replace("sig/release.json", "\"type\":\"release\"", "\"type\":\"release\",\"u\":1")
        },
        .outsider("Signatures are exchanged after the release", .releaseFilesOther, isReleased: true) { pack in
            let release = pack.files["sig/release.json"]
            try pack.sign()
            pack.files["sig/release.json"] = release
        },
        .outsider("The proof of the release is taken away", .releaseIncomplete, isReleased: true) { $0.files["sig/release.tlog-proof"] = nil },
    ]

    static let log: [Attack] = [
        .insider("A seal is edited", .entryNotIncluded) { $0.replace("proofs/seals.jsonl", "\"quarantined\":1,", "\"quarantined\":0,") },
        .insider("An entry is proven by the proof of another", .entryProofOfOther) {
            $0.files["proofs/seals/1.tlog-proof"] = $0.files["proofs/seals/3.tlog-proof"]
        },
        .insider("An entry is proven against another checkpoint", .entryProofCheckpointOther) { pack in
            let older = MerkleTree(leaves: Array(pack.log.tree.leaves.prefix(5)))
            pack.files["proofs/seals/1.tlog-proof"] = TLogProof(
                index: 1, siblings: older.inclusionPath(index: 1), checkpoint: try pack.checkpoint(older)
            ).bytes
        },
        .insider("A proof is taken away", .entryProofsMissing) { $0.files["proofs/seals/3.tlog-proof"] = nil },
        .insider("A seal is deleted with its events", .chainBroken, without: [3]),
        .insider("All seals of a source in an epoch are deleted, two adjacent ones, as if they were another source's", .sealsOfSourceMiscounted, without: [6, 7]),
        .insider("The first seal is deleted", .chainHeadMissing, without: [1]),
        .insider("A change of configuration is deleted", .entriesLeftOut, without: [0]),
        .insider("The tail is cut", .tailLeftOut, without: [6, 7, 8]),
        .insider("An epoch is left out with its heartbeat", .epochMissing, without: [0, 1, 3, 4]),
        .insider("An old epoch is sealed again", .sealOutsideEpoch, startSize: nil, log: Self.log { $0.batch("okta", count: 2) { $0["committed"] = "2020-01-01T00:00:00.000000Z" } }),
        .insider("An epoch is stretched over a silence", .epochTooLong, startSize: nil, log: Self.log({ $0.batch("okta", count: 2) }) { $0["to"] = "2027-01-01T00:00:00.000000Z" }),
        .insider("A chain is begun anew", .chainRestarted, startSize: nil, log: Self.log {
            $0.batch("okta", count: 2)
            $0.batch("okta", count: 1) { $0["prevSeal"] = nil }
        }),
        .insider("Positions are given twice", .positionsOverlap, startSize: nil, log: Self.log {
            $0.batch("okta", count: 2)
            $0.batch("okta", count: 1) { $0["firstSeq"] = 1 }
        }),
        .insider("An event is changed", .rowNotIncluded) { $0.editLines(events) { $0[0][10] ^= 1 } },
        .insider("An event is appended", .rowProofsMissing) { $0.editLines(events) { $0.append($0[0]) } },
        .insider("An event is shown twice, with its proof", .rowOrder) {
            $0.editLines(events) { $0.append($0[0]) }
            $0.editLines(inner) { $0.append($0[0]) }
        },
        .insider("An event is moved under another seal", .rowSealOther) {
            $0.editLines(inner) { $0[0] = Array("{\"index\":0,\"logIndex\":1,\"path\":[],\"seal\":99}".utf8) }
        },
        .insider("The events are cut in the middle of a line", .rowsMissing) { _ = $0.files[events]!.removeLast() },
    ]

    /// A log of one source with an epoch.
    private static func log(_ build: (inout FixtureLog) -> Void, heartbeat: (inout [String: JSONValue]) -> Void = { _ in }) -> FixtureLog {
        var log = FixtureLog()
        build(&log)
        log.heartbeat(change: heartbeat)
        return log
    }

    static let reports: [Attack] = [
        .insider("The manifest tells of a better outcome", .reportStatementOther) { pack in
            pack.editManifest { $0["reports"] = [["id": "EP-03", "title": "t", "outcome": "pass", "population": $0["reports"]!.array![0]["population"]!, "exceptions": 0]] }
        },
        .insider("The rules are relaxed after the report was made", .definitionOther) { $0.files["definitions/EP-03/report.yaml"]!.append(0x23) },
        .insider("An exception is taken out of the table, hashes mended", .exceptionsMiscounted) { $0.editLines(exceptions) { $0.removeLast() } },
        .insider("An exception is put on an item that passed", .exceptionMisnamed) { pack in
            pack.replace(exceptions, "seq:0", "seq:1")
        },
        .insider("An item is taken out of the population, hashes mended", .populationMiscounted) { $0.editLines(population) { $0.removeLast() } },
        .insider("An item is pointed at an event that is not there", .itemUnproven) { $0.replace(population, "seq:1,1,1", "seq:1,1,2") },
        .insider("Two items change their events", .itemMisnamed) { $0.replace(population, "seq:1,1,1", "seq:1,1,0") },
        .insider("Quarantined records are hidden from a report", .recordsMiscounted) { pack in
            try pack.editJSON(ipe) { json in
                var source = json["sources"]!.array![0].object!
                source["quarantined"] = 0
                json["sources"] = .array([.object(source)])
            }
        },
        .insider("A batch is passed off as the input", .inputBatchOther) { pack in
            try pack.editJSON(ipe) { json in
                var batch = json["inputBatches"]!.array![0].object!
                batch["count"] = 2
                json["inputBatches"] = .array([.object(batch)] + json["inputBatches"]!.array!.dropFirst())
            }
        },
        .insider("A source is taken out of the scope", .sourceOutsideScope) { pack in
            pack.editManifest { $0["scope"] = ["sources": []] }
        },
        .insider("The exceptions' ids are changed in one place", .exceptionsOther) { pack in try pack.editJSON(ipe) { $0["exceptionIds"] = ["X-000000000000"] } },
        .insider("The manifest says a name twice", .manifestMalformed) { $0.replace("manifest.json", "{\n", "{\n  \"level\": \"internal\",\n") },
        .insider("The sample is drawn again until it is clean", .sampleOther) { pack in
            let drawn = String(decoding: pack.files["reports/EP-03/sample.csv"]!, as: UTF8.self)
            let other = String(decoding: pack.files[population]!, as: UTF8.self).split(separator: "\n").dropFirst()
                .map { $0.prefix { $0 != "," } }.first { !drawn.contains(",\($0)\n") }!
            pack.editLines("reports/EP-03/sample.csv") { $0[2] = Array("2,\(other)".utf8) }
        },
        .insider("The seed is chosen", .seedOther) { pack in pack.editManifest { $0["sample"] = ["nonce": "9", "seed": "mine"] } },
        .insider("A sample is shown that no nonce drew", .drawWithoutNonce, nonce: nil) { $0.files["reports/EP-03/sample.csv"] = Array("number,item\n1,seq:0\n".utf8) },
        .insider("The sample is left out", .sampleMissing) { $0.files["reports/EP-03/sample.csv"] = nil },
        .insider("Rows that the nonce shows are hidden", .shownRowsOther) { pack in
            pack.editManifest { $0["shown"] = .array(Array($0["shown"]!.array!.dropLast())) }
        },
        .insider("The manifest counts fewer events left out", .leftOutMiscounted) { pack in
            pack.editManifest { $0["redaction"] = ["policyId": "p", "removedPaths": [], "count": 1] }
        },
        .insider("An internal pack leaves events out", .internalRowsLeftOut, nonce: nil, level: "internal"),
        .insider("A customer's pack is given rows", .customerRowsPresent, nonce: nil, level: "customer", hasRows: false) {
            $0.files[events] = []
            $0.files[inner] = []
        },
        .insider("A customer's pack shows a small count", .customerCountShown, nonce: nil, level: "customer", hasRows: false) { pack in
            try pack.editJSON(ipe) { $0["undecided"] = 3 }
        },
        .insider("A customer's pack lists exceptions by id", .customerDetailsPresent, nonce: nil, level: "customer", hasRows: false) { pack in
            try pack.editJSON(ipe) { $0["exceptionIds"] = ["X-0123456789ab"] }
        },
        .insider("A page of a customer's pack loses its mark", .customerTermsMissing, nonce: nil, level: "customer", hasRows: false) { pack in
            pack.files["index.html"] = Array("<body>For somebody else only · until 2099-01-01</body>\n".utf8)
        },
        .insider("An event is shown that retention deleted", .deletedRowPresent, nonce: nil, startSize: nil, log: Self.log {
            $0.batch("okta", count: 2)
            $0.append([
                "type": "retention", "at": "2026-10-01T00:00:00.000000Z", "source": "okta", "batches": [["batch": 0, "removed": [[0, 1]]]],
            ])
        }),
    ]

    static let all = files + people + heads + log + reports

    @Test(arguments: all)
    func `an attack is refused, and the finding names it`(_ attack: Attack) throws {
        let report = try attack.run()
        #expect(report.findings.map(\.rule).contains(attack.rule), "\(report.findings.map { "\($0.rule) \($0.message)" })")
        #expect(report.exitCode != 0)
        #expect(report.exitCode == report.findings.map(\.kind.rawValue).min())
    }

    @Test func `every attack has a finding of its own, and the page lists them`() throws {
        #expect(Set(Self.all.map(\.rule)).count == Self.all.count)
        #expect(Self.all.count >= 40)
        let docs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs").standardizedFileURL
        let attacks = try String(contentsOf: docs.appending(path: "attacks.md"), encoding: .utf8)
        for attack in Self.all {
            #expect(attacks.contains("| \(attack.name) | `\(attack.rule.rawValue)` | \(attack.rule.kind.rawValue) |"), "docs/attacks.md: \(attack.name)")
        }
        let findings = try String(contentsOf: docs.appending(path: "findings.md"), encoding: .utf8)
        for rule in Finding.Rule.allCases { #expect(findings.contains("| `\(rule.rawValue)` |"), "docs/findings.md: \(rule.rawValue)") }
    }
}
