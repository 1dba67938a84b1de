/// A query that cannot be read: what is wrong, where, and how to say it right.
public struct QuerySyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and how to remedy it.
    public let message: String
    /// Character position in the query, from zero.
    public let position: Int
    /// The query as it was written.
    public let query: String

    /// The message, the query, and a caret under the place.
    public var description: String {
        "\(message)\n  \(query)\n  \(String(repeating: " ", count: position))^"
    }
}
