import Glibc

/// Byte strings in one buffer as pages hold them: the dictionary of a chunk, or the values of a page without one.
///
/// Invariant, checked where it is made: every entry lies within `storage`.
public struct ParquetEntries: Sendable {
    private let storage: [UInt8]

    /// Where entry 0 begins if all have one length.
    private let base: Int

    /// Where each entry begins, and at the end where one more would; empty if all have one length.
    private let starts: [UInt32]

    /// Bytes between the end of an entry and the start of the next.
    private let gap: Int

    /// The length of every entry, where it is the same by type: fixed bytes and UUIDs.
    public let fixedLength: Int?

    /// How many entries there are.
    public let count: Int

    /// Entries of any length: entry `i` is `storage[starts[i]..<starts[i + 1] - gap]`.
    init(storage: [UInt8], starts: [UInt32], gap: Int) {
        self.storage = storage
        self.starts = starts
        self.gap = gap
        base = 0
        fixedLength = nil
        count = max(0, starts.count - 1)
    }

    /// `count` entries of `fixedLength` bytes from `base` on.
    init(storage: [UInt8], base: Int, fixedLength: Int, count: Int) {
        precondition(base >= 0 && fixedLength > 0 && count <= (storage.count - base) / fixedLength, "Entries lie in their storage")
        self.storage = storage
        self.base = base
        self.fixedLength = fixedLength
        self.count = count
        starts = []
        gap = 0
    }

    /// Where an entry lies in the storage.
    @inline(__always)
    private func range(_ entry: Int) -> Range<Int> {
        if let fixedLength {
            precondition(entry >= 0 && entry < count, "There is no such entry")
            let start = base &+ entry &* fixedLength
            return start..<start &+ fixedLength
        }
        return Int(starts[entry])..<Int(starts[entry + 1]) &- gap
    }

    /// The length of an entry in bytes.
    public func byteCount(_ entry: Int) -> Int { range(entry).count }

    /// Bytes of memory it holds, for caches; not less than all entries have together.
    public var storageByteCount: Int { storage.count + starts.count * 4 }

    /// Calls `body` with the bytes of an entry, valid during the call only.
    public func withBytes<Result>(_ entry: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let range = range(entry)
        return try storage.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// Calls `body` with all entries at once, valid during the call only: for loops over many.
    public func withAll<Result>(_ body: (ParquetEntryView) throws -> Result) rethrows -> Result {
        try storage.withUnsafeBytes { bytes in
            try starts.withUnsafeBufferPointer { starts in
                try body(
                    ParquetEntryView(
                        bytes: bytes, starts: fixedLength == nil ? starts : nil, gap: gap, base: base, length: fixedLength ?? 0,
                        count: count))
            }
        }
    }

    /// The bytes of an entry, copied.
    public subscript(entry: Int) -> [UInt8] { Array(storage[range(entry)]) }

    /// An entry as text; bytes that are not UTF-8 become U+FFFD.
    public func string(_ entry: Int) -> String { withBytes(entry) { String(decoding: $0, as: UTF8.self) } }

    /// The first entry that is equal to `bytes`, or nil.
    ///
    /// - Complexity: A look at every entry's length, and at the bytes of those that are as long.
    public func firstIndex(of bytes: UnsafeRawBufferPointer) -> Int? {
        withAll { all in
            var entry = 0
            while entry < all.count {
                let candidate = all[entry]
                if candidate.count == bytes.count, bytes.isEmpty || memcmp(candidate.baseAddress!, bytes.baseAddress!, bytes.count) == 0 {
                    return entry
                }
                entry &+= 1
            }
            return nil
        }
    }
}

/// The entries of ``ParquetEntries`` as pointers, valid only within ``ParquetEntries/withAll(_:)``.
public struct ParquetEntryView {
    private let bytes: UnsafeRawBufferPointer
    private let starts: UnsafeBufferPointer<UInt32>?
    private let gap: Int
    private let base: Int
    private let length: Int

    /// How many entries there are.
    public let count: Int

    init(bytes: UnsafeRawBufferPointer, starts: UnsafeBufferPointer<UInt32>?, gap: Int, base: Int, length: Int, count: Int) {
        self.bytes = bytes
        self.starts = starts
        self.gap = gap
        self.base = base
        self.length = length
        self.count = count
    }

    /// All entries, if they lie one behind the other.
    var contiguousBytes: UnsafeRawBufferPointer? {
        guard let starts else { return UnsafeRawBufferPointer(rebasing: bytes[base..<base &+ count &* length]) }
        guard gap == 0, count > 0 else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[Int(starts[0])..<Int(starts[count])])
    }

    /// Where an entry of ``contiguousBytes`` ends in them.
    func end(_ entry: Int) -> Int {
        guard let starts else { return (entry &+ 1) &* length }
        return Int(starts[entry + 1]) &- Int(starts[0])
    }

    /// The bytes of an entry.
    public subscript(entry: Int) -> UnsafeRawBufferPointer {
        precondition(entry >= 0 && entry < count, "There is no such entry")
        guard let starts else {
            let start = base &+ entry &* length
            return UnsafeRawBufferPointer(rebasing: bytes[start..<start &+ length])
        }
        return UnsafeRawBufferPointer(rebasing: bytes[Int(starts[entry])..<Int(starts[entry &+ 1]) &- gap])
    }
}
