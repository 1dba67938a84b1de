/// An inventory that a report reads: what it must say, and how old it may be.
public struct InventoryNeed: Sendable {
    /// What a cell holds.
    public enum ColumnType: String, Hashable, Sendable, CaseIterable {
        case text, person, time, date, number, duration, list, schedule
    }

    /// A column that the report reads.
    public struct Column: Hashable, Sendable {
        public let name: String
        public let type: ColumnType
        /// Whether a cell may be empty.
        public let mayBeEmpty: Bool
    }

    public enum Need: String, Hashable, Sendable, CaseIterable {
        /// Missing or too old, the report is incomplete.
        case required
        /// Used where it is there.
        case optional
    }

    /// As `inventories.yaml` names it.
    public let name: String
    public let columns: [Column]
    /// Columns that name a row.
    public let key: [String]
    public let need: Need
    let maxAge: Population.Amount?
    /// Why the report needs it.
    public let why: String
    let line: Int

    /// Names that an item or row has by itself, which no column may have.
    static let reservedNames = ["id", "time", "system", "recorded", "population"]
}
