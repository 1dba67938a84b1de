import AuditModel
import Cryptography
import TransparencyLog

/// One report as a page of a customer's pack: outcome, counts and method, and nothing about any item.
struct CustomerReportPage {
    let result: ReportResult
    let checkpoint: EvidenceCheckpoint
    let packName: String
    let generator: String

    func render(_ templates: TemplateSet) throws(EvidenceError) -> String {
        let definition = result.definition
        func figure(_ value: Int, _ label: String) -> [String: Any] { ["value": CustomerCount.text(value, .customer), "label": label] }
        let controls: [[String: Any]] = definition.controls.map { control in
            let title = ReportDefinition.Control.titles.first { $0.id == control.framework }?.title ?? control.framework
            return ["framework": title, "ids": control.ids.joined(separator: ", ")]
        }
        return try templates.render(
            "report-customer",
            [
                "css": templates.css, "id": definition.id, "revision": definition.revision, "title": definition.title,
                "question": definition.question, "period": result.period.description, "packName": packName, "generator": generator,
                "outcome": result.outcome.rawValue, "outcomeTitle": result.outcome.title,
                "figures": [
                    figure(result.populationCount, "items tested"), figure(result.exceptionCount, "with exceptions"),
                    figure(result.undecidedCount, "not decided"),
                ],
                "method": definition.method, "query": QueryText(definition: definition).text, "controls": controls,
                "limitations": definition.limitations, "origin": checkpoint.origin, "treeSize": ValueText.grouped(Int64(checkpoint.size)),
                "root": checkpoint.root.base64, "definitionSha256": definition.sha256.hex,
            ])
    }
}
