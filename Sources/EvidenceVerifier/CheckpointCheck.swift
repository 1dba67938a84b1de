import AuditModel
import TransparencyLog

/// Step 6: the checkpoints are ones that the policy accepts, and the ones that the pack speaks of.
struct CheckpointCheck {
    /// A checkpoint that the policy accepted, with its exact bytes.
    struct Head {
        let bytes: [UInt8]
        let checkpoint: Checkpoint
    }

    private(set) var step = VerificationReport.Step(number: 6, title: "checkpoints are signed by the log, as the policy asks")
    private(set) var start: Head?
    private(set) var end: Head?

    init(_ folder: PackFolder, _ trust: PackVerifier.Trust, _ claims: PackClaims) {
        end = head(PackLayout.checkpointEnd, folder, trust)
        if folder.contains(PackLayout.checkpointStart) { start = head(PackLayout.checkpointStart, folder, trust) }
        checkClaims(folder, claims)
        checkLogKey(folder, trust)
    }

    private mutating func head(_ path: String, _ folder: PackFolder, _ trust: PackVerifier.Trust) -> Head? {
        guard let bytes = folder.read(path, limitBytes: SignedNote.maximumSizeBytes) else {
            step.refuse(.checkpointMissing, "the checkpoint is missing or cannot be read", path: path)
            return nil
        }
        do throws(TransparencyLogError) {
            let verified = try trust.policy.verify(SignedNote(parsing: bytes))
            step.note("\(verified.checkpoint.origin) size \(verified.checkpoint.size) root \(verified.checkpoint.root.base64)")
            for cosignature in verified.cosignatures {
                step.note("cosigned by \(cosignature.witness) at \(UTCTime.text(Int64(cosignature.time)))")
            }
            return Head(bytes: bytes, checkpoint: verified.checkpoint)
        } catch {
            step.refuse(Self.rule(error), error.message, path: path)
            return nil
        }
    }

    private static func rule(_ error: TransparencyLogError) -> Finding.Rule {
        switch error.code {
        case .signatureInvalid: .checkpointSignatureInvalid
        case .unsigned: .checkpointUnsigned
        case .unknownLog: .checkpointOfOtherLog
        case .quorumMissed: .quorumMissed
        default: .checkpointMalformed
        }
    }

    private mutating func checkClaims(_ folder: PackFolder, _ claims: PackClaims) {
        guard let manifest = claims.manifest else { return }
        if let end, !PackManifest.matches(manifest.checkpointEnd, end.checkpoint) {
            step.refuse(.checkpointEndOther, "the manifest names another checkpointEnd", path: PackLayout.manifest)
        }
        if (manifest.checkpointStart != nil) != folder.contains(PackLayout.checkpointStart) {
            step.refuse(.checkpointStartOther, "manifest and files do not agree whether there is a checkpointStart", path: PackLayout.manifest)
        } else if let start, !PackManifest.matches(manifest.checkpointStart, start.checkpoint) {
            step.refuse(.checkpointStartOther, "the manifest names another checkpointStart", path: PackLayout.manifest)
        }
        guard let end else { return }
        for (id, statement) in claims.statements.sorted(by: { $0.key < $1.key })
        where !PackManifest.matches(statement["checkpoint"], end.checkpoint) {
            step.refuse(.reportCheckpointOther, "the report was made at another checkpoint", path: PackLayout.ipe(id))
        }
    }

    /// The copy of the log's key is for convenience; a false one would mislead whoever uses it.
    private mutating func checkLogKey(_ folder: PackFolder, _ trust: PackVerifier.Trust) {
        guard folder.contains(PackLayout.logKey) else { return }
        guard let bytes = folder.read(PackLayout.logKey, limitBytes: 10_000), let text = String(validating: bytes, as: UTF8.self),
            text.hasSuffix("\n"), trust.policy.logs.contains(where: { $0.vkey + "\n" == text })
        else { return step.refuse(.logKeyOther, "the log key in the pack is not one that the policy names", path: PackLayout.logKey) }
    }
}
