/// Why ingestion could not begin or go on, in words that a person can act on. Failures of the store, the vault, the parsers and the policy
/// pass through as their own errors.
public struct IngestionError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Hashable, Sendable {
        /// A configuration or an argument is wrong; nothing was begun.
        case configuration
        /// A named file or folder does not exist; nothing was begun.
        case missingPath
        /// A named file or folder cannot be read; nothing was begun.
        case unreadablePath
        /// Counts that must add up do not: a fault of proofline. Nothing was committed.
        case ledgerUnbalanced
    }

    /// The kind of failure.
    public let code: Code
    /// What went wrong and how to remedy it: one line.
    public let message: String
    /// The file it is about.
    public let path: String?
    /// Line in that file, from one.
    public let line: Int?
    /// The failure beneath, if any.
    public let cause: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, path: String? = nil, line: Int? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.path = path
        self.line = line
        self.cause = cause
    }

    /// `path:line: message (cause)`.
    public var description: String {
        let place = path.map { path in line.map { "\(path):\($0): " } ?? "\(path): " } ?? ""
        return place + message + (cause.map { " (\($0))" } ?? "")
    }
}
