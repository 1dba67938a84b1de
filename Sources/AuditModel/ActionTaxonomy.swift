/// Our words for what was done: `domain.noun.verb`, each with the OCSF class and activity it belongs to.
///
/// `parsers/taxonomy.yaml` is the table (read by `Parsing`). A parser maps its vendor's codes to these; a code without an entry keeps
/// `source_action` and gets its domain's ``other(in:)``, and is counted.
public struct ActionTaxonomy: Sendable {
    /// One action.
    public struct Entry: Hashable, Sendable {
        public let action: String
        /// OCSF class name in snake case, the event's `category`: `authentication`, `account_change`.
        public let category: String
        /// OCSF class number.
        public let classUID: Int
        /// OCSF activity number in the class; 99 where the class has none for it.
        public let activityID: Int
        /// What it says, for people.
        public let meaning: String

        public init(action: String, category: String, classUID: Int, activityID: Int, meaning: String) {
            self.action = action
            self.category = category
            self.classUID = classUID
            self.activityID = activityID
            self.meaning = meaning
        }
    }

    /// The version of OCSF whose class and activity numbers these are; empty for a taxonomy without entries.
    public let schemaVersion: String
    /// Every action, in the order of the table.
    public private(set) var entries: [Entry] = []
    /// The domains: the first words of the actions, in the order in which they come.
    public private(set) var domains: [String] = []
    private var byAction: [String: Entry] = [:]

    public init(schemaVersion: String = "") { self.schemaVersion = schemaVersion }

    /// Adds an action; false, and nothing is added, where it is there already with another class or activity.
    public mutating func add(_ entry: Entry) -> Bool {
        if let known = byAction[entry.action] { return known.classUID == entry.classUID && known.activityID == entry.activityID }
        byAction[entry.action] = entry
        entries.append(entry)
        let domain = String(entry.action.prefix { $0 != "." })
        if !domains.contains(domain) { domains.append(domain) }
        return true
    }

    /// The entry of an action, or nil where the taxonomy does not know it.
    public func entry(for action: String) -> Entry? { byAction[action] }

    /// The action for a code of `domain` that no table maps.
    public static func other(in domain: String) -> String { "\(domain).activity.other" }

    /// The category of what proofline itself does: known without the table.
    public static let ownCategory = "application_lifecycle"
}
