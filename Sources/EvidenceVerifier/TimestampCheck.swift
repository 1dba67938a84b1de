import Cryptography

/// Step 5: when the approver's signature existed, by the word of a timestamp authority.
struct TimestampCheck {
    private(set) var step = VerificationReport.Step(number: 5, title: "timestamp covers the approval")
    /// The stated time, when the timestamp holds: seconds since 1970-01-01.
    private(set) var time: Int64?

    init(_ folder: PackFolder, _ trust: PackVerifier.Trust, _ completeness: PackVerifier.Completeness) {
        let path = PackLayout.timestamp
        guard folder.contains(path) else {
            if completeness == .draft {
                step.state = .absent
            } else {
                step.refuse(.timestampMissing, "the pack has no timestamp", path: path)
            }
            return
        }
        guard let response = folder.read(path, limitBytes: 1 << 20) else {
            step.refuse(.timestampUnreadable, "the file cannot be read", path: path)
            return
        }
        guard let signature = folder.read(PackLayout.approver, limitBytes: 1 << 20) else {
            step.refuse(.timestampUnreadable, "the signature that it should cover is missing", path: path)
            return
        }
        do {
            let stamp = try TimestampResponse(verifying: response, data: signature, roots: trust.timestampRoots)
            time = stamp.time
            step.note("\(UTCTime.text(stamp.time)) by \(stamp.authority.subject), serial \(stamp.serial), policy \(stamp.policy)")
        } catch {
            step.refuse(Self.rule(error), "\(error)", path: path)
        }
    }

    private static func rule(_ error: any Error) -> Finding.Rule {
        switch (error as? CryptographyError)?.code {
        case .timestampRejected: .timestampOfOther
        case .certificateRejected: .timestampAuthorityRejected
        default: .timestampInvalid
        }
    }
}
