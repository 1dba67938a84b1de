import AuditModel

/// A row that a join can take: an event, or a row of an inventory.
enum FactRow: Hashable, Sendable {
    case event(EventRow)
    case inventory(InventoryRow)

    /// The event, where it is one.
    var event: EventRow? { if case .event(let row) = self { row } else { nil } }

    /// Time order for events, the file's order for an inventory.
    static func isBefore(_ a: FactRow, _ b: FactRow) -> Bool {
        switch (a, b) {
        case (.event(let x), .event(let y)): EventRow.isBefore(x, y)
        case (.inventory(let x), .inventory(let y)): x.number < y.number
        case (.event, .inventory): true
        case (.inventory, .event): false
        }
    }
}
