/// The report as a page that an auditor can print and file.
public struct VerificationPage {
    private let report: VerificationReport

    public init(_ report: VerificationReport) { self.report = report }

    /// Plain text, lines of at most about a hundred characters where the content allows.
    public var text: String {
        var lines = ["Verification of an evidence pack", "", "folder        \(PrintableText.of(report.packPath))"]
        lines += report.claims.map { Self.pair($0.name, $0.value) }
        lines += ["", "Trusted, from outside the pack"]
        lines += report.trusted.map { Self.pair($0.name, $0.value) }
        lines += ["", "Checked"]
        for step in report.steps { lines += Self.lines(step) }
        if !report.reports.isEmpty {
            lines += ["", "Reports"]
            for item in report.reports {
                lines.append("  \(item.id)  \(item.outcome): \(Self.count(item.exceptions)) of \(Self.count(item.population)) items fail. \(item.title)")
            }
        }
        if !report.limitations.isEmpty {
            lines += ["", "What no proof covers, in the pack's own words"]
            lines += report.limitations.map { "  - \($0)" }
        }
        lines += ["", verdict]
        return lines.joined(separator: "\n") + "\n"
    }

    private var verdict: String {
        guard let first = report.findings.first else {
            return report.isDraft
                ? "DRAFT. What is there holds, but it is not signed, approved and timestamped yet; nobody answers for it."
                : "VERIFIED. Every step holds."
        }
        let count = report.findings.count + report.steps.reduce(0) { $0 + $1.unlistedFindingCount }
        let more = count == 1 ? "" : " (\(count) findings)"
        return "REFUSED, code \(first.kind.rawValue) \(first.kind.name)\(more): \(Self.place(first))\(first.message)"
    }

    private static func lines(_ step: VerificationReport.Step) -> [String] {
        let mark =
            switch step.state {
            case .holds: "ok"
            case .refused: "REFUSED"
            case .absent: "absent"
            }
        var lines = ["  \(step.number < 10 ? " " : "")\(step.number)  \(padded(mark, 8)) \(step.title)"]
        lines += step.facts.map { "               \($0)" }
        lines += step.findings.map { "       \($0.kind.rawValue)      \(place($0))\($0.message) [\($0.rule.rawValue)]" }
        if step.unlistedFindingCount > 0 { lines.append("               and \(step.unlistedFindingCount) more") }
        return lines
    }

    private static func place(_ finding: Finding) -> String {
        guard let path = finding.path else { return "" }
        return finding.line.map { "\(path):\($0): " } ?? "\(path): "
    }

    private static func pair(_ name: String, _ value: String) -> String { "\(padded(name, 13)) \(value)" }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
    }

    private static func count(_ count: Int64?) -> String { count.map { "\($0)" } ?? PackManifest.suppressedCount }
}
