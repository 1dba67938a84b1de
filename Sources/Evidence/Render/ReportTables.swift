/// Population, exceptions and sample of a report as CSV.
struct ReportTables {
    let result: ReportResult

    var population: [UInt8] {
        var csv = CSVWriter(header: ["item", "log_entry", "index"] + result.definition.columns.map(\.title) + ["result", "exceptions"])
        for item in result.items { csv.row(cells(item)) }
        return csv.bytes
    }

    var exceptions: [UInt8] {
        var csv = CSVWriter(header: ["exception", "item", "rule", "severity", "what", "log_entry", "index", "explanation"])
        for item in result.items {
            for finding in item.findings where finding.rule.verdict == .exception {
                csv.row([
                    finding.id, item.id, finding.rule.id, finding.rule.severity.rawValue, finding.text,
                    item.row.map { "\($0.logIndex)" } ?? "",
                    item.row.map { "\($0.index)" } ?? "", finding.explanation?.sentence(result.period) ?? "",
                ])
            }
        }
        return csv.bytes
    }

    func sample(_ items: [TestItem]) -> [UInt8] {
        var csv = CSVWriter(
            header: ["number", "item", "log_entry", "index"] + result.definition.columns.map(\.title) + ["result", "exceptions"])
        for (number, item) in items.enumerated() { csv.row(["\(number + 1)"] + cells(item)) }
        return csv.bytes
    }

    private func cells(_ item: TestItem) -> [String] {
        [item.id, item.row.map { "\($0.logIndex)" } ?? "", item.row.map { "\($0.index)" } ?? ""] + item.cells.map(ValueText.plain)
            + [item.status.rawValue, item.findings.map(\.id).joined(separator: " ")]
    }
}
