/// Why an operation on the file system failed, in words that a person can act on.
public struct DurableIOError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure, for code that decides what to do next.
    public enum Code: Hashable, Sendable {
        /// No file or directory has this path.
        case notFound
        /// Something with this path exists already.
        case exists
        /// The operating system does not allow it.
        case noPermission
        /// The disk or the quota is full (ENOSPC, EDQUOT).
        case noSpace
        /// The device failed to read or write (EIO). After a failed fsync the data must be taken as lost.
        case ioFailure
        /// A directory was expected here, or a file where a directory is.
        case wrongKind
        /// The file system is mounted read-only.
        case readOnly
        /// The process or the system has no file descriptors left.
        case tooManyOpenFiles
        /// Another process holds the lock; the process id is that of the holder, where it could be read.
        case locked(holder: Int32?)
        /// A file is larger than the caller's limit.
        case tooLarge
        /// A file ended before all expected bytes were read.
        case truncated
        /// The simulated machine lost power. Only ``SimulatedFileSystem`` and ``InterruptedFileSystem`` report it.
        case crashed
        /// Any other failure, with the operating system's number.
        case other(errno: Int32)
    }

    /// The kind of failure.
    public let code: Code
    /// What went wrong and how to remedy it: one line.
    public let message: String
    /// The path that the operation was about.
    public let path: String
    /// Byte offset in the file, where the operation had one.
    public let offset: UInt64?
    /// The failure below this one, if any.
    public let cause: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, path: String, offset: UInt64? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.path = path
        self.offset = offset
        self.cause = cause
    }

    /// The message with its path.
    public var description: String { "\(path): \(message)" }
}
