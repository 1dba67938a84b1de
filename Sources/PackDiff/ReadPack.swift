public import AuditModel
public import TransparencyLog

/// What a comparison needs of a pack, read from its checked files.
public struct ReadPack: Sendable {
    /// One exception, with what makes it the same one in another period.
    public struct Exception: Hashable, Sendable {
        /// The `key` of the pack's table, `K-…`; nil in packs whose tables have none.
        public let givenKey: String?
        /// Made from what the tables say, for packs that give no key.
        public let derivedKey: String
        /// `X-…`, of this pack alone.
        public let id: String
        public let rule: String
        public let severity: String
        public let text: String

        public init(givenKey: String?, derivedKey: String, id: String, rule: String, severity: String, text: String) {
            (self.givenKey, self.derivedKey) = (givenKey, derivedKey)
            (self.id, self.rule, self.severity, self.text) = (id, rule, severity, text)
        }

        /// As it is shown.
        public var key: String { givenKey ?? derivedKey }
    }

    /// A file of facts that a report read.
    public struct Inventory: Hashable, Sendable {
        public let name: String
        public let sha256: String
        public let owner: String
        public let asOf: String

        public init(name: String, sha256: String, owner: String, asOf: String) {
            (self.name, self.sha256, self.owner, self.asOf) = (name, sha256, owner, asOf)
        }
    }

    public struct Report: Sendable {
        public let id: String
        public let title: String
        public let version: Int64
        /// `pass`, `exceptions`, `incomplete` or `not_tested`.
        public let outcome: String
        public let population: Int64
        /// Items with exceptions.
        public let exceptionCount: Int64
        /// Nil where the pack holds no rows.
        public let exceptions: [Exception]?
        public let definitionSHA256: String
        public let query: String
        public let inventories: [Inventory]

        public init(
            id: String, title: String, version: Int64, outcome: String, population: Int64, exceptionCount: Int64, exceptions: [Exception]?,
            definitionSHA256: String, query: String, inventories: [Inventory] = []
        ) {
            (self.id, self.title, self.version, self.outcome) = (id, title, version, outcome)
            (self.population, self.exceptionCount, self.exceptions) = (population, exceptionCount, exceptions)
            (self.definitionSHA256, self.query, self.inventories) = (definitionSHA256, query, inventories)
        }
    }

    public let packID: String
    public let name: String
    public let framework: String
    public let level: String
    public let start: Timestamp
    public let end: Timestamp
    public let sources: [String]
    public let reports: [Report]
    public let checkpointEnd: Checkpoint
    /// Where the pack's proof of growth begins, with the proof.
    public let growth: (start: Checkpoint, proof: ConsistencyProof)?

    public init(
        packID: String, name: String, framework: String, level: String, start: Timestamp, end: Timestamp, sources: [String],
        reports: [Report], checkpointEnd: Checkpoint, growth: (start: Checkpoint, proof: ConsistencyProof)? = nil
    ) {
        (self.packID, self.name, self.framework, self.level) = (packID, name, framework, level)
        (self.start, self.end, self.sources, self.reports) = (start, end, sources, reports)
        (self.checkpointEnd, self.growth) = (checkpointEnd, growth)
    }
}
