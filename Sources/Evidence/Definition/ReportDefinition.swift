import Cryptography
import Timeline

/// One report as its author wrote it: `reports/<id>/report.yaml`, checked (docs/reports.md).
///
/// A definition is data: everything that a report asks of the events is in it, nothing is in Swift.
public struct ReportDefinition: Sendable {
    /// Version of the definition language that this build reads.
    public static let languageVersion = 1

    /// `EP-03`: capital letters, digits and hyphens.
    public let id: String
    /// Counts up whenever the report would judge differently.
    public let revision: Int
    public let title: String
    /// The question that the report answers, as an auditor would ask it.
    public let question: String
    /// How the test is done, in a few sentences.
    public let method: String
    public let controls: [Control]
    public let sources: [SourceNeed]
    public let parameters: [Parameter]
    /// Facts that the report takes from files rather than from logs.
    public let inventories: [InventoryNeed]
    let sets: [EventSet]
    /// What is tested, at least one.
    let populations: [Population]
    let joins: [Join]
    let computed: [Computed]
    let rules: [Rule]
    let columns: [Column]
    let charts: [ChartSpecification]
    let narrative: [TextTemplate]
    /// What this report cannot see, in sentences.
    public let limitations: [String]
    /// The file, byte for byte.
    public let bytes: [UInt8]
    public let path: String

    /// Hash of the file.
    public var sha256: SHA256Digest { SHA256.hash(bytes) }

    /// The first population: the only one of most reports.
    var population: Population { populations[0] }

    /// Whether a population has an item per source.
    var asksSources: Bool {
        populations.contains { if case .sources = $0.kind { true } else { false } }
    }

    /// Whether a population shows records that the ledger does not explain, so that the report may be built over them.
    var showsLedger: Bool {
        populations.contains {
            switch $0.kind {
            case .coverage, .sources: true
            default: false
            }
        }
    }

    /// The joins and computed values that cannot be told without these inventories.
    func names(restingOn inventories: Set<String>) -> Set<String> {
        guard !inventories.isEmpty else { return [] }
        var names: Set<String> = []
        for join in joins {
            let reads = join.on.flatMap { $0.item.names + $0.row.names } + (join.when?.names ?? [])
            if join.inventory.map(inventories.contains) ?? false || reads.contains(where: { names.contains($0.subject) }) { names.insert(join.name) }
        }
        for computed in computed where computed.expression.names.contains(where: { names.contains($0.subject) }) { names.insert(computed.name) }
        return names
    }

    /// The population of a name.
    func population(_ name: String) -> Population? { populations.first { $0.name == name } }

    /// Requirements of one framework that the test speaks to, by identifier.
    public struct Control: Hashable, Sendable {
        /// `soc2`, `iso27001`, `nist80053`, `pci`, `hipaa`.
        public let framework: String
        public let ids: [String]

        /// The frameworks and how they are written for people.
        public static let titles: [(id: String, title: String)] = [
            ("soc2", "SOC 2"), ("iso27001", "ISO/IEC 27001:2022 Annex A"), ("nist80053", "NIST SP 800-53 rev. 5"),
            ("pci", "PCI DSS 4.0.1"), ("hipaa", "HIPAA 45 CFR 164"),
        ]
    }

    /// Sources that the report draws on, by the parser that reads them.
    public struct SourceNeed: Hashable, Sendable {
        public enum Need: String, Hashable, Sendable, CaseIterable {
            /// Every parser listed must have a source; a gap in any makes the report incomplete.
            case all
            /// At least one must; gaps in those that exist count.
            case any
            /// Used where it exists; its gaps do not count.
            case optional
        }

        /// The role of these sources in the report: `hr`, `systems`.
        public let role: String
        /// Ids of parsers; `*` is every source of the store.
        public let parsers: [String]
        public let need: Need
        /// Why the report needs it.
        public let why: String
    }

    /// A value that whoever runs the report may set.
    public struct Parameter: Sendable {
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            case duration, number, text, list
        }

        public let name: String
        public let kind: Kind
        public let defaultText: String
        let defaultValue: Value
        public let about: String
    }

    /// A named selection of events.
    struct EventSet: Sendable {
        let name: String
        let query: String
        let filter: Filter
        let line: Int
    }

    /// Rows of a set or of an inventory that belong to an item.
    struct Join: Sendable {
        enum Take: String, Sendable, CaseIterable { case first, last, all }

        enum Origin: Hashable, Sendable {
            case set(String)
            case inventory(String)
        }

        let name: String
        let origin: Origin
        /// The populations for whose items it is made; empty is all.
        let of: [String]
        /// Pairs that must agree: an expression over the item, one over the row.
        let on: [(item: Expression, row: Expression)]
        /// Further condition over item and row.
        let when: Expression?
        /// Window relative to the item's time, in microseconds; nil is open.
        let from: Int64?
        let to: Int64?
        let take: Take

        /// The inventory that it reads, if it reads one.
        var inventory: String? { if case .inventory(let name) = origin { name } else { nil } }
    }

    struct Computed: Sendable {
        let name: String
        let expression: Expression
    }

    /// Makes an item an exception, or says that it cannot be judged yet.
    struct Rule: Sendable {
        enum Verdict: Sendable { case exception, undecided }

        let id: String
        let title: String
        let verdict: Verdict
        let when: Expression
        let say: TextTemplate
        let severity: Severity
        /// The populations whose items it tests; empty is all.
        let of: [String]

        /// Whether it tests the items of a population.
        func holds(for population: String) -> Bool { of.isEmpty || of.contains(population) }

        /// The same rule where it could not be decided.
        func opened(title: String) -> Rule {
            Rule(id: id, title: title, verdict: .undecided, when: when, say: say, severity: severity, of: of)
        }
    }

    /// How much an exception weighs.
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        case high, medium, low
    }

    struct Column: Sendable {
        let title: String
        let value: Expression
    }
}
