/// Whose checkpoints to believe: known logs, known witnesses, and how many of them must agree (c2sp.org/tlog-policy).
///
/// A verifier gets this file out of band. A policy that came with the evidence it judges is worth nothing.
public struct LogPolicy: Sendable {
    /// A checkpoint that a policy accepted.
    public struct Verified: Sendable {
        public let checkpoint: Checkpoint
        /// Names of the witnesses that cosigned, with the seconds since 1970-01-01 at which they did.
        public let cosignatures: [(witness: String, time: UInt64)]
    }

    /// A rule over witnesses.
    indirect enum Quorum: Sendable {
        case none
        case witness(NoteVerifier)
        case group(threshold: Int, members: [Quorum])
    }

    /// Keys of the logs that are believed.
    public let logs: [NoteVerifier]
    /// Keys of the witnesses, by the names they have in this file.
    public let witnesses: [(name: String, verifier: NoteVerifier)]
    let quorum: Quorum

    init(logs: [NoteVerifier], witnesses: [(name: String, verifier: NoteVerifier)], quorum: Quorum) {
        self.logs = logs
        self.witnesses = witnesses
        self.quorum = quorum
    }

    /// The policy that believes one log and asks for no witness.
    public init(log: NoteVerifier) {
        self.init(logs: [log], witnesses: [], quorum: .none)
    }

    /// Reads a policy file.
    ///
    /// - Parameter path: Only for error messages.
    /// - Throws: ``TransparencyLogError`` with code `malformedPolicy` or `malformedKey`, with the line.
    public init(parsing bytes: [UInt8], path: String? = nil) throws(TransparencyLogError) {
        var parser = LogPolicyParser(path: path)
        self = try parser.parse(bytes)
    }

    /// Checks that a checkpoint is signed by a known log and cosigned by enough witnesses.
    ///
    /// - Throws: ``TransparencyLogError`` with code `unknownLog`, `unsigned`, `signatureInvalid`, `quorumMissed` or `malformedCheckpoint`.
    public func verify(_ note: SignedNote) throws(TransparencyLogError) -> Verified {
        let checkpoint = try Checkpoint(note: note)
        let named = logs.filter { $0.key.name.utf8.elementsEqual(checkpoint.origin.utf8) }
        guard !named.isEmpty else {
            throw TransparencyLogError(
                .unknownLog, "the checkpoint is of the log \(checkpoint.origin), which the policy does not name")
        }
        _ = try note.verify(named)
        let signed: [(verifier: NoteVerifier, signature: NoteSignature)]
        do {
            signed = try note.verify(witnesses.map(\.verifier))
        } catch where error.code == .unsigned {
            signed = []
        }
        let present = Set(signed.map(\.verifier))
        guard Self.holds(quorum, present) else {
            throw TransparencyLogError(
                .quorumMissed,
                "\(present.count) of \(witnesses.count) witnesses cosigned the checkpoint of size \(checkpoint.size); the policy asks for more")
        }
        let times = signed.map { item in
            (
                witness: witnesses.first { $0.verifier == item.verifier }?.name ?? item.verifier.key.name,
                time: item.signature.cosignatureTime ?? 0
            )
        }
        return Verified(checkpoint: checkpoint, cosignatures: times)
    }

    private static func holds(_ quorum: Quorum, _ present: Set<NoteVerifier>) -> Bool {
        switch quorum {
        case .none: true
        case .witness(let verifier): present.contains(verifier)
        case .group(let threshold, let members): members.count(where: { holds($0, present) }) >= threshold
        }
    }
}
