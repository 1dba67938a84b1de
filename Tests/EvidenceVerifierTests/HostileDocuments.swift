import AuditModel
import Cryptography
@testable import EvidenceVerifier
import TransparencyLog

/// What readers of a pack's documents do with bytes that anybody may have made: the bodies of the fuzz targets in Fuzz/, and of the test that
/// replays what they kept. They end; answers and errors are alike to them.
enum HostileDocuments {
    /// The manifest, a log entry, a report's statement, a table, SHA256SUMS.
    static func manifest(_ bytes: [UInt8]) {
        _ = try? PackManifest(bytes)
        _ = try? LogEntry(logIndex: 0, bytes: bytes[...])
        _ = SignatureCheck.canonicalDocument(bytes)
        _ = SumsFile(bytes)
        _ = CSVTable(bytes)
    }

    /// A tlog-proof and the proof of growth, led to a root as far as they can be.
    static func proof(_ bytes: [UInt8]) {
        if let proof = try? TLogProof(parsing: bytes) {
            _ = proof.bytes
            if let checkpoint = try? Checkpoint(note: proof.checkpoint) { try? proof.verify(leaf: .leaf(bytes), checkpoint: checkpoint) }
        }
        if let growth = try? ConsistencyFile.parse(bytes) { try? growth.verify(oldRoot: .empty, newRoot: .empty) }
    }

    /// A signed note, a checkpoint, a policy.
    static func note(_ bytes: [UInt8]) {
        if let note = try? SignedNote(parsing: bytes) {
            _ = note.bytes
            _ = try? Checkpoint(note: note)
            if let policy { _ = try? policy.verify(note) }
        }
        _ = try? LogPolicy(parsing: bytes)
    }

    /// A CMS signature.
    static func cms(_ bytes: [UInt8]) { _ = try? CMS.verifyDetached(bytes, content: content, roots: roots, at: 1_800_000_000) }

    /// An answer of a timestamp authority.
    static func timestamp(_ bytes: [UInt8]) { _ = try? TimestampResponse(verifying: bytes, data: content, roots: roots) }

    /// What signatures and stamps of kept inputs are over.
    static let content = Array("content\n".utf8)

    private static let policy = try? LogPolicy(log: NoteSigner.generate(name: "log.example/muster").verifier)

    private static let roots: [X509Certificate] = (try? CertificateAuthority.create(
        name: X509Name(commonName: "Root"), key: .generate(), notBefore: 1_767_225_600, notAfter: 2_082_758_400
    )).map { [$0.certificate] } ?? []
}
