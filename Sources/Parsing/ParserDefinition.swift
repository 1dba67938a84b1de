import AuditModel

/// One loaded parser: what `parser.yaml` says, compiled. Immutable and shared by all record parsers that use it.
public final class ParserDefinition: @unchecked Sendable {
    /// How many parsers can hand a part of a part of a record on.
    static let maximumHandOvers = 3

    /// The parser's id, also its folder's name.
    public let id: String
    /// A whole number that grows with every change of meaning.
    public let version: String
    /// What it reads, for people.
    public let title: String
    /// The bytes of `parser.yaml`: seals name their SHA-256.
    public let definitionBytes: [UInt8]
    /// The folder it was loaded from.
    public let folder: String
    /// Questions that its events need not answer.
    public let notApplicable: Set<Question>
    /// Keys of a format that a source's mapping gives, for a generic parser; nil for others.
    let mappingKeys: [String]?
    let plan: ParsePlan
    /// Whether lines that stand apart can be one record.
    let joinsLines: Bool
    /// How long a source that is being followed waits for the rest of such a record, in milliseconds; nil where there are none.
    public let joinWaitMilliseconds: UInt64?
    /// The definitions that are asked in turn, the first one included; empty for a single one.
    let turns: [ParserDefinition]
    /// Ids of parsers that parts are handed to.
    let handOverNames: Set<String>
    /// Set once by the library, before the definition is handed out.
    nonisolated(unsafe) var handOvers: [String: ParserDefinition] = [:]

    /// By body that hands names over. Set once by the library, before the definition is handed out.
    nonisolated(unsafe) var handOverLinks: [Int: HandOverLink] = [:]

    init(
        id: String, version: String, title: String, definitionBytes: [UInt8], folder: String, notApplicable: Set<Question>, plan: ParsePlan,
        handOverNames: Set<String>, mappingKeys: [String]? = nil,
        turns: [ParserDefinition] = []
    ) {
        self.id = id
        self.version = version
        self.title = title
        self.definitionBytes = definitionBytes
        self.folder = folder
        self.notApplicable = notApplicable
        self.plan = plan
        self.mappingKeys = mappingKeys
        self.turns = turns
        let waits = plan.formats.compactMap { $0.join?.waitMilliseconds }
        joinsLines = !waits.isEmpty
        joinWaitMilliseconds = waits.max()
        self.handOverNames = handOverNames
    }
}
