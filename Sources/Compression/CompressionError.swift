/// A compressed stream that cannot be read, or data that cannot be compressed.
///
/// Compressed input arrives from outside; every fault in it ends here and nothing traps.
public struct CompressionError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is, for callers that decide by it.
    public enum Code: String, Hashable, Sendable {
        /// The input ended inside a gzip member or a zstd frame (or before any began).
        case truncated
        /// The input breaks the format's rules or fails its checksum.
        case corrupt
        /// More bytes follow the last complete member, and they begin no further one.
        case trailingData
        /// Decoding would produce more than the caller allows.
        case outputLimit
        /// The library could not be set up, usually for want of memory.
        case resources
    }

    /// What kind of fault it is.
    public let code: Code

    /// What went wrong and what to do about it.
    public let message: String

    /// The library's own error, where there was one.
    public let cause: String?

    /// The file it came from; set by callers that know it.
    public var path: String?

    /// Byte offset in the compressed input near which the fault was met.
    public let offset: UInt64?

    /// Makes an error; `path` may be filled in later by whoever knows it.
    public init(_ code: Code, _ message: String, cause: String? = nil, path: String? = nil, offset: UInt64? = nil) {
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
        if let offset { text += " (at compressed byte \(offset))" }
        if let cause { text += ": \(cause)" }
        return text
    }
}
