import Glibc

/// The operating system's files.
public struct RealFileSystem: FileSystem {
    /// Makes one; it has no state.
    public init() {}

    public func open(_ path: String, _ mode: OpenMode) throws(DurableIOError) -> any OpenFile {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .readWriteCreating: O_RDWR | O_CREAT
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            }
        return RealFile(try openDescriptor(path, flags), path: path)
    }

    public func status(_ path: String) throws(DurableIOError) -> FileStatus? {
        var found = Glibc.stat()
        guard fstatat(AT_FDCWD, path, &found, 0) == 0 else {
            if errno == ENOENT { return nil }
            throw DurableIOError(errno: errno, "look at", path: path)
        }
        return FileStatus(found)
    }

    public func isSymbolicLink(_ path: String) -> Bool {
        var found = Glibc.stat()
        return fstatat(AT_FDCWD, path, &found, AT_SYMLINK_NOFOLLOW) == 0 && found.st_mode & S_IFMT == S_IFLNK
    }

    public func list(_ directory: String) throws(DurableIOError) -> [String] {
        guard let stream = opendir(directory) else {
            throw DurableIOError(errno: errno, "list", path: directory)
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw DurableIOError(errno: errno, "list", path: directory) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    public func createDirectory(_ path: String) throws(DurableIOError) {
        guard mkdir(path, 0o700) == 0 else { throw DurableIOError(errno: errno, "create directory", path: path) }
    }

    public func rename(_ source: String, to destination: String) throws(DurableIOError) {
        guard Glibc.rename(source, destination) == 0 else {
            throw DurableIOError(errno: errno, "rename to \(destination)", path: source)
        }
    }

    public func remove(_ path: String) throws(DurableIOError) {
        guard Glibc.remove(path) == 0 else { throw DurableIOError(errno: errno, "remove", path: path) }
    }

    public func syncDirectory(_ path: String) throws(DurableIOError) {
        let descriptor = try openDescriptor(path, O_RDONLY | O_DIRECTORY)
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DurableIOError(errno: errno, "sync directory", path: path) }
    }

    public func map(_ path: String) throws(DurableIOError) -> FileBytes {
        let descriptor = try openDescriptor(path, O_RDONLY)
        defer { Glibc.close(descriptor) }
        var found = Glibc.stat()
        guard fstat(descriptor, &found) == 0 else { throw DurableIOError(errno: errno, "look at", path: path) }
        guard found.st_mode & S_IFMT == S_IFREG else {
            throw DurableIOError(.wrongKind, "is not a regular file", path: path)
        }
        let count = Int(found.st_size)
        guard count > 0 else { return FileBytes([]) }
        guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw DurableIOError(errno: errno, "map", path: path)
        }
        return FileBytes(mapping: UnsafeRawBufferPointer(start: start, count: count))
    }

    public func lock(_ path: String) throws(DurableIOError) -> any FileLock {
        try RealFileLock(path)
    }
}

/// Opens a descriptor that does not leak into child processes; a signal does not make it fail.
func openDescriptor(_ path: String, _ flags: Int32) throws(DurableIOError) -> Int32 {
    while true {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
        if descriptor >= 0 { return descriptor }
        if errno != EINTR { throw DurableIOError(errno: errno, "open", path: path) }
    }
}

extension FileStatus {
    init(_ found: stat) {
        let kind: Kind =
            switch found.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            default: .other
            }
        self.init(
            kind: kind, sizeBytes: UInt64(max(0, found.st_size)),
            modifiedMicroseconds: Int64(found.st_mtim.tv_sec) * 1_000_000 + Int64(found.st_mtim.tv_nsec) / 1_000,
            device: UInt64(found.st_dev), inode: UInt64(found.st_ino), permissions: UInt16(found.st_mode & 0o7777))
    }
}

extension DurableIOError {
    /// Turns the operating system's error number into a message that says what to do.
    init(errno number: Int32, _ verb: String, path: String, offset: UInt64? = nil) {
        let reason = String(cString: strerror(number))
        let (code, remedy): (Code, String) =
            switch number {
            case ENOENT: (.notFound, "check the path")
            case EEXIST, ENOTEMPTY: (.exists, "choose another path or remove it first")
            case EACCES, EPERM: (.noPermission, "check the owner and the permissions")
            case ENOSPC, EDQUOT: (.noSpace, "free some space on this disk, then start again; nothing is lost")
            case EIO: (.ioFailure, "the disk failed; check the hardware and the kernel's log")
            case ENOTDIR, EISDIR: (.wrongKind, "check the path")
            case EROFS: (.readOnly, "mount the disk for writing")
            case EMFILE, ENFILE: (.tooManyOpenFiles, "raise the limit of open files (ulimit -n)")
            default: (.other(errno: number), "error \(number)")
            }
        self.init(code, "cannot \(verb): \(reason) (\(remedy))", path: path, offset: offset)
    }
}
