public import AuditModel

/// Which controls of a framework have evidence, which only a document can answer, and which have nothing.
public struct ControlMatrix {
    /// What stands behind a control.
    public enum Standing: String, Hashable, Sendable, CaseIterable {
        /// At least one report speaks to it.
        case evidence
        /// Only a document can answer it.
        case policy
        /// A log could speak to it, and no report does.
        case none

        /// For people.
        public var title: String {
            switch self {
            case .evidence: "evidence"
            case .policy: "document"
            case .none: "nothing"
            }
        }
    }

    /// A control with what stands behind it.
    public struct Row {
        public let control: Framework.Control
        public let standing: Standing
        /// Ids of the reports that speak to it, ascending.
        public let reports: [String]
        /// The worst of those reports' outcomes; nil where none ran.
        public let outcome: Outcome?
    }

    public let framework: Framework
    /// In the framework's order.
    public let rows: [Row]

    /// - Parameter results: What reports found, where they ran; then only their definitions count.
    public init(_ framework: Framework, definitions: [ReportDefinition], results: [ReportResult] = []) {
        self.framework = framework
        let outcomes = Dictionary(results.map { ($0.definition.id, $0.outcome) }, uniquingKeysWith: { first, _ in first })
        var reports: [String: [String]] = [:]
        for definition in definitions.sorted(by: { $0.id < $1.id }) {
            for id in Set(definition.controls.filter({ $0.framework == framework.id }).flatMap(\.ids)) {
                reports[id, default: []].append(definition.id)
            }
        }
        rows = framework.controls.map { control in
            let own = reports[control.id] ?? []
            return Row(
                control: control, standing: own.isEmpty ? (control.needsDocument ? .policy : .none) : .evidence, reports: own,
                outcome: own.compactMap { outcomes[$0] }.max { $0.weight < $1.weight })
        }
    }

    /// How many controls stand so.
    public func count(_ standing: Standing) -> Int { rows.count { $0.standing == standing } }

    /// `14 of 61 controls have evidence, 22 need a document, 25 have nothing`.
    public var summary: String {
        "\(count(.evidence)) of \(rows.count) controls have evidence, \(count(.policy)) need a document, \(count(.none)) have nothing"
    }

    public var json: JSONValue {
        [
            "framework": .string(framework.id), "title": .string(framework.title),
            "counts": .object(
                Dictionary(uniqueKeysWithValues: Standing.allCases.map { ($0.rawValue, JSONValue.integer(Int64(count($0)))) })),
            "controls": .array(
                rows.map { row in
                    var members: [String: JSONValue] = [
                        "id": .string(row.control.id), "about": .string(row.control.about), "standing": .string(row.standing.rawValue),
                        "reports": .array(row.reports.map { .string($0) }),
                    ]
                    members["outcome"] = row.outcome.map { .string($0.rawValue) }
                    return .object(members)
                }),
        ]
    }

    /// The table as CSV.
    public var csv: String {
        var csv = CSVWriter(header: ["framework", "control", "about", "standing", "reports", "outcome"])
        for row in rows {
            csv.row([
                framework.id, row.control.id, row.control.about, row.standing.rawValue, row.reports.joined(separator: " "),
                row.outcome?.rawValue ?? "",
            ])
        }
        return csv.text
    }

    // MARK: In a pack

    /// The files of a pack.
    func files(_ templates: TemplateSet, pack: String, period: String, generator: String) throws(EvidenceError) -> [(path: String, text: String)] {
        let context: [String: Any] = [
            "css": templates.css, "framework": framework.title, "about": framework.about, "summary": summary, "pack": pack, "period": period,
            "generator": generator,
            "figures": [
                ["value": "\(rows.count)", "label": "controls", "tone": ""],
                ["value": "\(count(.evidence))", "label": "with evidence here", "tone": ""],
                ["value": "\(count(.policy))", "label": "only a document can answer", "tone": ""],
                ["value": "\(count(.none))", "label": "with nothing here", "tone": count(.none) > 0 ? "caution" : ""],
            ],
            "rows": rows.map { row -> [String: Any] in
                [
                    "id": row.control.id, "about": row.control.about, "standing": row.standing.title, "reports": row.reports,
                    "outcome": row.outcome.map { ["tone": $0.rawValue, "title": $0.title] as [String: Any] } ?? false,
                ]
            },
        ]
        return [
            ("controls.html", try templates.render("controls", context)), ("controls.csv", csv), ("controls.json", json.prettyText() + "\n"),
        ]
    }
}

extension Outcome {
    /// The worse, the heavier: an exception is known to be wrong, what is incomplete may be.
    var weight: Int {
        switch self {
        case .pass: 0
        case .notTested: 1
        case .incomplete: 2
        case .exceptions: 3
        }
    }
}
