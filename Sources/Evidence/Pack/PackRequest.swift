import AuditModel

/// What somebody wants in a pack.
public struct PackRequest: Sendable {
    /// Who may read it.
    public enum Level: String, Hashable, Sendable, CaseIterable {
        /// Every row of the sources in scope.
        case `internal`
        /// The rows that the reports rest on, and those that the nonce draws from the rest.
        case auditor
        /// No row: outcomes, counts from 5 on, and the proofs of the seals; for one recipient until a day.
        case customer
    }

    /// A framework as manifests name it.
    public static var frameworks: [String] { ReportDefinition.Control.titles.map(\.id) }

    public var framework: String
    public var level: Level
    /// Counts from 1.
    public var revision: Int
    /// Parameters by report id, then name.
    public var parameters: [String: [String: String]] = [:]
    /// Facts that no log knows.
    public var inventories = Inventories.none
    /// What the auditor named after the population was frozen.
    public var nonce: String?
    public var recipient: String?
    /// A date, `2027-10-01`.
    public var expires: String?
    /// Certificates of the authority, for `keys/chain.pem`.
    public var chainPEM: String?
    /// The tree head that the reader already knows: of an earlier pack, or kept by the log.
    public var checkpointStart: EvidenceCheckpoint?
    /// The pack before this one.
    public var previousPack: (packID: String, sha256Sums: String)?
    /// Id of the pack that this revision replaces.
    public var supersedes: String?
    /// The framework's controls, for the table of what the reports speak to; nil: no table.
    public var controls: Framework?
    /// Whether PDFs are made.
    public var wantsPDF = true

    public init(framework: String, level: Level, revision: Int = 1) {
        self.framework = framework
        self.level = level
        self.revision = revision
    }

    /// `EP-2026Q3-soc2-r1`.
    func name(_ period: Period) -> String { name(revision: revision, period: period) }

    /// The name that a revision of the same pack has.
    public func name(revision: Int, period: Period) -> String { "EP-\(period.label)-\(framework)\(level == .customer ? "-customer" : "")-r\(revision)" }

    func check() throws(EvidenceError) {
        guard Self.frameworks.contains(framework) else {
            throw EvidenceError(
                .usage,
                "there is no framework `\(framework)`\(NearestName.hint(framework, among: Self.frameworks)); there are: \(Self.frameworks.joined(separator: ", "))"
            )
        }
        if level == .customer {
            guard recipient?.trimmed.isEmpty == false, let expires, expires.utf8.count == 10, Timestamp(dateOrTime: expires) != nil else {
                throw EvidenceError(.usage, "a customer's pack names its reader and its last day: give --recipient and --expires, such as 2027-09-30")
            }
            guard nonce == nil else { throw EvidenceError(.usage, "a customer's pack holds no rows, so there is nothing to draw: leave out --nonce") }
        }
        guard revision > 0 else { throw EvidenceError(.usage, "the revision counts from 1") }
    }
}
