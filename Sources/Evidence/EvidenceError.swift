/// What went wrong while a report or a pack was made, and how to remedy it.
///
/// An item that fails a test is an exception of the report, never one of these.
public struct EvidenceError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// A report definition, parameter or template does not hold together.
        case definition
        /// An expression met values that it cannot work with.
        case evaluation
        /// The caller asked for something that makes no sense (a period, a level, an unknown report).
        case usage
        /// Rows, seals and log disagree: tampering or damage.
        case integrity
        /// The rows needed were erased or have passed their retention, so the same body cannot be built again.
        case noLongerWhole
        /// A file or folder could not be read or written.
        case file
        /// A key or certificate does not fit its use.
        case key
        /// Preparer and approver are the same person or key, or a step was taken out of order.
        case separation
        /// Another program (PDF renderer) or a network service (timestamp authority) failed.
        case external
    }

    public let code: Code
    /// What went wrong and what to do, one sentence each.
    public let message: String
    /// The failure underneath, if any.
    public let cause: (any Error)?
    /// The file concerned, if any.
    public let path: String?
    /// Line in ``path`` (from 1), if known.
    public let line: Int?

    public init(_ code: Code, _ message: String, path: String? = nil, line: Int? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
        self.path = path
        self.line = line
    }

    public var description: String {
        let place = [path, line.map(String.init)].compactMap { $0 }.joined(separator: ":")
        let reason = cause.map { " (\($0))" } ?? ""
        return place.isEmpty ? message + reason : "\(place): \(message)\(reason)"
    }
}
