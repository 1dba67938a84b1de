import AuditModel
import Cryptography
import EvidenceVerifier
import Foundation
import Testing
import TransparencyLog

struct PackVerifierTests {
    func signed(_ change: (inout PackFixture) throws -> Void = { _ in }) throws -> PackFixture {
        var pack = PackFixture()
        try pack.build(nonce: "41")
        try change(&pack)
        try pack.sign()
        return pack
    }

    @Test func `a whole pack is verified and its page says so`() throws {
        var pack = PackFixture()
        try pack.build(nonce: "41", startSize: 2)
        try pack.sign()
        try pack.release()
        let report = try pack.verify()
        #expect(report.findings == [])
        #expect(report.exitCode == 0)
        #expect(report.steps.map(\.number) == Array(1...10))
        #expect(report.steps.allSatisfy { $0.state == .holds })
        let page = VerificationPage(report).text
        #expect(page.hasSuffix("VERIFIED. Every step holds.\n"))
        #expect(page.contains("approvedBy    CN=Bob"))
        #expect(page.contains("2027-01-15T08:00:00Z by CN=Clock"))
        #expect(report.json["verified"]?.bool == true)
    }

    @Test func `a draft passes only when drafts are allowed`() throws {
        var pack = PackFixture()
        try pack.build()
        pack.files["SHA256SUMS"] = pack.sums
        pack.files["sig/builder.json"] = Array("{\"schema\":\"proofline.builder/1\"}\n".utf8)
        #expect(try pack.verify().findings.map(\.kind) == [.signature, .approval, .timestamp])
        let report = try pack.verify(.draft)
        #expect(report.findings == [])
        #expect(report.json["verified"]?.bool == false)
        #expect(VerificationPage(report).text.contains("\nDRAFT. "))
    }

    @Test func `an internal and a customer's pack hold what their level says`() throws {
        var whole = PackFixture()
        whole.level = "internal"
        try whole.build(used: { _, _ in true })
        try whole.sign()
        #expect(try whole.verify().findings == [])
        var part = PackFixture()
        part.level = "internal"
        try part.build()
        try part.sign()
        #expect(try part.verify().findings.map(\.kind) == [.redaction])
        var customer = PackFixture()
        customer.level = "customer"
        try customer.build(used: { _, _ in false })
        try customer.sign()
        #expect(try customer.verify().findings == [])
        customer.files["data/events.jsonl"] = []
        customer.files["proofs/inner.jsonl"] = []
        try customer.sign()
        #expect(try customer.verify().findings.map(\.kind) == [.redaction, .redaction])
    }

    @Test func `added, removed, renamed and changed files have their codes`() throws {
        let pack = try signed()
        func code(_ change: (inout PackFixture) -> Void) throws -> Int32 {
            var changed = pack
            change(&changed)
            return try changed.verify().exitCode
        }
        #expect(try code { $0.files["extra.txt"] = [] } == 11)
        #expect(try code { $0.files[".hidden"] = [] } == 11)
        #expect(try code { $0.files["sig/extra"] = [] } == 11)
        #expect(try code { $0.files["proofs/seals/9.tlog-proof"] = [] } == 11)
        #expect(try code { $0.files["manifest.json"] = nil } == 10)
        #expect(try code { $0.files["SHA256SUMS"] = nil } == 10)
        #expect(try code { $0.files["data/events.jsonl"]?.append(0x0a) } == 10)
        #expect(try code { $0.files["sig/SHA256SUMS.preparer.p7s"] = nil } == 12)
        #expect(try code { $0.files["sig/pack.dsse.json"] = nil } == 12)
        #expect(try code { $0.files["sig/builder.json"] = nil } == 12)
        #expect(try code { $0.files["sig/SHA256SUMS.approver.p7s"] = nil } == 12)
        #expect(try code { $0.files["sig/SHA256SUMS.approver.p7s.tsr"] = nil } == 14)
    }

    @Test func `links, pipes and empty folders are findings`() throws {
        let pack = try signed()
        let folder = try TemporaryFolder()
        try pack.write(to: folder.url)
        func code() throws -> Int32 { try PackVerifier(trust: pack.trust).verify(folder.url.path).exitCode }
        #expect(try code() == 0)
        let manager = FileManager.default
        let link = folder.url.appending(path: "link")
        try manager.createSymbolicLink(at: link, withDestinationURL: folder.url.appending(path: "manifest.json"))
        #expect(try code() == 11)
        try manager.removeItem(at: link)
        #expect(mkfifo(link.path, 0o600) == 0)
        #expect(try code() == 11)
        try manager.removeItem(at: link)
        try manager.createDirectory(at: link, withIntermediateDirectories: false)
        #expect(try code() == 11)
        try manager.removeItem(at: link)
        // A hundred gigabytes of nothing are refused without being read.
        #expect(manager.createFile(atPath: link.path, contents: nil))
        #expect(truncate(link.path, 1 << 37) == 0)
        #expect(try code() == 11)
        try manager.removeItem(at: link)
        // A listed file that is a link to a copy of itself: the hash fits, the link does not belong.
        let manifest = folder.url.appending(path: "manifest.json")
        let elsewhere = try TemporaryFolder()
        try manager.moveItem(at: manifest, to: elsewhere.url.appending(path: "manifest.json"))
        try manager.createSymbolicLink(at: manifest, withDestinationURL: elsewhere.url.appending(path: "manifest.json"))
        #expect(try code() == 10)
    }

    @Test func `one person, or one key, cannot both prepare and approve`() throws {
        let people = FixturePeople.shared
        var pack = PackFixture()
        try pack.build()
        try pack.sign(approver: people.secondAlice, approverKey: people.bobKey)
        #expect(try pack.verify().findings.map(\.kind) == [.approval])
        try pack.sign(approver: people.bobWithAlicesKey, approverKey: people.aliceKey)
        #expect(try pack.verify().findings.map(\.kind) == [.approval])
    }

    @Test func `a stranger's root, log or timestamp authority is not believed`() throws {
        let pack = try signed()
        let folder = try TemporaryFolder()
        try pack.write(to: folder.url)
        let other = try FixturePeople()
        func kinds(_ trust: PackVerifier.Trust) throws -> Set<Finding.Kind> {
            Set(try PackVerifier(trust: trust).verify(folder.url.path).findings.map(\.kind))
        }
        let policy = LogPolicy(log: pack.people.log.verifier)
        #expect(try kinds(.init(policy: policy, roots: [other.root], timestampRoots: [pack.people.root])) == [.signature])
        #expect(try kinds(.init(policy: policy, roots: [pack.people.root], timestampRoots: [other.root])) == [.timestamp])
        let findings = try kinds(.init(policy: LogPolicy(log: other.log.verifier), roots: [pack.people.root]))
        #expect(findings == [.checkpoint, .inclusion])
        let witness = try NoteSigner.generate(name: "w", algorithm: .cosignatureV1).verifier
        let strict = try LogPolicy(
            parsing: Array("log \(pack.people.log.verifier.vkey)\nwitness W \(witness.vkey)\nquorum W\n".utf8))
        #expect(try kinds(.init(policy: strict, roots: [pack.people.root])) == [.checkpoint, .inclusion])
    }

    @Test func `a checkpoint that was kept must be the pack's start`() throws {
        var pack = PackFixture()
        try pack.build(startSize: 2)
        try pack.sign()
        let folder = try TemporaryFolder()
        try pack.write(to: folder.url)
        func findings(_ size: Int) throws -> [Finding.Kind] {
            let kept = try pack.checkpoint(MerkleTree(leaves: Array(pack.log.tree.leaves.prefix(size))))
            let trust = PackVerifier.Trust(
                policy: pack.trust.policy, roots: pack.trust.roots, lastCheckpoint: kept)
            return try PackVerifier(trust: trust).verify(folder.url.path).findings.map(\.kind)
        }
        #expect(try findings(2) == [])
        #expect(try findings(4) == [])
        #expect(try findings(1) == [.consistency])
    }

    @Test func `a path that is no folder is an error, not a finding`() throws {
        let pack = PackFixture()
        #expect(throws: PackVerifier.Failure.self) { try PackVerifier(trust: pack.trust).verify("/nowhere/at/all") }
        #expect(throws: PackVerifier.Failure.self) { try PackVerifier(trust: pack.trust).verify("/etc/passwd") }
    }
}
