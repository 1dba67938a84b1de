public import AuditModel

/// What checking a pack showed: each step with its findings and facts, and what the pack says of itself.
public struct VerificationReport: Sendable {
    /// One step of docs/formats/pack.md, "Checking a pack".
    public struct Step: Sendable {
        public enum State: String, Sendable {
            case holds
            case refused
            /// Allowed to be absent, and absent.
            case absent
        }

        /// From one, as in the specification.
        public let number: Int
        public let title: String
        public internal(set) var state: State = .holds
        public internal(set) var findings: [Finding] = []
        /// Findings beyond those listed.
        public internal(set) var unlistedFindingCount = 0
        /// What was seen, for the page that an auditor files.
        public internal(set) var facts: [String] = []
    }

    /// Findings that are listed of one step; the rest is counted.
    static let listedFindingLimit = 50

    /// Name of the folder.
    public let packPath: String
    public internal(set) var steps: [Step] = []
    /// What the pack says of itself; only to be believed when there is no finding.
    public internal(set) var claims: [(name: String, value: String)] = []
    /// Reports with their outcomes, as the manifest states them.
    public internal(set) var reports: [(id: String, title: String, outcome: String, population: Int64?, exceptions: Int64?)] = []
    /// What no proof covers, in the pack's words.
    public internal(set) var limitations: [String] = []
    /// Hash of the policy and fingerprints of the roots that were used.
    public internal(set) var trusted: [(name: String, value: String)] = []

    init(packPath: String) { self.packPath = packPath }

    /// All listed findings in the order of the steps.
    public var findings: [Finding] { steps.flatMap(\.findings) }

    /// 0 when everything holds, else the code of the first finding.
    public var exitCode: Int32 { findings.first?.kind.rawValue ?? 0 }

    /// Whether signature, approval or timestamp is absent.
    public var isDraft: Bool { steps.contains { (3...5).contains($0.number) && $0.state == .absent } }

    /// The report as JSON.
    public var json: JSONValue {
        func pairs(_ list: [(name: String, value: String)]) -> JSONValue {
            .object(Dictionary(list.map { ($0.name, .string($0.value)) }, uniquingKeysWith: { first, _ in first }))
        }
        return [
            "schema": "proofline.verification/1", "pack": .string(packPath), "exitCode": .integer(Int64(exitCode)),
            "verified": .bool(exitCode == 0 && !isDraft), "draft": .bool(isDraft), "trusted": pairs(trusted), "claims": pairs(claims),
            "reports": .array(
                reports.map {
                    [
                        "id": .string($0.id), "title": .string($0.title), "outcome": .string($0.outcome),
                        "population": Self.count($0.population), "exceptions": Self.count($0.exceptions),
                    ]
                }),
            "limitations": .array(limitations.map { .string($0) }), "steps": .array(steps.map(Self.json)),
        ]
    }

    /// A suppressed count stays the text that it is.
    private static func count(_ count: Int64?) -> JSONValue { count.map { .integer($0) } ?? .string(PackManifest.suppressedCount) }

    private static func json(_ step: Step) -> JSONValue {
        let findings = step.findings.map { finding -> JSONValue in
            var members: [String: JSONValue] = [
                "code": .integer(Int64(finding.kind.rawValue)), "kind": .string(finding.kind.name),
                "id": .string(finding.rule.rawValue), "message": .string(finding.message),
            ]
            members["path"] = finding.path.map { .string($0) }
            members["line"] = finding.line.map { .integer(Int64($0)) }
            return .object(members)
        }
        return [
            "number": .integer(Int64(step.number)), "title": .string(step.title), "state": .string(step.state.rawValue),
            "findings": .array(findings), "unlistedFindings": .integer(Int64(step.unlistedFindingCount)),
            "facts": .array(step.facts.map { .string($0) }),
        ]
    }
}

extension VerificationReport.Step {
    mutating func refuse(_ finding: Finding) {
        state = .refused
        if findings.count < VerificationReport.listedFindingLimit { findings.append(finding) } else { unlistedFindingCount += 1 }
    }

    mutating func refuse(_ rule: Finding.Rule, _ message: String, path: String? = nil, line: Int? = nil) {
        refuse(Finding(rule, message, path: path, line: line))
    }

    mutating func note(_ fact: String) { facts.append(PrintableText.of(fact)) }
}
