extension FileSystem {
    /// Whether anything lies at the path.
    public func exists(_ path: String) throws(DurableIOError) -> Bool {
        try status(path) != nil
    }

    /// Reads a whole file.
    ///
    /// - Parameter limitBytes: refuse larger files with ``DurableIOError/Code-swift.enum/tooLarge``.
    public func readFile(_ path: String, limitBytes: UInt64 = 1 << 31) throws(DurableIOError) -> [UInt8] {
        let file = try open(path, .read)
        defer { file.close() }
        let size = try file.status().sizeBytes
        guard size <= limitBytes else {
            throw DurableIOError(.tooLarge, "is \(size) bytes, more than the limit of \(limitBytes)", path: path)
        }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        let count = try bytes.readFrom(file)
        if count < bytes.count { bytes.removeLast(bytes.count - count) }
        return bytes
    }

    /// Creates a file that must not exist, with durable content. Its name is durable after ``syncDirectory(_:)``.
    public func createFile(_ path: String, _ bytes: [UInt8]) throws(DurableIOError) {
        let file = try open(path, .createNew)
        defer { file.close() }
        try file.writeAll(bytes)
        try file.sync()
    }

    /// Puts a file in place under its final name only when its content is durable: written beside it as `<path>.tmp`,
    /// synced, renamed. A reader sees the old content or the new, never a part.
    ///
    /// The directory is *not* synced: write several files so, then call ``syncDirectory(_:)`` once.
    public func replaceFile(_ path: String, _ bytes: [UInt8]) throws(DurableIOError) {
        let temporary = path + ".tmp"
        let file = try open(temporary, .readWriteCreating)
        defer { file.close() }
        try file.truncate(to: 0)
        try file.writeAll(bytes)
        try file.sync()
        try rename(temporary, to: path)
    }

    /// Replaces a file so that after return the new content is durable, and before it a crash leaves the old or the new.
    public func atomicReplace(_ path: String, _ bytes: [UInt8]) throws(DurableIOError) {
        try replaceFile(path, bytes)
        try syncDirectory(directory(of: path))
    }

    /// Creates a directory and its missing parents, every new name synced.
    public func createDirectories(_ path: String) throws(DurableIOError) {
        if let found = try status(path) {
            guard found.kind == .directory else {
                throw DurableIOError(.wrongKind, "is a file, a directory was expected", path: path)
            }
            return
        }
        let parent = directory(of: path)
        try createDirectories(parent)
        do {
            try createDirectory(path)
        } catch where error.code == .exists {
            // Another process was quicker; its name still has to become durable.
        }
        try syncDirectory(parent)
    }

    /// Removes a directory with all that is in it; nothing happens when there is none.
    public func removeTree(_ path: String) throws(DurableIOError) {
        guard let found = try status(path) else { return }
        if found.kind == .directory {
            for name in try list(path) { try removeTree("\(path)/\(name)") }
        }
        try remove(path)
    }

    /// The directory part of a path: `a/b` -> `a`, `b` -> `.`, `/b` -> `/`.
    public func directory(of path: String) -> String {
        var bytes = path.utf8[...]
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == bytes.startIndex ? "/" : String(Substring(bytes[..<slash]))
    }
}

extension OpenFile {
    /// Writes an array at an offset.
    public func writeAll(_ bytes: [UInt8], at offset: UInt64 = 0) throws(DurableIOError) {
        var failure: DurableIOError?
        bytes.withUnsafeBytes { buffer in
            do throws(DurableIOError) { try write(buffer, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Reads up to `count` bytes at an offset; fewer only at the end of the file.
    public func read(at offset: UInt64, count: Int) throws(DurableIOError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = try bytes.readFrom(self, at: offset)
        if read < count { bytes.removeLast(count - read) }
        return bytes
    }
}

extension [UInt8] {
    /// Fills the array from a file; returns how many bytes there were.
    fileprivate mutating func readFrom(_ file: any OpenFile, at offset: UInt64 = 0) throws(DurableIOError) -> Int {
        var failure: DurableIOError?
        var count = 0
        withUnsafeMutableBytes { buffer in
            do throws(DurableIOError) { count = try file.read(into: buffer, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
        return count
    }
}
