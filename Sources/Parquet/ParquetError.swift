/// A Parquet file that cannot be read, or columns that cannot be written.
///
/// Files are untrusted: whatever their bytes say, reading ends in values or in this error, never in a trap.
public struct ParquetError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is, for callers that decide by it.
    public enum Code: String, Hashable, Sendable {
        /// The bytes are no Parquet file: too short, or without its magic.
        case notParquet
        /// The file ends, or a length points, beyond what is there.
        case truncated
        /// The file breaks the format's rules, or a checksum does not fit.
        case corrupt
        /// The file is valid as far as can be seen but uses something this reader does not know.
        case unsupported
        /// The file asks for more than the reader's limits allow.
        case limit
        /// The schema given to the writer breaks a rule.
        case invalidSchema
        /// The columns given to the writer do not fit its schema or one another.
        case invalidColumn
        /// A row group, field, leaf or row was asked for that is not there.
        case outOfRange
        /// The file could not be opened or mapped.
        case io
        /// Compressing or decompressing failed.
        case compression
    }

    /// What kind of fault it is.
    public let code: Code

    /// What went wrong and what to do about it.
    public let message: String

    /// The error beneath, where there was one.
    public let cause: (any Error)?

    /// The file; set by callers that know it.
    public var path: String?

    /// Byte offset in the file near which the fault was met, where it is known.
    public var offset: Int?

    /// Makes an error; `path` may be filled in later by whoever knows it.
    public init(
        _ code: Code, _ message: String, cause: (any Error)? = nil, path: String? = nil, offset: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.cause = cause
        self.path = path
        self.offset = offset
    }

    /// One line for a person: place, message and cause.
    public var description: String {
        var text = path.map { "\($0): " } ?? ""
        text += message
        if let offset { text += " (at byte \(offset))" }
        if let cause { text += ": \(cause)" }
        return text
    }
}
