import ArgumentParser
import AuditModel
import Cryptography
import EventStore
import Evidence
import TransparencyLog

/// `proofline pack sign`: the preparer's signature.
struct PackSignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign a pack as its preparer.",
        discussion: "Example: proofline pack sign packs/EP-2026Q3-soc2-r1 --key keys/preparer.key --certificate keys/preparer.pem")

    @Argument(help: "The pack's folder.") var pack: String
    @OptionGroup var signing: SigningOptions

    func run() throws {
        let identity = try signing.identity()
        try PackSigner(try PackFolder(path: pack)).prepare(identity)
        print("signed by \(identity.certificate.commonName) as preparer: sig/SHA256SUMS.preparer.p7s, sig/pack.dsse.json")
    }
}

/// `proofline pack approve`: another person's signature, and the timestamp if an authority is named.
struct PackApproveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Approve a pack: another person, another key.",
        discussion: """
            Example: proofline pack approve packs/EP-2026Q3-soc2-r1 --key keys/approver.key --certificate keys/approver.pem --root keys/ca.pem --tsa-url https://tsa.example.org
            Read the reports first. The preparer's own key or name is refused.
            """)

    @Argument(help: "The pack's folder.") var pack: String
    @OptionGroup var signing: SigningOptions
    @Option(help: "Root certificates (PEM) that the signatures must lead to.") var root: String
    @OptionGroup var timestamp: TimestampOptions
    @Option(help: "Root certificates for the timestamp; --root by default.") var tsaRoot: String?

    func run() throws {
        let identity = try signing.identity()
        let source = try timestamp.source(try signing.passphrase.read())
        let signer = PackSigner(try PackFolder(path: pack))
        try signer.approve(identity, roots: try KeyFiles.certificates(root))
        print("approved by \(identity.certificate.commonName): sig/SHA256SUMS.approver.p7s, sig/pack.dsse.json")
        guard let source else { return }
        let time = try signer.timestamp(source, roots: try KeyFiles.certificates(tsaRoot ?? root))
        print("timestamped at \(Timestamp(microseconds: time * 1_000_000)): sig/SHA256SUMS.approver.p7s.tsr")
    }
}

/// `proofline pack timestamp`: asks an authority when the approval existed, where `approve` did not.
struct PackTimestampCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timestamp", abstract: "Have an approved pack timestamped (RFC 3161).",
        discussion: "Example: proofline pack timestamp packs/EP-2026Q3-soc2-r1 --tsa-url https://tsa.example.org --root tsa-root.pem")

    @Argument(help: "The pack's folder.") var pack: String
    @OptionGroup var timestamp: TimestampOptions
    @OptionGroup var passphrase: PassphraseOptions
    @Option(help: "Root certificates (PEM) for the authority.") var root: String

    func run() throws {
        guard let source = try timestamp.source(try passphrase.read()) else {
            throw VerbError.usage("name an authority with --tsa-url, or --tsa-key and --tsa-certificate")
        }
        let time = try PackSigner(try PackFolder(path: pack)).timestamp(source, roots: try KeyFiles.certificates(root))
        print("timestamped at \(Timestamp(microseconds: time * 1_000_000)): sig/SHA256SUMS.approver.p7s.tsr")
    }
}

/// `proofline pack release`: an entry in the log that names the pack and every signature.
struct PackReleaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Write a pack's release into the log.",
        discussion: """
            Example: proofline pack release packs/EP-2026Q3-soc2-r1 --store /var/lib/proofline
            Only an approved pack is released. Afterwards nothing in it may change, signatures included.
            """)

    @Argument(help: "The pack's folder.") var pack: String
    @Option(help: "The store that the pack was built from.") var store: String

    func run() throws {
        let folder = try PackFolder(path: pack)
        let eventStore = try EventStore.open(directory: store, access: .writer)
        defer { eventStore.close() }
        let origin = try eventStore.snapshot().checkpoint.origin
        guard try folder.checkpointEnd().origin == origin else {
            throw VerbError.usage("the pack comes from another log than this store's (\(origin)); name the store that it was built from")
        }
        let logIndex = try PackRelease(folder).release(
            append: { try eventStore.appendEntry(.release, $0) },
            proof: { index in
                let snapshot = try eventStore.snapshot()
                return (try snapshot.entry(index), try snapshot.tlogProof(index))
            })
        print("released as log entry \(logIndex): sig/release.json, sig/release.tlog-proof")
    }
}
