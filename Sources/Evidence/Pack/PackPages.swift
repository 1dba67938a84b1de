import AuditModel
import TransparencyLog

/// The pages that introduce a pack: index.html, README.md, VERIFY.md.
struct PackPages {
    let manifest: PackManifest
    let templates: TemplateSet
    let hasPDF: Bool
    let hasSample: Bool

    func files() throws(EvidenceError) -> [(path: String, text: String)] {
        let context = context
        return [
            ("index.html", try templates.render("index", context)), ("README.md", try templates.render("README.md", context)),
            ("VERIFY.md", try templates.render("VERIFY.md", context)),
        ]
    }

    private var context: [String: Any] {
        let framework = ReportDefinition.Control.titles.first { $0.id == manifest.request.framework }?.title ?? manifest.request.framework
        return [
            "css": templates.css, "name": manifest.name, "revision": manifest.request.revision, "period": manifest.period.description,
            "framework": framework,
            "level": manifest.request.level.rawValue, "figures": figures, "reports": manifest.results.map(report),
            "limitations": manifest.limitations,
            "contents": contents, "origin": manifest.checkpoint.origin, "treeSize": ValueText.grouped(Int64(manifest.checkpoint.size)),
            "root": manifest.checkpoint.root.base64, "packId": manifest.packID, "generator": manifest.generator.text, "custody": custody, "hasRows": !isCustomer,
        ]
    }

    private var isCustomer: Bool { manifest.request.level == .customer }

    private var custody: String {
        var seen: Set<String> = []
        return ReportPage.custody(manifest.results.flatMap(\.sources.accounts).filter { seen.insert($0.source.id).inserted })
    }

    private var figures: [[String: Any]] {
        func figure(_ value: Int, _ label: String, _ tone: String = "") -> [String: Any] {
            ["value": ValueText.grouped(Int64(value)), "label": label, "tone": value == 0 ? "" : tone]
        }
        // Sums over reports would tell what one of them suppresses.
        if isCustomer { return [figure(manifest.results.count, "reports"), figure(manifest.proofs.entries.count, "log entries with proof")] }
        return [
            figure(manifest.results.count, "reports"), figure(manifest.results.reduce(0) { $0 + $1.populationCount }, "items tested"),
            figure(manifest.results.reduce(0) { $0 + $1.exceptionCount }, "with exceptions", "alarm"),
            figure(Set(manifest.results.flatMap(\.gaps)).count, "gaps", "caution"), figure(manifest.proofs.rows.count, "events with proof"),
            figure(manifest.proofs.entries.count, "log entries with proof"),
        ]
    }

    private func report(_ result: ReportResult) -> [String: Any] {
        let ids = result.definition.controls.first { $0.framework == manifest.request.framework }?.ids ?? []
        let controls = ids.isEmpty ? "" : "Speaks to \(ids.joined(separator: ", "))."
        return [
            "id": result.definition.id, "title": result.definition.title, "question": result.definition.question,
            "outcome": result.outcome.rawValue,
            "outcomeTitle": result.outcome.title, "reasons": isCustomer ? [] : result.reasons,
            "population": CustomerCount.text(result.populationCount, manifest.request.level),
            "exceptions": CustomerCount.text(result.exceptionCount, manifest.request.level), "controls": controls, "hasPDF": hasPDF, "hasSample": hasSample, "hasRows": !isCustomer,
        ]
    }

    private var contents: [[String: Any]] {
        var parts = [
            ("reports/", "each report as page\(hasPDF ? ", PDF" : "") and tables, with ipe.json: what it was made from"),
            ("workbook.xlsx", "summary, exceptions, sample and populations as a workbook, with room for the auditor's results"),
            ("oscal/", "assessment plan and results in OSCAL 1.1.2, for tools"),
            ("data/", "the events that the reports rest on: events.jsonl is proven, events.parquet is a copy"),
            ("definitions/", "the definitions that ran, byte for byte"),
            ("proofs/", "the signed checkpoint, the log entries in scope and their proofs"),
            ("keys/", "public keys, for convenience; get the ones you trust from elsewhere"),
            ("sig/", "signatures, timestamp and release, made after the body"),
            ("SHA256SUMS", "hashes of every file of the body"),
        ]
        if isCustomer {
            parts.removeAll { ["workbook.xlsx", "oscal/", "data/"].contains($0.0) }
            parts[0] = ("reports/", "each report as page\(hasPDF ? " and PDF" : ""), with its query and ipe.json: what it is and how it ended")
        }
        if manifest.request.controls != nil {
            parts.insert(("controls.html", "which controls the reports speak to and how those ended; also as CSV and JSON"), at: 0)
        }
        return parts.map { ["path": $0.0, "about": $0.1] }
    }
}
