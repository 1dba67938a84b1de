/// The operations on files that durable stores need, so that a simulated disk can take the real one's place in tests.
///
/// The contract is POSIX's, read strictly: written bytes survive a crash only after ``OpenFile/sync()``, and a name
/// (created, renamed or removed) survives only after ``syncDirectory(_:)`` of the directory that holds it.
/// Paths are absolute or relative to the working directory; components are separated by `/`.
/// All operations throw ``DurableIOError``.
public protocol FileSystem: Sendable {
    /// Opens a file.
    func open(_ path: String, _ mode: OpenMode) throws(DurableIOError) -> any OpenFile

    /// What lies at a path (symbolic links are followed); `nil` when there is nothing.
    func status(_ path: String) throws(DurableIOError) -> FileStatus?

    /// Whether the name itself is a symbolic link, wherever it leads; false where that cannot be told.
    func isSymbolicLink(_ path: String) -> Bool

    /// The names in a directory, sorted by bytes, without `.` and `..`.
    func list(_ directory: String) throws(DurableIOError) -> [String]

    /// Creates one directory, mode 0700. The parent must exist. The name is durable after syncing the parent.
    func createDirectory(_ path: String) throws(DurableIOError)

    /// Gives a file or directory another name in one step, replacing a file that had it.
    func rename(_ source: String, to destination: String) throws(DurableIOError)

    /// Removes a file, or an empty directory.
    func remove(_ path: String) throws(DurableIOError)

    /// Makes the names in a directory durable.
    func syncDirectory(_ path: String) throws(DurableIOError)

    /// The whole content of a file, mapped into memory where the file system can; meant for immutable files.
    func map(_ path: String) throws(DurableIOError) -> FileBytes

    /// Takes the exclusive lock of a lock file (created when missing) without waiting; it ends with the returned object.
    ///
    /// - Throws: ``DurableIOError/Code-swift.enum/locked(holder:)`` naming the process that holds it.
    func lock(_ path: String) throws(DurableIOError) -> any FileLock
}

extension FileSystem {
    /// A file system without symbolic links.
    public func isSymbolicLink(_ path: String) -> Bool { false }
}

/// How a file is opened.
public enum OpenMode: Hashable, Sendable {
    /// Existing file, reading only.
    case read
    /// Existing file, reading and writing.
    case readWrite
    /// Created when missing (mode 0600), reading and writing.
    case readWriteCreating
    /// Must not exist yet (mode 0600), reading and writing.
    case createNew
}

/// An open file. It stays the same file when its name is changed or removed.
public protocol OpenFile: AnyObject, Sendable {
    /// The path that it was opened by.
    var path: String { get }

    /// Reads up to `buffer.count` bytes at an offset; fewer only at the end of the file.
    /// - Returns: the number of bytes read, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DurableIOError) -> Int

    /// Writes all bytes at an offset.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(DurableIOError)

    /// Cuts or extends (with zeros) the file.
    func truncate(to sizeBytes: UInt64) throws(DurableIOError)

    /// Makes the bytes written so far durable (fsync). The name is another matter: ``FileSystem/syncDirectory(_:)``.
    func sync() throws(DurableIOError)

    /// Size, identity and modification time as they are now.
    func status() throws(DurableIOError) -> FileStatus

    /// Closes the file; further calls fail. Dropping the last reference closes too.
    func close()
}

/// What the file system knows of a file.
public struct FileStatus: Hashable, Sendable {
    /// The kinds that matter here.
    public enum Kind: Hashable, Sendable {
        /// A regular file.
        case file
        /// A directory.
        case directory
        /// A pipe, socket or device.
        case other
    }

    /// File, directory or other.
    public let kind: Kind
    /// Length in bytes.
    public let sizeBytes: UInt64
    /// Last change of the content, microseconds since 1970-01-01 UTC.
    public let modifiedMicroseconds: Int64
    /// Device number: with `inode` the identity of a file while it exists.
    public let device: UInt64
    /// Inode number.
    public let inode: UInt64
    /// Permission bits (the low 12 bits of `st_mode`).
    public let permissions: UInt16

    /// Makes a status.
    public init(kind: Kind, sizeBytes: UInt64, modifiedMicroseconds: Int64, device: UInt64, inode: UInt64, permissions: UInt16) {
        self.kind = kind
        self.sizeBytes = sizeBytes
        self.modifiedMicroseconds = modifiedMicroseconds
        self.device = device
        self.inode = inode
        self.permissions = permissions
    }
}

/// A held lock; it is given up by ``release()`` or with the last reference, and by the kernel when the process ends.
public protocol FileLock: AnyObject, Sendable {
    /// Path of the lock file.
    var path: String { get }
    /// Gives the lock up.
    func release()
}
