import AuditModel
import Cryptography
import TransparencyLog

/// Step 9: nothing is missing and everything is counted: chains of seals, the log's places, the reports' sums, what was drawn.
struct CoverageCheck {
    private(set) var step = VerificationReport.Step(number: 9, title: "nothing is missing, and the counts agree")

    init(_ folder: PackFolder, _ claims: PackClaims, _ heads: CheckpointCheck, _ log: InclusionCheck) {
        if let fault = claims.manifestFault { step.refuse(.manifestMalformed, fault, path: PackLayout.manifest) }
        for fault in claims.statementFaults { step.refuse(.reportStatementMalformed, fault.what, path: fault.path) }
        guard let end = heads.end else {
            // Step 6 refused; what would be counted here was not read.
            if step.state == .holds { step.state = .absent }
            step.note("not judged without an accepted checkpoint")
            return
        }
        checkChains(log.entries)
        checkRanges(log.entries)
        guard let manifest = claims.manifest else { return }
        checkManifestSeals(manifest, log)
        checkAccounting(LogAccounting(log.entries, scope: Set(manifest.sources), size: end.checkpoint.size), log, size: end.checkpoint.size)
        let reports = ReportCheck(folder, claims, manifest, log)
        for finding in reports.findings { step.refuse(finding) }
        for fact in reports.facts { step.note(fact) }
        let draw = DrawCheck(folder, manifest, heads, log)
        for finding in draw.findings { step.refuse(finding) }
        for fact in draw.facts { step.note(fact) }
    }

    private mutating func checkAccounting(_ accounting: LogAccounting, _ log: InclusionCheck, size: UInt64) {
        for fault in accounting.faults { step.refuse(fault.rule, "log entry \(fault.logIndex): \(fault.what)", path: PackLayout.seals) }
        guard accounting.faults.isEmpty else { return }
        step.note(
            "all \(size) log entries are accounted for: \(log.entries.count) in the pack, \(accounting.foreignSealCount) seals of other sources, \(accounting.heartbeatCount) epochs")
        if !accounting.uncountedEpochs.isEmpty {
            step.note("in \(accounting.uncountedEpochs.count) epochs the heartbeat had no room for every source: that no last seal of one is missing there is not shown")
        }
    }

    /// `prevSeal` of each seal is the hash of the source's seal before it; only the first has none.
    private mutating func checkChains(_ entries: [LogEntry]) {
        var last: [String: SHA256Digest] = [:]
        for entry in entries {
            guard let seal = entry.seal else { continue }
            if seal.previousSeal != last[seal.source] {
                let (rule, what): (Finding.Rule, String) =
                    switch (seal.previousSeal, last[seal.source]) {
                    case (_?, nil): (.chainHeadMissing, "the first seal of \(seal.source) in the pack follows another one, which is missing")
                    case (nil, _): (.chainRestarted, "the seal of \(seal.source) claims to be its first, and is not")
                    default: (.chainBroken, "the seal does not follow the one before it of \(seal.source): one is missing between them")
                    }
                step.refuse(rule, "log entry \(entry.logIndex): \(what)", path: PackLayout.seals)
            }
            last[seal.source] = SHA256.hash(Array(entry.bytes))
        }
        if !last.isEmpty { step.note("the chains of \(last.count) sources have no hole") }
    }

    /// Sequence numbers are given in the order of the log, without overlap, and without a hole where the log has none.
    private mutating func checkRanges(_ entries: [LogEntry]) {
        var last: (logIndex: UInt64, end: Int64)?
        var isContiguous = false
        for entry in entries {
            if let last, entry.logIndex != last.logIndex + 1 { isContiguous = false }
            guard let seal = entry.seal else {
                if let known = last { last = (entry.logIndex, known.end) }
                continue
            }
            if let last {
                let fits = isContiguous ? seal.firstSeq == last.end : seal.firstSeq >= last.end
                if !fits {
                    step.refuse(
                        .positionsOverlap, "log entry \(entry.logIndex): its events begin at \(seal.firstSeq), the ones before end at \(last.end)",
                        path: PackLayout.seals)
                }
            }
            last = (entry.logIndex, seal.firstSeq + seal.count)
            isContiguous = true
        }
    }

    private mutating func checkManifestSeals(_ manifest: PackManifest, _ log: InclusionCheck) {
        let path = PackLayout.manifest
        let sealed = log.entries.filter { $0.seal != nil }
        guard sealed.count == manifest.seals.count else {
            return step.refuse(.manifestSealsOther, "the manifest counts \(manifest.seals.count) seals, the pack has \(sealed.count)", path: path)
        }
        let inPack = Dictionary(grouping: log.rows, by: \.logIndex).mapValues { Int64($0.count) }
        for (entry, claim) in zip(sealed, manifest.seals) {
            guard let seal = entry.seal else { continue }
            guard claim.logIndex == entry.logIndex, claim.source == seal.source, claim.count == seal.count else {
                step.refuse(.manifestSealsOther, "log entry \(entry.logIndex): the manifest describes another seal", path: path)
                continue
            }
            let found = inPack[entry.logIndex] ?? 0
            if claim.inPack != found {
                step.refuse(.manifestRowsMiscounted, "log entry \(entry.logIndex): the manifest counts \(claim.inPack) events in the pack, there are \(found)", path: path)
            }
        }
    }
}
