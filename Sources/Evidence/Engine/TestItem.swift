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
    }

    /// Stable: `seq:<n>`, `seq:<n>/<system>` or `<source>/<date>`.
    let id: String
    /// The event that makes the item; nil in a coverage population.
    let row: EventRow?
    let time: Timestamp
    let timeBound: Int64
    let people: Set<String>
    let system: String?
    /// Fields of a coverage item.
    let coverage: [String: Value]?
    var label = ""
    var joined: [String: [EventRow]] = [:]
    var computed: [String: Value] = [:]
    var findings: [Finding] = []
    /// Values of the definition's columns.
    var cells: [Value] = []

    var status: Status {
        if findings.contains(where: { $0.rule.verdict == .exception }) { return .exception }
        return findings.isEmpty ? .passed : .undecided
    }

    /// Every event that the item's test rests on.
    var rows: [EventRow] { (row.map { [$0] } ?? []) + joined.values.flatMap { $0 } }

    /// The id of an exception (docs/formats/pack.md, "Identifiers").
    static func exceptionID(report: String, rule: String, item: String) -> String {
        "X-" + SHA256.hash("\(report)\n\(rule)\n\(item)").hex.prefix(12)
    }
}
