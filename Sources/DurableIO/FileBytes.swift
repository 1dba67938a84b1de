import Glibc

/// The bytes of an immutable file, mapped from disk or held in memory, freed with the last reference.
///
/// It trusts that nobody truncates the file while it is mapped: store files are only ever replaced by rename.
public final class FileBytes: @unchecked Sendable {
    /// The bytes; valid as long as this object lives.
    public let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// Takes ownership of a private read-only mapping.
    init(mapping: UnsafeRawBufferPointer) {
        bytes = mapping
        isMapped = true
    }

    /// Copies an array.
    public init(_ array: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(array.count, 1), alignment: 16)
        copy.copyBytes(from: array)
        bytes = UnsafeRawBufferPointer(start: copy.baseAddress, count: array.count)
        isMapped = false
    }

    deinit {
        guard let start = bytes.baseAddress else { return }
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
        } else {
            start.deallocate()
        }
    }

    /// Number of bytes.
    public var count: Int { bytes.count }

    /// A copy of all bytes.
    public func array() -> [UInt8] { [UInt8](bytes) }
}
