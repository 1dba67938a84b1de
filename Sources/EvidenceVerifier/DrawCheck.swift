import AuditModel
import Cryptography
import TransparencyLog

/// Draws the samples and the shown rows again from the auditor's nonce.
struct DrawCheck {
    /// How many of the rows left out are shown.
    private static let shownCount = 25
    /// The most rows that are ranked again; more would keep a verifier busy for hours.
    private static let maximumRankedRows: Int64 = 1_000_000_000

    private(set) var findings: [Finding] = []
    private(set) var facts: [String] = []

    init(_ folder: PackFolder, _ manifest: PackManifest, _ heads: CheckpointCheck, _ log: InclusionCheck) {
        guard let nonce = manifest.sampleNonce, let seed = manifest.sampleSeed else {
            if !manifest.shown.isEmpty { refuse(.drawWithoutNonce, "rows are shown without a nonce that drew them", PackLayout.manifest) }
            for report in manifest.reports where folder.contains(PackLayout.sample(report.id)) {
                refuse(.drawWithoutNonce, "there is a sample without a nonce that drew it", PackLayout.sample(report.id))
            }
            return
        }
        guard let end = heads.end, seed == "\(end.checkpoint.root.base64):\(nonce)" else {
            refuse(.seedOther, "the seed is not the checkpoint's root and the nonce", PackLayout.manifest)
            return
        }
        let draw = Draw(seed: seed)
        guard manifest.level != "customer" else { return }
        for report in manifest.reports { checkSample(folder, report.id, draw) }
        checkShown(manifest, log, draw)
        if findings.isEmpty { facts.append("the nonce \(nonce) draws the same samples again") }
    }

    private mutating func refuse(_ rule: Finding.Rule, _ message: String, _ path: String) {
        findings.append(Finding(rule, message, path: path))
    }

    private mutating func checkSample(_ folder: PackFolder, _ report: String, _ draw: Draw) {
        let path = PackLayout.sample(report)
        guard let sample = folder.read(path).flatMap({ CSVTable($0) }), sample.header.prefix(2) == ["number", "item"],
            let population = folder.read(PackLayout.population(report)).flatMap({ CSVTable($0) }), population.header.first == "item"
        else { return refuse(.sampleMissing, "sample or population is missing or cannot be read", path) }
        guard population.rows.isEmpty == sample.rows.isEmpty else { return refuse(.sampleOther, "nothing was drawn from the population", path) }
        var smallest = Draw.Smallest<String>(limit: max(1, sample.rows.count))
        for row in population.rows {
            let item = CSVTable.unescaped(row[0])
            smallest.offer(item, rank: draw.rank(item))
        }
        if sample.rows.map({ CSVTable.unescaped($0[1]) }) != smallest.items.map(\.item) {
            refuse(.sampleOther, "the nonce draws other items than these", path)
        }
    }

    private mutating func checkShown(_ manifest: PackManifest, _ log: InclusionCheck, _ draw: Draw) {
        let shown = Set(manifest.shown.map { InclusionCheck.Row(logIndex: $0.logIndex, index: $0.index) })
        let present = Set(log.rows)
        guard shown.count == manifest.shown.count, shown.isSubset(of: present) else {
            return refuse(.shownRowsMissing, "a row that should be shown is not in events.jsonl, or is named twice", PackLayout.manifest)
        }
        guard manifest.level == "auditor" else {
            if !shown.isEmpty { refuse(.shownRowsOther, "rows are shown although none is left out", PackLayout.manifest) }
            return
        }
        guard log.entries.reduce(Int64(0), { $0 + ($1.seal?.count ?? 0) }) <= Self.maximumRankedRows else {
            return refuse(.shownRowsTooMany, "more than \(Self.maximumRankedRows) events are sealed; the shown rows cannot be drawn again", PackLayout.manifest)
        }
        var smallest = Draw.Smallest<InclusionCheck.Row>(limit: Self.shownCount)
        let deletions = Deletions(log.entries)
        for entry in log.entries {
            guard let seal = entry.seal else { continue }
            for index in 0..<seal.count {
                let row = InclusionCheck.Row(logIndex: entry.logIndex, index: index)
                guard !present.contains(row) || shown.contains(row), !deletions.contains(row) else { continue }
                smallest.offer(row, rank: draw.rank("seq:\(seal.firstSeq + index)"))
            }
        }
        if Set(smallest.items.map(\.item)) != shown {
            refuse(.shownRowsOther, "the nonce draws other rows to be shown than these", PackLayout.manifest)
        }
    }
}
