/// How a report's test ended.
public enum Outcome: String, Hashable, Sendable, CaseIterable {
    /// Every item passed, and nothing was missing.
    case pass
    /// At least one item failed, and nothing was missing.
    case exceptions
    /// Something that the report needs is missing or cannot be decided; the exceptions found are shown all the same.
    case incomplete
    /// Nothing could be tested.
    case notTested = "not_tested"

    /// For people.
    public var title: String {
        switch self {
        case .pass: "Pass"
        case .exceptions: "Exceptions"
        case .incomplete: "Incomplete"
        case .notTested: "Not tested"
        }
    }
}
