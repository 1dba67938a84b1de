import AuditModel
import Cryptography
import TransparencyLog

/// Step 8: between the checkpoints the log only grew; and the release, if there is one, is in the log and names these files.
struct ConsistencyCheck {
    private(set) var step = VerificationReport.Step(number: 8, title: "the log only grew; the release is in it")

    init(_ folder: PackFolder, _ trust: PackVerifier.Trust, _ claims: PackClaims, _ heads: CheckpointCheck) {
        checkGrowth(folder, heads)
        checkLastCheckpoint(trust, heads)
        checkRelease(folder, trust, claims, heads)
        if step.state == .holds, step.facts.isEmpty { step.state = .absent }
    }

    private mutating func checkGrowth(_ folder: PackFolder, _ heads: CheckpointCheck) {
        let path = PackLayout.consistency
        guard folder.contains(PackLayout.checkpointStart) || folder.contains(path) else { return }
        guard folder.contains(PackLayout.checkpointStart), let bytes = folder.read(path, limitBytes: 100_000) else {
            return step.refuse(.growthProofMissing, "an earlier checkpoint and the proof from it come together; one is missing", path: path)
        }
        guard let start = heads.start, let end = heads.end else {
            return step.refuse(.growthUnproven, "without two accepted checkpoints there is nothing to prove", path: path)
        }
        do {
            let proof = try ConsistencyFile.parse(bytes)
            guard proof.oldSize == start.checkpoint.size, proof.newSize == end.checkpoint.size,
                start.checkpoint.origin == end.checkpoint.origin
            else { return step.refuse(.growthProofOther, "the proof is between other checkpoints", path: path) }
            try proof.verify(oldRoot: start.checkpoint.root, newRoot: end.checkpoint.root)
            step.note("from size \(proof.oldSize) to size \(proof.newSize) nothing was changed or removed")
        } catch let rejection as ConsistencyProof.Rejection {
            step.refuse(Self.rule(rejection), "the log was rewritten: \(Self.explain(rejection))", path: path)
        } catch {
            step.refuse(.growthProofMalformed, "\(error)", path: path)
        }
    }

    /// What the auditor kept is the only memory that the company cannot change.
    private mutating func checkLastCheckpoint(_ trust: PackVerifier.Trust, _ heads: CheckpointCheck) {
        guard let last = trust.lastCheckpoint, let kept = try? Checkpoint(note: last) else { return }
        if let end = heads.end?.checkpoint, end == kept { return step.note("the end is the checkpoint that was kept") }
        guard let start = heads.start?.checkpoint, start == kept else {
            return step.refuse(
                .keptCheckpointOther, "the pack does not start at the checkpoint of size \(kept.size) that was kept: ask for one built with it as start",
                path: PackLayout.checkpointStart)
        }
        step.note("the start is the checkpoint that was kept")
    }

    // MARK: Release

    private mutating func checkRelease(
        _ folder: PackFolder, _ trust: PackVerifier.Trust, _ claims: PackClaims, _ heads: CheckpointCheck
    ) {
        let path = PackLayout.release
        guard folder.contains(path) || folder.contains(PackLayout.releaseProof) else { return }
        guard let bytes = folder.read(path, limitBytes: LogEntry.maximumSizeBytes),
            let proofBytes = folder.read(PackLayout.releaseProof, limitBytes: TLogProof.maximumSizeBytes)
        else { return step.refuse(.releaseIncomplete, "the release entry and its proof come together; one is missing", path: path) }
        guard let json = try? JSONValue(parsing: bytes, maximumDepth: 16), json.canonicalBytes == bytes, json["type"]?.string == "release"
        else { return step.refuse(.releaseMalformed, "the file is no release entry in canonical form", path: path) }
        do {
            let proof = try TLogProof(parsing: proofBytes)
            let head = try trust.policy.verify(proof.checkpoint).checkpoint
            guard head.size >= heads.end?.checkpoint.size ?? 0, head.origin == heads.end?.checkpoint.origin ?? head.origin else {
                return step.refuse(.releaseTreeOlder, "the release was proven in an earlier tree than the pack's", path: PackLayout.releaseProof)
            }
            try proof.verify(leaf: .leaf(bytes), checkpoint: head)
            guard proof.bytes == proofBytes else {
                return step.refuse(.releaseMalformed, "the proof is not in its one form", path: PackLayout.releaseProof)
            }
            step.note("released as entry \(proof.index) of the log")
        } catch let rejection as InclusionProof.Rejection {
            step.refuse(.releaseNotIncluded, "the release is not in the log: \(InclusionCheck.explain(rejection))", path: PackLayout.releaseProof)
        } catch {
            step.refuse(.releaseMalformed, "\(error)", path: PackLayout.releaseProof)
        }
        checkReleasedFiles(json, folder, claims)
    }

    private mutating func checkReleasedFiles(_ release: JSONValue, _ folder: PackFolder, _ claims: PackClaims) {
        let path = PackLayout.release
        if let manifest = claims.manifest {
            guard release["packId"]?.string == manifest.packID, release["name"]?.string == manifest.name,
                release["revision"]?.integer == manifest.revision
            else { return step.refuse(.releaseOfOther, "the release is that of another pack", path: path) }
        }
        let sums = folder.read(SumsFile.name, limitBytes: SumsFile.maximumSizeBytes)
        guard let sums, release["sha256sums"]?.string == SHA256.hash(sums).hex else {
            return step.refuse(.releaseFilesOther, "another SHA256SUMS was released", path: path)
        }
        guard let released = release["files"]?.object else {
            return step.refuse(.releaseMalformed, "the release does not list the files of sig/", path: path)
        }
        let present = folder.files(below: "sig/").filter { $0 != PackLayout.release && $0 != PackLayout.releaseProof }
        for file in present {
            guard let bytes = folder.read(file, limitBytes: 1 << 20), released[file]?.string == SHA256.hash(bytes).hex else {
                step.refuse(.releaseFilesOther, "the file is not the one that was released", path: file)
                continue
            }
        }
        for file in released.keys.sorted() where !present.contains(file) {
            step.refuse(.releaseFilesOther, "the file was released and is missing", path: file)
        }
    }

    private static func rule(_ rejection: ConsistencyProof.Rejection) -> Finding.Rule {
        switch rejection {
        case .shrunk: .logShrunk
        case .hashCount: .growthProofMalformed
        case .oldRootMismatch, .newRootMismatch: .logRewritten
        }
    }

    private static func explain(_ rejection: ConsistencyProof.Rejection) -> String {
        switch rejection {
        case .shrunk: "it is smaller than it was"
        case .hashCount(let expected, let found): "the proof has \(found) hashes, \(expected) are due"
        case .oldRootMismatch: "the proof does not begin at the earlier checkpoint"
        case .newRootMismatch: "the proof does not lead to the later checkpoint"
        }
    }
}
