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
    let sets: [EventSet]
    let population: Population
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

    /// What is tested: one item per event of a set (and per source), or one per source and day.
    struct Population: Sendable {
        enum Kind: Hashable, Sendable {
            case events(set: String)
            case coverage
        }

        let kind: Kind
        let time: Expression?
        let person: Expression?
        /// Role of the sources across which each event is tested: one item per source.
        let across: String?
        /// Whether the test applies to an item at all.
        let applies: Expression?
        let notApplicable: String
        let label: TextTemplate
    }

    /// Rows of a set that belong to an item.
    struct Join: Sendable {
        enum Take: String, Sendable, CaseIterable { case first, last, all }

        let name: String
        let set: String
        /// Pairs that must agree: an expression over the item, one over the row.
        let on: [(item: Expression, row: Expression)]
        /// Further condition over item and row.
        let when: Expression?
        /// Window relative to the item's time, in microseconds; nil is open.
        let from: Int64?
        let to: Int64?
        let take: Take
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

/// Text of a definition with expressions in braces: `Closed {lag} after leaving.`
struct TextTemplate: Sendable, Hashable {
    enum Piece: Sendable, Hashable {
        case text(String)
        case value(Expression)
    }

    let pieces: [Piece]

    /// Reads a template; `{{` and `}}` stand for the braces themselves.
    static func parse(_ text: String) throws(ExpressionParser.SyntaxError) -> TextTemplate {
        var pieces: [Piece] = []
        var literal = ""
        let characters = Array(text)
        var i = 0
        while i < characters.count {
            let c = characters[i]
            if (c == "{" || c == "}"), i + 1 < characters.count, characters[i + 1] == c {
                literal.append(c)
                i += 2
            } else if c == "{" {
                guard let end = characters[i...].firstIndex(of: "}") else {
                    throw ExpressionParser.SyntaxError(message: "`{` is never closed", column: i + 1)
                }
                if !literal.isEmpty { pieces.append(.text(literal)) }
                literal = ""
                pieces.append(.value(try ExpressionParser.parse(String(characters[(i + 1)..<end]))))
                i = end + 1
            } else {
                literal.append(c)
                i += 1
            }
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        return TextTemplate(pieces: pieces)
    }

    var expressions: [Expression] {
        pieces.compactMap { if case .value(let expression) = $0 { expression } else { nil } }
    }
}

/// A chart that a definition asks for.
struct ChartSpecification: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// Rows × columns, a shade per cell, exceptions marked.
        case heatmap
        /// How often a value falls into each bin.
        case histogram
        /// Items per column, stacked by how they ended.
        case bars
    }

    let id: String
    let kind: Kind
    let title: String
    /// What the chart shows, for those who do not see it.
    let caption: String
    /// Text for the row of an item (heat map).
    let rows: Expression?
    /// Text for the column of an item (heat map, bars).
    let columns: Expression?
    /// Every column of the period is shown, also empty ones.
    let step: Step?
    /// Number that a cell adds up, or value of an item (histogram); absent counts items.
    let value: Expression?
    /// Unit after a number, for people.
    let unit: String
    /// Upper edges of the histogram's bins.
    let edges: [Value]
    /// A value to draw as a line: a parameter.
    let limit: Expression?

    enum Step: String, Sendable, CaseIterable { case day, week, month }
}
