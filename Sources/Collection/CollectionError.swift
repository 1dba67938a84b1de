import DurableIO

/// Something that could not be collected.
///
/// What is wrong with a single file (no permission, damage) does not end collection: it goes to the sink as a
/// ``CollectionNote``. This error ends it.
public struct CollectionError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: String, Hashable, Sendable {
        /// A glob pattern that cannot be read.
        case badPattern
        /// A cursor of the store that cannot be read.
        case badCursor
        /// The operating system refused something that collection cannot do without.
        case system
    }

    /// What kind of fault it is.
    public let code: Code
    /// What went wrong and what to do about it.
    public let message: String
    /// The error beneath, where there was one.
    public let cause: (any Error)?
    /// The file or folder it concerns.
    public let path: String?
    /// Byte offset, where one is known.
    public let offset: UInt64?

    /// Makes an error.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil, path: String? = nil, offset: UInt64? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
        self.path = path
        self.offset = offset
    }

    /// One line for a person.
    public var description: String {
        (path.map { "\($0): " } ?? "") + message + (cause.map { " (\($0))" } ?? "")
    }
}
