import AuditModel
import TransparencyLog

/// `workbook.xlsx` of a pack: a summary, all exceptions, the sample with room for the auditor's own result, and a sheet per population.
struct PackWorkbook {
    let manifest: PackManifest
    /// Whether rows may be shown, or totals only.
    var hasRows = true

    func bytes() throws(EvidenceError) -> [UInt8] {
        let book = try WorkbookFile(
            title: "Evidence pack \(manifest.name)", subject: "\(manifest.request.framework), \(manifest.period.description)",
            author: manifest.generator.text)
        try summary(book)
        guard hasRows else { return try book.finished() }
        try exceptions(book)
        try sample(book)
        for result in manifest.results { try population(result, book) }
        return try book.finished()
    }

    // MARK: Sheets

    private func summary(_ book: WorkbookFile) throws(EvidenceError) {
        try book.begin(
            "Summary",
            [
                .init(title: "Report", width: 14), .init(title: "Title", width: 44), .init(title: "Outcome", width: 14),
                .init(title: "Items tested", width: 12), .init(title: "With exceptions", width: 12), .init(title: "Not decided", width: 12),
                .init(title: "Not applicable", width: 12), .init(title: "Gaps", width: 8), .init(title: "Controls", width: 28),
                .init(title: "Why", width: 60),
            ])
        for result in manifest.results {
            let controls = result.definition.controls.first { $0.framework == manifest.request.framework }?.ids ?? []
            try book.add([
                .text(result.definition.id), .text(result.definition.title), .text(result.outcome.title),
                .number(Int64(result.populationCount)), .number(Int64(result.exceptionCount)), .number(Int64(result.undecidedCount)),
                .number(Int64(result.notApplicable)), .number(Int64(result.gaps.count)), .text(controls.joined(separator: ", ")),
                .text(result.reasons.joined(separator: "\u{20}")),
            ])
        }
        try book.begin("About", [.init(title: "What", width: 26), .init(title: "Value", width: 110)])
        let facts = [
            ("Pack", manifest.name), ("Pack id", manifest.packID), ("Framework", manifest.request.framework),
            ("Period", manifest.period.description), ("Level", manifest.request.level.rawValue),
            ("Log", "\(manifest.checkpoint.origin), \(manifest.checkpoint.size) entries"), ("Root hash", manifest.checkpoint.root.base64),
            ("Nonce", manifest.draw?.nonce ?? "none"), ("Made by", manifest.generator.text), ("Times", "UTC"),
            ("This file", "A copy for reading and marking. What is proven are the lines of data/events.jsonl; VERIFY.md says how."),
        ]
        for (what, value) in facts { try book.add([.text(what), .text(value)]) }
        for limitation in manifest.limitations { try book.add([.text("What no proof covers"), .text(limitation)]) }
    }

    private func exceptions(_ book: WorkbookFile) throws(EvidenceError) {
        try book.begin(
            "Exceptions",
            [
                .init(title: "Report", width: 10), .init(title: "Exception", width: 17), .init(title: "Severity", width: 10),
                .init(title: "Rule", width: 22), .init(title: "What", width: 70), .init(title: "Item", width: 26),
                .init(title: "About", width: 34), .init(title: "When (UTC)", width: 20), .init(title: "Log entry", width: 10),
                .init(title: "Event of it", width: 10), .init(title: "Remarks", width: 40),
            ])
        for result in manifest.results {
            for item in result.items {
                for finding in item.findings where finding.rule.verdict == .exception {
                    try book.add([
                        .text(result.definition.id), .text(finding.id), .text(finding.rule.severity.rawValue), .text(finding.rule.title),
                        .text(finding.text), .text(item.id), .text(item.label), .time(item.time), Self.place(item.row?.logIndex),
                        Self.place(item.row.map { UInt64($0.index) }), .empty,
                    ])
                }
            }
        }
    }

    private func sample(_ book: WorkbookFile) throws(EvidenceError) {
        guard let draw = manifest.draw else { return }
        try book.begin(
            "Sample",
            [
                .init(title: "Report", width: 10), .init(title: "Number", width: 9), .init(title: "Item", width: 26),
                .init(title: "About", width: 40), .init(title: "When (UTC)", width: 20), .init(title: "Log entry", width: 10),
                .init(title: "Event of it", width: 10), .init(title: "Result of the test", width: 18), .init(title: "Exceptions", width: 30),
                .init(title: "Auditor's result", width: 18), .init(title: "Auditor's remarks", width: 50),
            ])
        for result in manifest.results {
            for (number, item) in PackSelection.sample(result, draw).enumerated() {
                try book.add([
                    .text(result.definition.id), .number(Int64(number + 1)), .text(item.id), .text(item.label), .time(item.time),
                    Self.place(item.row?.logIndex), Self.place(item.row.map { UInt64($0.index) }), .text(TimelineChart.word(item.status)),
                    .text(item.findings.map(\.id).joined(separator: " ")), .empty, .empty,
                ])
            }
        }
    }

    private func population(_ result: ReportResult, _ book: WorkbookFile) throws(EvidenceError) {
        try book.begin(
            result.definition.id,
            [.init(title: "Item", width: 26), .init(title: "Log entry", width: 10), .init(title: "Event of it", width: 10)]
                + result.definition.columns.map { .init(title: $0.title, width: 22) }
                + [.init(title: "Result", width: 14), .init(title: "Exceptions", width: 30)])
        for item in result.items {
            try book.add(
                [.text(item.id), Self.place(item.row?.logIndex), Self.place(item.row.map { UInt64($0.index) })] + item.cells.map(Self.cell)
                    + [.text(TimelineChart.word(item.status)), .text(item.findings.map(\.id).joined(separator: " "))])
        }
    }

    private static func place(_ number: UInt64?) -> WorkbookFile.Cell { number.flatMap { Int64(exactly: $0) }.map { .number($0) } ?? .empty }

    private static func cell(_ value: Value) -> WorkbookFile.Cell {
        switch value {
        case .missing: .empty
        case .number(let number): .number(number)
        case .time(let time, _): .time(time)
        case .duration(let length, _): .seconds(length)
        default: .text(ValueText.plain(value))
        }
    }
}
