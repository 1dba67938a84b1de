import Glibc

/// The bytes of a file: in memory, or mapped from disk.
///
/// The bytes must stay as they are while anything reads them. A mapped file that another process cuts short ends this process with
/// SIGBUS, so only files that nobody truncates (segments are immutable) are mapped.
public final class ParquetBytes: @unchecked Sendable {
    // Safe to share: the buffer is never written after init and lives until deinit.
    private let buffer: UnsafeRawBufferPointer
    private let release: @Sendable () -> Void

    /// Copies `bytes`.
    public init(_ bytes: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        copy.copyBytes(from: bytes)
        buffer = UnsafeRawBufferPointer(copy)
        let address = UInt(bitPattern: copy.baseAddress)
        release = { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }
    }

    /// Refers to bytes that `owner` keeps as they are for as long as it lives.
    public init(_ bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable) {
        buffer = bytes
        release = { withExtendedLifetime(owner) {} }
    }

    /// Maps the file at `path`.
    ///
    /// - Throws: ``ParquetError`` with `.io` if it cannot be opened or mapped.
    public init(mapping path: String) throws(ParquetError) {
        func failure(_ what: String) -> ParquetError {
            ParquetError(.io, "The file cannot be \(what): \(String(cString: strerror(errno)))", path: path)
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opened") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("examined") }
        let count = Int(status.st_size)
        guard count > 0 else {
            buffer = UnsafeRawBufferPointer(start: nil, count: 0)
            release = {}
            return
        }
        guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw failure("mapped")
        }
        buffer = UnsafeRawBufferPointer(start: address, count: count)
        let bits = UInt(bitPattern: address)
        release = { munmap(UnsafeMutableRawPointer(bitPattern: bits), count) }
    }

    deinit { release() }

    /// How many bytes there are.
    public var count: Int { buffer.count }

    /// Calls `body` with all bytes, valid during the call only.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws(ParquetError) -> Result) throws(ParquetError) -> Result {
        try body(buffer)
    }
}
