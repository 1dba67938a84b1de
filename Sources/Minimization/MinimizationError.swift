/// A failure of minimization. Whoever meets one stops: nothing is written through.
public struct MinimizationError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Hashable, Sendable {
        /// The policy file cannot be read.
        case policyUnreadable
        /// The policy file breaks a rule; `path` and `line` say where.
        case policyInvalid
        /// An event holds an attribute without a data class.
        case unclassified
        /// The vault failed.
        case vault
    }

    public let code: Code
    /// What failed and how to remedy it. Never quotes a value of an event.
    public let message: String
    public let cause: (any Error)?
    public let path: String?
    /// Counted from 1.
    public let line: Int?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil, path: String? = nil, line: Int? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
        self.path = path
        self.line = line
    }

    public var description: String {
        let place = path.map { path in line.map { "\(path):\($0): " } ?? "\(path): " } ?? ""
        return place + message + (cause.map { " (\($0))" } ?? "")
    }
}
