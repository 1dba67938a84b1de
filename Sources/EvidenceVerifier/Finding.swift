/// One thing that is wrong with a pack.
public struct Finding: Hashable, Sendable {
    /// The kinds of findings (docs/formats/pack.md, "Checking a pack"); the raw value is the exit code.
    public enum Kind: Int32, CaseIterable, Hashable, Sendable {
        /// A file does not have the hash that was signed.
        case hash = 10
        /// Another set of files than the one that was signed, or something that is no file.
        case fileSet = 11
        /// A signature does not hold, or there is none.
        case signature = 12
        /// Nobody approved, or the preparer did.
        case approval = 13
        /// The timestamp does not hold, or there is none.
        case timestamp = 14
        /// A checkpoint that the policy does not accept, or another one than the pack names.
        case checkpoint = 15
        /// An entry or event that its proof does not lead to the checkpoint.
        case inclusion = 16
        /// The log did not only grow.
        case consistency = 17
        /// Something is missing, counted wrongly, or claimed and not there.
        case coverage = 18
        /// The pack holds more or less than its level says.
        case redaction = 19
        /// Whoever issued the pack took it back.
        case revocation = 20

        /// One word for lists and JSON.
        public var name: String {
            switch self {
            case .hash: "hash"
            case .fileSet: "file-set"
            case .signature: "signature"
            case .approval: "approval"
            case .timestamp: "timestamp"
            case .checkpoint: "checkpoint"
            case .inclusion: "inclusion"
            case .consistency: "consistency"
            case .coverage: "coverage"
            case .redaction: "redaction"
            case .revocation: "revocation"
            }
        }
    }

    /// What exactly is wrong.
    public let rule: Rule
    /// What kind of thing that is.
    public var kind: Kind { rule.kind }
    /// What is wrong, for a person.
    public let message: String
    /// The file in the pack, as it may be printed.
    public let path: String?
    /// The line in that file, from one.
    public let line: Int?

    init(_ rule: Rule, _ message: String, path: String? = nil, line: Int? = nil) {
        self.rule = rule
        self.message = PrintableText.of(message)
        self.path = path.map { PrintableText.of($0) }
        self.line = line
    }
}

/// Text from a pack as it may reach a terminal: without control characters and not endless.
enum PrintableText {
    static func of(_ text: String, limit: Int = 400) -> String {
        var out = String.UnicodeScalarView()
        for (count, scalar) in text.unicodeScalars.enumerated() {
            guard count < limit else { return String(out) + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                out.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}
