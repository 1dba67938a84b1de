import AuditModel

/// A count as a pack of level `customer` states it: from 1 to 4 it is `<5`, since so few may be known to somebody.
enum CustomerCount {
    static let smallestShown = 5
    static let suppressed = "<5"

    static func isSuppressed(_ count: Int) -> Bool { (1..<smallestShown).contains(count) }

    static func json(_ count: Int, _ level: PackRequest.Level) -> JSONValue {
        level == .customer && isSuppressed(count) ? .string(suppressed) : .integer(Int64(count))
    }

    static func text(_ count: Int, _ level: PackRequest.Level) -> String {
        level == .customer && isSuppressed(count) ? suppressed : ValueText.grouped(Int64(count))
    }
}
