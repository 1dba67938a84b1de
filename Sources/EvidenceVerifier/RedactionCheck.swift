/// Step 10: the pack holds what its level says, no more and no less.
struct RedactionCheck {
    private(set) var step = VerificationReport.Step(number: 10, title: "the pack holds what its level allows")

    init(_ folder: PackFolder, _ claims: PackClaims, _ heads: CheckpointCheck, _ log: InclusionCheck) {
        guard let manifest = claims.manifest else {
            step.refuse(.redaction, "without a manifest the level is unknown", path: PackLayout.manifest)
            return
        }
        guard heads.end != nil else {
            step.state = .absent
            step.note("not judged without an accepted checkpoint")
            return
        }
        let sealed = log.entries.reduce(Int64(0)) { $0 + ($1.seal?.count ?? 0) }
        let leftOut = sealed - Int64(log.rows.count)
        if manifest.removedCount != leftOut {
            step.refuse(.redaction, "the manifest counts \(manifest.removedCount) events left out, there are \(leftOut)", path: PackLayout.manifest)
        }
        switch manifest.level {
        case "internal" where leftOut != 0:
            step.refuse(.redaction, "an internal pack holds every event, here \(leftOut) are left out", path: PackLayout.events)
        case "customer":
            for file in folder.files where Self.holdsRows(file) {
                step.refuse(.redaction, "a customer's pack holds no rows", path: file)
            }
        case "internal", "auditor":
            if !log.hasRows { step.refuse(.redaction, "the event lines are missing", path: PackLayout.events) }
        default: break
        }
        if step.state == .holds { step.note("level \(manifest.level): \(log.rows.count) of \(sealed) sealed events, \(leftOut) left out") }
    }

    private static func holdsRows(_ file: String) -> Bool {
        file.hasPrefix("data/") || file == PackLayout.inner
            || file.hasPrefix("reports/") && (file.hasSuffix(".csv"))
    }
}
