/// Why an operation on the store failed, in words that a person can act on.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: Hashable, Sendable {
        /// There is no store in this directory.
        case noStore
        /// A store, or something else, is there already.
        case exists
        /// The store was written by a newer proofline. Nothing was changed.
        case newerFormat(found: Int, known: Int)
        /// Another process has the store open for writing.
        case locked(holder: Int32?)
        /// The store was opened for reading only.
        case readOnly
        /// A draft or entry breaks a rule of the store: the caller's data, not the disk.
        case invalidDraft
        /// A log entry would be longer than ``StoreLimits/entryBytes``.
        case entryTooLarge
        /// The files disagree with one another, or a checksum does not fit. Run `proofline fsck`.
        case damaged
        /// A segment cannot be read; the rest of the store can.
        case damagedSegment(Int64)
        /// Something that was asked for is not in the store.
        case notFound
        /// The disk is full.
        case noSpace
        /// Reading or writing failed below the store.
        case ioFailure
        /// An earlier commit ended without an answer from the disk; close the store and open it again.
        case mustReopen
    }

    /// The kind of failure.
    public let code: Code
    /// What went wrong and how to remedy it: one line.
    public let message: String
    /// The file or directory it is about.
    public let path: String?
    /// Byte offset in that file, where there is one.
    public let offset: UInt64?
    /// The failure beneath, if any.
    public let cause: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, path: String? = nil, offset: UInt64? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.path = path
        self.offset = offset
        self.cause = cause
    }

    /// One line: path, message and cause.
    public var description: String {
        var text = path.map { "\($0): " } ?? ""
        text += message
        if let offset { text += " (at byte \(offset))" }
        if let cause { text += ": \(cause)" }
        return text
    }
}
