import AuditModel
import Cryptography

/// One item of a population, with what belongs to it and how its test ended.
struct TestItem: Sendable {
    /// How the test of an item ended.
    enum Status: String, Sendable, CaseIterable {
        case passed, exception, undecided
    }

    /// Something that a rule found.
    struct Finding: Sendable {
        let rule: ReportDefinition.Rule
        /// The rule's sentence with this item's figures.
        let text: String
        /// `X-` and 12 hex digits, the same whenever the report is built.
        let id: String
        /// `K-` and 12 hex digits, the same for the same finding of another period.
        let key: String
        /// What somebody said about it; no test looks at it.
        var explanation: Explanation?
    }

    /// Stable (docs/reports.md, "Items"); of several populations each id begins with the population's name.
    let id: String
    /// The name of its population; empty where there is only one.
    var population = ""
    /// The event that makes the item, or the first of a run; nil where no event does.
    let row: EventRow?
    /// The further events of a run.
    var members: [EventRow] = []
    let time: Timestamp
    let timeBound: Int64
    var people: Set<String>
    let system: String?
    /// Fields that are no event's: of a source, an inventory's row, a log entry, a run.
    var fields: [String: Value] = [:]
    var label = ""
    var joined: [String: [FactRow]] = [:]
    var computed: [String: Value] = [:]
    var findings: [Finding] = []
    /// Values of the definition's columns.
    var cells: [Value] = []

    var status: Status {
        if findings.contains(where: { $0.rule.verdict == .exception }) { return .exception }
        return findings.isEmpty ? .passed : .undecided
    }

    /// Every event that the item's test rests on.
    var rows: [EventRow] { (row.map { [$0] } ?? []) + members + joined.values.flatMap { $0.compactMap(\.event) } }

    /// The id of an exception (docs/formats/pack.md, "Identifiers").
    static func exceptionID(report: String, rule: String, item: String) -> String {
        "X-" + SHA256.hash("\(report)\n\(rule)\n\(item)").hex.prefix(12)
    }

    /// What makes a finding the same one in another period.
    static func findingKey(report: String, rule: String, same: [String]) -> String {
        "K-" + SHA256.hash(([report, rule] + same).joined(separator: "\n")).hex.prefix(12)
    }
}
