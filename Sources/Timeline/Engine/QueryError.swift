/// Why a query was ended without an answer. What was printed before is not the answer.
public struct QueryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of end.
    public enum Code: String, Hashable, Sendable {
        /// Somebody asked for it.
        case cancelled
        /// It ran longer than it may.
        case timeout
        /// It would hold more than it may.
        case memory
        /// The question cannot be answered as it is put.
        case notAnswerable
    }

    public let code: Code
    /// What happened and how to remedy it.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
