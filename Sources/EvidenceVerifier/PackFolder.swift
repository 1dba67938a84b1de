import Glibc

/// The folder of a pack on disk, read without trust: links are never followed, nothing but plain files is opened, and there
/// are limits on names, depth, number and size.
struct PackFolder {
    /// The most files and folders that are looked at.
    static let maximumEntryCount = 500_000
    /// The deepest folder: `reports/<ID>/…` and `proofs/seals/…` need two.
    static let maximumDepth = 8
    /// The largest file that is looked at, in bytes: a sparse file would keep a verifier busy for days.
    static let maximumFileBytes = 1 << 36
    /// The largest file that is read into memory, in bytes.
    static let maximumReadBytes = 1 << 30
    /// The same where nobody that is trusted answers for the pack: whoever made it may want a verifier to run out of memory.
    static let maximumUnsignedReadBytes = 4 << 20
    /// Bytes that all paths may have together; things that do not belong are named up to a number.
    private static let maximumPathBytes = 64 << 20
    private static let maximumStrangerCount = 1_000

    let path: String
    /// Plain files, relative paths with `/`, sorted by bytes.
    private(set) var files: [String] = []
    /// What should not be there: links, devices, empty folders, names that cannot be, too much.
    private(set) var strangers: [(path: String, what: String)] = []
    private var entryCount = 0
    private var pathBytes = 0
    /// Whether so much lies there that the walk ended.
    private var isFull = false
    /// The largest file that is read into memory, in bytes.
    private(set) var readLimitBytes = maximumReadBytes

    /// From here on large files count as such that cannot be read.
    mutating func distrust() { readLimitBytes = Self.maximumUnsignedReadBytes }

    /// Lists the folder.
    ///
    /// - Throws: ``Failure`` when it is no folder or cannot be read.
    init(path: String) throws(Failure) {
        self.path = path
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Failure(message: "\(path) is no folder; give the path of a pack")
        }
        let top = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard top >= 0 else { throw Failure(message: "\(path) cannot be read: \(String(cString: strerror(errno)))") }
        walk(top, prefix: "", depth: 0)
        files.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The pack cannot be looked at at all: a failure of the call, not a finding.
    struct Failure: Error {
        let message: String
    }

    /// Takes over the descriptor.
    private mutating func walk(_ descriptor: Int32, prefix: String, depth: Int) {
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return strangers.append((prefix, "cannot be read"))
        }
        defer { closedir(stream) }
        var isEmpty = true
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) }
            guard bytes != [0x2e], bytes != [0x2e, 0x2e] else { continue }
            isEmpty = false
            entryCount += 1
            pathBytes += prefix.utf8.count + bytes.count
            guard !isFull else { return }
            if entryCount > Self.maximumEntryCount || pathBytes > Self.maximumPathBytes || strangers.count >= Self.maximumStrangerCount {
                isFull = true
                strangers.append((prefix, "more than \(Self.maximumEntryCount) files, or more that does not belong than is named"))
                return
            }
            // A name that is not of the allowed characters is shown, never opened.
            guard bytes.allSatisfy(PackPath.isAllowed), bytes.first != 0x2e, let name = String(validating: bytes, as: UTF8.self) else {
                strangers.append((prefix + String(decoding: bytes, as: UTF8.self), "a name that no file of a pack has"))
                continue
            }
            visit(name, in: dirfd(stream), prefix: prefix, depth: depth)
        }
        if isEmpty, depth > 0 { strangers.append((prefix, "an empty folder")) }
    }

    private mutating func visit(_ name: String, in folder: Int32, prefix: String, depth: Int) {
        let path = prefix + name
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return strangers.append((path, "cannot be read")) }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            guard status.st_size <= Self.maximumFileBytes else { return strangers.append((path, "a file of \(status.st_size) bytes")) }
            files.append(path)
        case S_IFLNK: strangers.append((path, "a symbolic link"))
        case S_IFDIR:
            guard depth + 1 < Self.maximumDepth else { return strangers.append((path, "a folder nested too deeply")) }
            let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard inner >= 0 else { return strangers.append((path, "cannot be read")) }
            walk(inner, prefix: path + "/", depth: depth + 1)
        default: strangers.append((path, "neither file nor folder"))
        }
    }

    /// Opens a file that the walk found, component by component, so that no link is followed even if one was put there since.
    private func open(file: String) -> Int32? {
        var folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return nil }
        let components = file.split(separator: "/")
        for component in components.dropLast() {
            let inner = openat(folder, String(component), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            close(folder)
            guard inner >= 0 else { return nil }
            folder = inner
        }
        let descriptor = openat(folder, String(components.last ?? ""), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        close(folder)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Gives the file's bytes to `body` in pieces; false when it cannot be read to its end.
    func forEachPiece(of file: String, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard let descriptor = open(file: file) else { return false }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress!, buffer.count)
            if count < 0 { return false }
            if count == 0 { return true }
            body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// The file's bytes; nil when it is not there, cannot be read, or is over the limit.
    func read(_ file: String, limitBytes: Int = maximumReadBytes) -> [UInt8]? {
        let limitBytes = min(limitBytes, readLimitBytes)
        guard contains(file) else { return nil }
        var bytes: [UInt8] = []
        var isOver = false
        let isWhole = forEachPiece(of: file) { piece in
            guard !isOver, bytes.count + piece.count <= limitBytes else {
                isOver = true
                return
            }
            bytes.append(contentsOf: piece)
        }
        return isWhole && !isOver ? bytes : nil
    }

    /// Whether the walk found this plain file.
    func contains(_ file: String) -> Bool {
        var low = 0
        var high = files.count
        while low < high {
            let middle = (low + high) / 2
            if files[middle].utf8.lexicographicallyPrecedes(file.utf8) { low = middle + 1 } else { high = middle }
        }
        return low < files.count && files[low].utf8.elementsEqual(file.utf8)
    }

    /// The files below a folder, which is named with its final `/`.
    func files(below folder: String) -> [String] { files.filter { $0.utf8.starts(with: folder.utf8) } }
}

/// What paths in a pack are made of.
enum PackPath {
    /// `A-Z a-z 0-9 . _ -`.
    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
        default: false
        }
    }

    /// Whether these bytes are a relative path of the specification: allowed characters, no empty, `.` or hidden component.
    static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count <= 1024 else { return false }
        return bytes.split(separator: 0x2f, omittingEmptySubsequences: false).allSatisfy { component in
            !component.isEmpty && component.first != 0x2e && component.allSatisfy(isAllowed)
        }
    }
}
