import AuditModel
import Cryptography
import EvidenceVerifier
import Foundation
import TransparencyLog

/// Who signs fixtures, made once: keys cost time.
struct FixturePeople {
    static let shared = try! FixturePeople()
    static let now: Int64 = 1_800_000_000

    let root: X509Certificate
    let alice: X509Certificate
    let aliceKey: P256PrivateKey
    let bob: X509Certificate
    let bobKey: P256PrivateKey
    /// A second certificate for Alice's name, and one for Bob's name with Alice's key.
    let secondAlice: X509Certificate
    let bobWithAlicesKey: X509Certificate
    let clock: TimestampAuthority
    let log: NoteSigner

    init() throws {
        let (from, to): (Int64, Int64) = (1_767_225_600, 2_082_758_400)
        let authority = try CertificateAuthority.create(
            name: X509Name(commonName: "Muster AG Root"), key: .generate(), notBefore: from, notAfter: to)
        root = authority.certificate
        func issue(_ name: String, _ key: P256PrivateKey, _ purpose: CertificateAuthority.Purpose = .documentSigning) throws -> X509Certificate {
            try authority.issue(
                to: X509Name(commonName: name), publicKey: key.publicKey, for: purpose, notBefore: from, notAfter: to)
        }
        aliceKey = try .generate()
        bobKey = try .generate()
        alice = try issue("Alice", aliceKey)
        bob = try issue("Bob", bobKey)
        secondAlice = try issue("Alice", bobKey)
        bobWithAlicesKey = try issue("Bob", aliceKey)
        let clockKey = try P256PrivateKey.generate()
        clock = try TimestampAuthority(certificate: issue("Clock", clockKey, .timestamping), key: clockKey)
        log = try NoteSigner.generate(name: FixtureLog.origin)
    }
}

/// A pack in memory, built by the tests' own code from docs/formats/pack.md, so that builder and verifier cannot err alike.
struct PackFixture {
    let people = FixturePeople.shared
    var log: FixtureLog
    /// Path to content, `sig/` and `SHA256SUMS` included once they are made.
    var files: [String: [UInt8]] = [:]
    var manifest: [String: JSONValue] = [:]
    var scope = ["okta"]
    var level = "auditor"
    private var carried: [Int] = []
    private var leftOut: Int64 = 0

    /// One source with two batches; the first two rows of each are what the report used.
    init() {
        log = FixtureLog()
        log.config("okta")
        log.batch("okta", count: 3)
        log.batch("okta", count: 2)
        log.heartbeat()
    }

    init(log: FixtureLog, scope: [String] = ["okta"]) {
        self.log = log
        self.scope = scope
    }

    // MARK: Body

    /// Builds every file of the body. `isCarried` and `used` choose entries and rows.
    mutating func build(
        nonce: String? = nil, startSize: Int? = nil, isCarried: (Int) -> Bool = { _ in true }, used: (Int, Int) -> Bool = { $1 < 2 }
    ) throws {
        let tree = log.tree
        let end = try checkpoint(tree)
        carried = log.entries.indices.filter { isCarried($0) && (log.sources[$0].map(scope.contains) ?? true) }
        var rows: [(entry: Int, index: Int)] = []
        for entry in carried { rows += (log.lines[entry] ?? []).indices.filter { used(entry, $0) }.map { (entry, $0) } }
        var shown: [(entry: Int, index: Int)] = []
        if let nonce, level == "auditor" {
            let chosen = Set(rows.map { "\($0.entry)/\($0.index)" })
            var rest: [(entry: Int, index: Int)] = []
            for entry in carried {
                rest += (log.lines[entry] ?? []).indices.filter { !chosen.contains("\(entry)/\($0)") }.map { (entry, $0) }
            }
            let seed = "\(tree.root.base64):\(nonce)"
            shown = Array(rest.sorted { rank(seed, $0) < rank(seed, $1) }.prefix(25))
        }
        let present = (rows + shown).sorted { ($0.entry, $0.index) < ($1.entry, $1.index) }
        addProofs(end, tree, present)
        try addStart(startSize, tree)
        addReport(rows, end, tree, nonce)
        addManifest(present, shown, tree, nonce, startSize)
    }

    private func rank(_ seed: String, _ row: (entry: Int, index: Int)) -> SHA256Digest {
        SHA256.hash("\(seed)\nseq:\(seq(row.entry, row.index))")
    }

    private func seal(_ entry: Int) -> JSONValue { try! JSONValue(parsing: log.entries[entry]) }
    private func seq(_ entry: Int, _ index: Int) -> Int64 { seal(entry)["firstSeq"]!.integer! + Int64(index) }

    func checkpoint(_ tree: MerkleTree) throws -> SignedNote {
        try Checkpoint(origin: FixtureLog.origin, size: tree.size, root: tree.root).signed(by: people.log)
    }

    static func json(_ checkpoint: MerkleTree) -> JSONValue {
        ["origin": .string(FixtureLog.origin), "size": .integer(Int64(checkpoint.size)), "root": .string(checkpoint.root.base64)]
    }

    private mutating func addProofs(_ end: SignedNote, _ tree: MerkleTree, _ rows: [(entry: Int, index: Int)]) {
        files["proofs/checkpoint-end.txt"] = end.bytes
        files["proofs/seals.jsonl"] = carried.flatMap { log.entries[$0] + [0x0a] }
        for entry in carried {
            let proof = TLogProof(index: UInt64(entry), siblings: tree.inclusionPath(index: UInt64(entry)), checkpoint: end)
            files["proofs/seals/\(entry).tlog-proof"] = proof.bytes
        }
        guard level != "customer" else { return }
        files["data/events.jsonl"] = rows.flatMap { log.lines[$0.entry]![$0.index] + [0x0a] }
        files["proofs/inner.jsonl"] = rows.flatMap { row -> [UInt8] in
            let batch = MerkleTree(leaves: log.lines[row.entry]!.map { .leaf($0) })
            let path = batch.inclusionPath(index: UInt64(row.index)).map { JSONValue.string($0.base64) }
            let line: JSONValue = [
                "seal": .integer(Int64(carried.firstIndex(of: row.entry)!)), "logIndex": .integer(Int64(row.entry)),
                "index": .integer(Int64(row.index)), "path": .array(path),
            ]
            return line.canonicalBytes + [0x0a]
        }
    }

    private mutating func addStart(_ size: Int?, _ tree: MerkleTree) throws {
        guard let size else { return }
        files["proofs/checkpoint-start.txt"] = try checkpoint(MerkleTree(leaves: Array(tree.leaves.prefix(size)))).bytes
        files["proofs/consistency.txt"] = ConsistencyFile.bytes(tree.consistencyProof(from: UInt64(size)))
    }

    private mutating func addReport(_ rows: [(entry: Int, index: Int)], _ end: SignedNote, _ tree: MerkleTree, _ nonce: String?) {
        let definition = Array("id: EP-03\n".utf8)
        files["definitions/EP-03/report.yaml"] = definition
        let items = rows.map { (name: "seq:\(seq($0.entry, $0.index))", entry: $0.entry, index: $0.index) }
        let failed = items.prefix(1).map { (id: "X-" + SHA256.hash("EP-03\nlate\n\($0.name)").hex.prefix(12), item: $0.name) }
        var sources: [JSONValue] = []
        for source in scope {
            let seals = carried.filter { log.sources[$0] == source }
            func sum(_ name: String) -> Int64 { seals.reduce(0) { $0 + seal($1)[name]!.integer! } }
            let used = Int64(rows.count { log.sources[$0.entry] == source })
            sources.append([
                "source": .string(source), "received": .integer(sum("received")), "parsed": .integer(sum("parsed")),
                "accepted": .integer(sum("count")), "duplicates": .integer(sum("duplicates")), "quarantined": .integer(sum("quarantined")),
                "skipped": .integer(sum("skipped")), "filteredOut": .integer(sum("count") - used), "inReport": .integer(used),
            ])
        }
        let batches = carried.filter { log.sources[$0] != nil }.map { entry -> JSONValue in
            [
                "logIndex": .integer(Int64(entry)), "source": .string(log.sources[entry]!), "firstSeq": seal(entry)["firstSeq"]!,
                "count": seal(entry)["count"]!, "inReport": .integer(Int64(rows.count { $0.entry == entry })),
            ]
        }
        put(
            "reports/EP-03/ipe.json",
            [
                "reportId": "EP-03", "definitionSha256": .string(SHA256.hash(definition).hex), "outcome": "exceptions",
                "population": .integer(Int64(items.count)), "exceptions": .integer(Int64(failed.count)), "checkpoint": Self.json(tree),
                "exceptionIds": .array(failed.map { .string($0.id) }), "sources": .array(sources), "inputBatches": .array(batches),
            ])
        guard level != "customer" else { return trimForCustomer(items.count, failed.count) }
        let lines = items.map { "\($0.name),\($0.entry),\($0.index)\n" }
        files["reports/EP-03/population.csv"] = Array(("item,log_entry,index\n" + lines.joined()).utf8)
        files["reports/EP-03/exceptions.csv"] = Array(
            ("exception,item,rule\n" + failed.map { "\($0.id),\($0.item),late\n" }.joined()).utf8)
        guard let nonce else { return }
        let seed = "\(tree.root.base64):\(nonce)"
        let drawn = items.map(\.name).sorted { SHA256.hash("\(seed)\n\($0)") < SHA256.hash("\(seed)\n\($1)") }.prefix(2)
        files["reports/EP-03/sample.csv"] = Array(
            ("number,item\n" + drawn.enumerated().map { "\($0 + 1),\($1)\n" }.joined()).utf8)
    }

    /// What a customer may see: no ids, no batches, small counts suppressed.
    private mutating func trimForCustomer(_ population: Int, _ exceptions: Int) {
        func count(_ count: Int) -> JSONValue { (1..<5).contains(count) ? "<5" : .integer(Int64(count)) }
        var ipe = try! JSONValue(parsing: files["reports/EP-03/ipe.json"]!).object!
        for name in ["exceptionIds", "sources", "inputBatches"] { ipe[name] = nil }
        (ipe["population"], ipe["exceptions"]) = (count(population), count(exceptions))
        put("reports/EP-03/ipe.json", .object(ipe))
    }

    private mutating func addManifest(
        _ rows: [(entry: Int, index: Int)], _ shown: [(entry: Int, index: Int)], _ tree: MerkleTree, _ nonce: String?, _ startSize: Int?
    ) {
        let seals = carried.filter { log.sources[$0] != nil }
        let sealed = seals.reduce(Int64(0)) { $0 + seal($1)["count"]!.integer! }
        let inPack = level == "customer" ? [] : rows
        leftOut = sealed - Int64(inPack.count)
        let ipe = try! JSONValue(parsing: files["reports/EP-03/ipe.json"]!)
        manifest = [
            "schema": "proofline.pack/1", "packId": "0d9a9b1c-0000-5000-8000-000000000000", "name": "EP-test-r1", "revision": 1,
            "framework": "soc2", "level": .string(level), "scope": ["sources": .array(scope.map { .string($0) })],
            "period": ["start": "2026-07-01T00:00:00.000000Z", "endExclusive": "2026-10-01T00:00:00.000000Z"],
            "reports": [
                [
                    "id": "EP-03", "title": "Leavers", "outcome": "exceptions", "population": ipe["population"]!,
                    "exceptions": ipe["exceptions"]!,
                ]
            ],
            "checkpointEnd": Self.json(tree), "generator": ["name": "fixture", "version": "1"],
            "redaction": ["policyId": "p", "removedPaths": [], "count": .integer(leftOut)],
            "seals": .array(
                seals.map { entry in
                    [
                        "logIndex": .integer(Int64(entry)), "source": .string(log.sources[entry]!), "count": seal(entry)["count"]!,
                        "inPack": .integer(Int64(inPack.count { $0.entry == entry })),
                    ]
                }),
            "shown": .array(shown.map { ["logIndex": .integer(Int64($0.entry)), "index": .integer(Int64($0.index))] }),
            "limitations": ["A source that never logged cannot be seen."],
        ]
        if level == "customer" { (manifest["recipient"], manifest["expires"]) = ("Kunde <AG>", "2027-09-30") }
        if let nonce { manifest["sample"] = ["nonce": .string(nonce), "seed": .string("\(tree.root.base64):\(nonce)")] }
        if let startSize { manifest["checkpointStart"] = Self.json(MerkleTree(leaves: Array(tree.leaves.prefix(startSize)))) }
        put("manifest.json", .object(manifest))
    }

    mutating func put(_ path: String, _ json: JSONValue) { files[path] = Array((json.prettyText() + "\n").utf8) }

    // MARK: Signatures

    /// The hash of every body file, as two people sign it.
    var sums: [UInt8] {
        let body = files.keys.filter { !$0.hasPrefix("sig/") && $0 != "SHA256SUMS" }
        return body.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .flatMap { Array("\(SHA256.hash(files[$0]!).hex)  \($0)\n".utf8) }
    }

    /// Sums, builder file, two signatures, envelope and timestamp.
    mutating func sign(approver: X509Certificate? = nil, approverKey: P256PrivateKey? = nil) throws {
        let sums = sums
        files["SHA256SUMS"] = sums
        let builder: JSONValue = ["schema": "proofline.builder/1", "host": "h", "binarySha256": "00", "builtBy": "b"]
        files["sig/builder.json"] = builder.canonicalBytes + [0x0a]
        files["sig/SHA256SUMS.preparer.p7s"] = try CMS.signDetached(
            sums, certificate: people.alice, key: people.aliceKey, time: FixturePeople.now)
        let approval = try CMS.signDetached(
            sums, certificate: approver ?? people.bob, key: approverKey ?? people.bobKey, time: FixturePeople.now)
        files["sig/SHA256SUMS.approver.p7s"] = approval
        files["sig/SHA256SUMS.approver.p7s.tsr"] = try people.clock.respond(
            to: TimestampRequest(data: approval).der, time: FixturePeople.now)
        try addEnvelope(sums, [people.aliceKey, approverKey ?? people.bobKey])
    }

    private mutating func addEnvelope(_ sums: [UInt8], _ keys: [P256PrivateKey]) throws {
        func subject(_ name: String) -> JSONValue { ["name": .string(name), "digest": ["sha256": .string(SHA256.hash(files[name]!).hex)]] }
        let statement: JSONValue = [
            "_type": "https://in-toto.io/Statement/v1", "predicateType": "urn:proofline:pack:1",
            "predicate": .object(manifest.filter { ["name", "packId", "revision"].contains($0.key) }),
            "subject": [subject("SHA256SUMS"), subject("sig/builder.json")],
        ]
        let payload = statement.canonicalBytes
        let type = "application/vnd.in-toto+json"
        let message = Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
        let signatures = try keys.map { key -> JSONValue in
            ["keyid": .string(key.publicKey.keyID), "sig": .string(Base64.encode(try key.sign(message)))]
        }
        let envelope: JSONValue = [
            "payload": .string(Base64.encode(payload)), "payloadType": .string(type), "signatures": .array(signatures),
        ]
        files["sig/pack.dsse.json"] = envelope.canonicalBytes + [0x0a]
    }

    /// Writes the release into the log behind the pack's checkpoint and its proof into the pack.
    mutating func release() throws {
        let others = files.keys.filter { $0.hasPrefix("sig/") }
        let entry: JSONValue = [
            "v": 1, "type": "release", "packId": manifest["packId"]!, "name": manifest["name"]!, "revision": manifest["revision"]!,
            "sha256sums": .string(SHA256.hash(files["SHA256SUMS"]!).hex),
            "files": .object(Dictionary(uniqueKeysWithValues: others.map { ($0, .string(SHA256.hash(files[$0]!).hex)) })),
        ]
        let bytes = entry.canonicalBytes
        let tree = MerkleTree(leaves: log.tree.leaves + [.leaf(bytes)])
        files["sig/release.json"] = bytes
        files["sig/release.tlog-proof"] = TLogProof(
            index: tree.size - 1, siblings: tree.inclusionPath(index: tree.size - 1), checkpoint: try checkpoint(tree)
        ).bytes
    }

    // MARK: Disk

    var trust: PackVerifier.Trust {
        PackVerifier.Trust(policy: LogPolicy(log: people.log.verifier), roots: [people.root])
    }

    func write(to folder: URL) throws {
        for (path, bytes) in files {
            let url = folder.appending(path: path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        }
    }

    /// Writes the pack and checks it.
    func verify(_ completeness: PackVerifier.Completeness = .final) throws -> VerificationReport {
        let folder = try TemporaryFolder()
        try write(to: folder.url)
        return try PackVerifier(trust: trust, completeness: completeness).verify(folder.url.path)
    }
}

/// A folder that is gone with its last reference.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "proofline-pack-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
