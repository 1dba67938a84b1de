import Cryptography
import Testing
import TransparencyLog

struct LogPolicyTests {
    let log = try! NoteSigner.generate(name: "log.example")
    let witnesses = (1...4).map { try! NoteSigner.generate(name: "w\($0).example", algorithm: .cosignatureV1) }
    var checkpoint: Checkpoint { Checkpoint(origin: "log.example", size: 0, root: .empty) }

    func policy(_ quorum: String) throws -> LogPolicy {
        var text = "# policy\n\nlog \(log.verifier.vkey) https://log.example/\n"
        for (number, witness) in witnesses.enumerated() { text += "\twitness W\(number + 1)  \(witness.verifier.vkey)\n" }
        return try LogPolicy(parsing: Array((text + quorum).utf8), path: "policy.txt")
    }

    func note(_ cosigners: [Int]) throws -> SignedNote {
        try cosigners.reduce(checkpoint.signed(by: log)) { note, number in
            note.adding(try witnesses[number - 1].sign(note.text, time: 1_800_000_000 + UInt64(number)))
        }
    }

    @Test func `without witnesses the log's signature is enough`() throws {
        let verified = try policy("quorum none\n").verify(note([]))
        #expect(verified.checkpoint == checkpoint)
        #expect(verified.cosignatures.isEmpty)
        #expect(try LogPolicy(log: log.verifier).verify(note([])).checkpoint == checkpoint)
    }

    @Test func `groups within groups count as they are written`() throws {
        let policy = try policy("group pair all W1 W2\ngroup either any W3 W4\ngroup both 2 pair either\nquorum both\n")
        #expect(try policy.verify(note([1, 2, 4])).cosignatures.map(\.witness) == ["W1", "W2", "W4"])
        #expect(try policy.verify(note([1, 2, 4])).cosignatures.map(\.time).last == 1_800_000_004)
        for missing in [[], [1, 2], [3, 4], [1, 3], [2, 3, 4]] {
            #expect(code { try policy.verify(note(missing)) } == .quorumMissed)
        }
    }

    @Test func `an unknown log, a false signature and a false cosignature are told apart`() throws {
        let policy = try policy("quorum none\n")
        let stranger = try NoteSigner.generate(name: "other.example")
        let foreign = try Checkpoint(origin: "other.example", size: 0, root: .empty).signed(by: stranger)
        #expect(code { try policy.verify(foreign) } == .unknownLog)
        let impostor = try NoteSigner.generate(name: "log.example")
        #expect(code { try policy.verify(checkpoint.signed(by: impostor)) } == .unsigned)
        let other = try Checkpoint(origin: "log.example", size: 1, root: .empty).signed(by: log)
        let forged = try SignedNote(text: checkpoint.text, signers: []).adding(other.signatures[0])
        #expect(code { try policy.verify(forged) } == .signatureInvalid)
        let late = try witnesses[0].sign(other.text, time: 1)
        #expect(code { try policy.verify(note([]).adding(late)) } == .signatureInvalid)
    }

    @Test func `a policy that breaks a rule is refused with its line`() throws {
        let cases: [(String, Int)] = [
            ("", 7), ("quorum W9\n", 7), ("quorum none\nquorum none\n", 8), ("group g 0 W1\nquorum g\n", 7),
            ("group g 3 W1 W2\nquorum g\n", 7), ("group g any\nquorum g\n", 7), ("group g any W1 W1\nquorum g\n", 7),
            ("group g any W1\ngroup h any W1\nquorum g\n", 8), ("group W1 any W2\nquorum W1\n", 7),
            ("group none any W2\nquorum none\n", 7), ("group g any none\nquorum g\n", 7), ("witness W9\nquorum none\n", 7),
            ("log \(log.verifier.vkey)\nquorum none\n", 7), ("lag x\nquorum none\n", 7), ("quorum none\u{01}\n", 7),
            ("witness W9 \(log.verifier.vkey)\nquorum none\n", 7),
            ("witness W9 \(witnesses[0].verifier.vkey)\nquorum none\n", 7),
        ]
        for (text, line) in cases {
            do {
                _ = try policy(text)
                Issue.record("accepted: \(text)")
            } catch let error as TransparencyLogError {
                #expect(error.code == .malformedPolicy, "\(text)")
                #expect(error.line == line + 1, "\(text)")
                #expect(error.path == "policy.txt")
            }
        }
    }
}
