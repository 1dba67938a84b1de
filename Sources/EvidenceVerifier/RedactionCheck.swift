/// Step 10: the pack holds what its level says, no more and no less.
struct RedactionCheck {
    private(set) var step = VerificationReport.Step(number: 10, title: "the pack holds what its level allows")

    init(_ folder: PackFolder, _ claims: PackClaims, _ heads: CheckpointCheck, _ log: InclusionCheck) {
        guard let manifest = claims.manifest else {
            step.refuse(.levelUnknown, "without a manifest the level is unknown", path: PackLayout.manifest)
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
            step.refuse(.leftOutMiscounted, "the manifest counts \(manifest.removedCount) events left out, there are \(leftOut)", path: PackLayout.manifest)
        }
        let deletions = Deletions(log.entries)
        for fault in deletions.faults {
            step.refuse(.deletionImpossible, "log entry \(fault.logIndex): \(fault.message)", path: PackLayout.seals)
        }
        if let row = log.rows.first(where: deletions.contains) {
            step.refuse(
                .deletedRowPresent, "the event \(row.index) of log entry \(row.logIndex) is in the pack, and the log says that retention deleted it",
                path: PackLayout.events)
        }
        switch manifest.level {
        case "internal" where leftOut != deletions.count:
            step.refuse(
                .internalRowsLeftOut, "an internal pack holds every event that was not deleted, here \(leftOut - deletions.count) are left out", path: PackLayout.events)
        case "customer":
            for file in folder.files where Self.holdsRows(file) {
                step.refuse(.customerRowsPresent, "a customer's pack holds no rows", path: file)
            }
            let content = CustomerCheck(folder, claims, manifest)
            for finding in content.findings { step.refuse(finding) }
        case "internal", "auditor":
            if !log.hasRows { step.refuse(.eventLinesMissing, "the event lines are missing", path: PackLayout.events) }
        default: break
        }
        if step.state == .holds { step.note("level \(manifest.level): \(log.rows.count) of \(sealed) sealed events, \(leftOut) left out\(Self.deleted(deletions.count))") }
    }

    private static func deleted(_ count: Int64) -> String { count == 0 ? "" : ", of these \(count) deleted by retention" }

    private static func holdsRows(_ file: String) -> Bool {
        file.hasPrefix("data/") || file.hasPrefix("oscal/") || file == "workbook.xlsx" || file == PackLayout.inner
            || file.hasPrefix("reports/") && (file.hasSuffix(".csv"))
    }
}
