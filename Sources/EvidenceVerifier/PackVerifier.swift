public import Cryptography
public import TransparencyLog

/// Checks an evidence pack offline, trusting nothing in it (docs/formats/pack.md).
///
/// Shares no code with what builds packs. Whatever lies in the folder, the outcome is a ``VerificationReport``; only a folder that cannot be
/// looked at, or a call without trust anchors, is an error.
public struct PackVerifier: Sendable {
    /// Whose signatures and checkpoints are believed. All of it comes from outside the pack.
    public struct Trust: Sendable {
        /// Logs, witnesses and their quorum.
        public let policy: LogPolicy
        /// Roots of the people's certificates.
        public let roots: [X509Certificate]
        /// Roots of timestamp authorities.
        public let timestampRoots: [X509Certificate]
        /// A checkpoint that the auditor kept from an earlier pack; this pack must show that the log only grew since.
        public let lastCheckpoint: SignedNote?
        /// Packs that were taken back.
        public let revocations: RevocationList?

        public init(
            policy: LogPolicy, roots: [X509Certificate], timestampRoots: [X509Certificate]? = nil, lastCheckpoint: SignedNote? = nil,
            revocations: RevocationList? = nil
        ) {
            self.policy = policy
            self.roots = roots
            self.timestampRoots = timestampRoots ?? roots
            self.lastCheckpoint = lastCheckpoint
            self.revocations = revocations
        }
    }

    /// What a pack must have to pass.
    public enum Completeness: Sendable {
        /// Two signatures and a timestamp.
        case final
        /// Signatures and timestamp may be missing, but what is there must hold.
        case draft
    }

    /// The call cannot be answered: no folder, or it cannot be read.
    public struct Failure: Error, CustomStringConvertible, Sendable {
        public let message: String
        public var description: String { message }
    }

    let trust: Trust
    let completeness: Completeness

    public init(trust: Trust, completeness: Completeness = .final) {
        self.trust = trust
        self.completeness = completeness
    }

    /// Checks the pack in `directory`.
    ///
    /// - Throws: ``Failure`` when there is no folder to look at.
    public func verify(_ directory: String) throws(Failure) -> VerificationReport {
        var folder: PackFolder
        do throws(PackFolder.Failure) { folder = try PackFolder(path: directory) } catch { throw Failure(message: error.message) }
        var report = VerificationReport(packPath: directory)

        let body = BodyCheck(folder)
        report.steps += [body.hashes, body.fileSet]
        let stamp = TimestampCheck(folder, trust, completeness)
        var signatures = SignatureCheck(folder, trust, completeness, certificatesValidAt: stamp.time)
        if signatures.signatures.state == .refused, completeness == .final {
            folder.distrust()
            signatures.noteDistrust()
        }
        report.steps += [signatures.signatures, signatures.approval, stamp.step]

        let claims = PackClaims(folder)
        let heads = CheckpointCheck(folder, trust, claims)
        report.steps.append(heads.step)
        let log = InclusionCheck(folder, claims, heads)
        report.steps.append(log.step)
        report.steps.append(ConsistencyCheck(folder, trust, claims, heads).step)
        report.steps.append(CoverageCheck(folder, claims, heads, log).step)
        report.steps.append(RedactionCheck(folder, claims, heads, log).step)
        if let list = trust.revocations { report.steps.append(RevocationCheck(list, claims, signatures.sums).step) }

        describe(&report, folder, claims, signatures, stamp, heads)
        return report
    }

    /// What the pack says of itself, for the page.
    private func describe(
        _ report: inout VerificationReport, _ folder: PackFolder, _ claims: PackClaims, _ signatures: SignatureCheck,
        _ stamp: TimestampCheck, _ heads: CheckpointCheck
    ) {
        func claim(_ name: String, _ value: String) { report.claims.append((name, PrintableText.of(value))) }
        if let manifest = claims.manifest {
            claim("pack", "\(manifest.name), revision \(manifest.revision), level \(manifest.level)")
            claim("packId", manifest.packID)
            claim("period", "\(manifest.periodStart) to \(manifest.periodEnd), end not included")
            claim("sources", manifest.sources.joined(separator: ", "))
            claim("generator", manifest.generator)
            report.reports = manifest.reports.map {
                (PrintableText.of($0.id), PrintableText.of($0.title), PrintableText.of($0.outcome), $0.population, $0.exceptions)
            }
            report.limitations = manifest.limitations.prefix(100).map { PrintableText.of($0) }
        }
        if let sums = signatures.sums { claim("SHA256SUMS", sums.hex) }
        if let preparer = signatures.preparer { claim("preparedBy", preparer.certificate.subject) }
        if let approver = signatures.approver { claim("approvedBy", approver.certificate.subject) }
        if let time = stamp.time { claim("timestamp", UTCTime.text(time)) }
        if let end = heads.end {
            claim("checkpoint", "\(end.checkpoint.origin) size \(end.checkpoint.size) root \(end.checkpoint.root.base64)")
        }
        for (number, root) in trust.roots.enumerated() {
            report.trusted.append(("root\(number + 1)", PrintableText.of("\(root.subject), SHA-256 \(root.fingerprint.hex)")))
        }
        for (number, log) in trust.policy.logs.enumerated() {
            report.trusted.append(("log\(number + 1)", PrintableText.of(log.vkey)))
        }
        for witness in trust.policy.witnesses {
            report.trusted.append(("witness \(PrintableText.of(witness.name))", PrintableText.of(witness.verifier.vkey)))
        }
    }
}
