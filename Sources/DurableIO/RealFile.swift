import Glibc

/// A file of the operating system, read and written by offset (pread, pwrite).
///
/// Safe across threads as far as the kernel's calls are, with one rule: the owner closes it when no other call is running.
final class RealFile: OpenFile, @unchecked Sendable {
    let path: String
    private var descriptor: Int32

    init(_ descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close() }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DurableIOError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset) + off_t(done))
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw DurableIOError(errno: errno, "read", path: path, offset: offset + UInt64(done))
            }
            done += count
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(DurableIOError) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + off_t(done))
            if count < 0 {
                if errno == EINTR { continue }
                throw DurableIOError(errno: errno, "write", path: path, offset: offset + UInt64(done))
            }
            done += count
        }
    }

    func truncate(to sizeBytes: UInt64) throws(DurableIOError) {
        guard ftruncate(descriptor, off_t(sizeBytes)) == 0 else {
            throw DurableIOError(errno: errno, "truncate", path: path, offset: sizeBytes)
        }
    }

    func sync() throws(DurableIOError) {
        guard fsync(descriptor) == 0 else { throw DurableIOError(errno: errno, "sync", path: path) }
    }

    func status() throws(DurableIOError) -> FileStatus {
        var found = Glibc.stat()
        guard fstat(descriptor, &found) == 0 else { throw DurableIOError(errno: errno, "look at", path: path) }
        return FileStatus(found)
    }

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }
}

/// An flock on a lock file that holds the pid of its holder as text, for the error message of the one who comes second.
///
/// The kernel drops the lock when the process ends, however it ends; the pid that stays in the file then means nothing.
final class RealFileLock: FileLock, @unchecked Sendable {
    let path: String
    private var descriptor: Int32

    init(_ path: String) throws(DurableIOError) {
        self.path = path
        let descriptor = try openDescriptor(path, O_RDWR | O_CREAT)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            let holder = number == EWOULDBLOCK ? Self.readHolder(descriptor) : nil
            Glibc.close(descriptor)
            guard number == EWOULDBLOCK else { throw DurableIOError(errno: number, "lock", path: path) }
            let who = holder.map { "process \($0)" } ?? "another process"
            throw DurableIOError(
                .locked(holder: holder), "is in use by \(who): stop it, or wait until it has finished", path: path)
        }
        let text = "\(getpid())\n"
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.utf8.count, 0) == text.utf8.count else {
            let number = errno
            Glibc.close(descriptor)
            throw DurableIOError(errno: number, "write", path: path)
        }
        self.descriptor = descriptor
    }

    deinit { release() }

    func release() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    private static func readHolder(_ descriptor: Int32) -> Int32? {
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: buffer[..<count].prefix { $0 != 0x0A }, as: UTF8.self))
    }
}
