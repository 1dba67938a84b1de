import Cryptography

/// The layout of a run of duplicate keys (docs/formats/store.md): a header, blocks of sorted keys, a directory of the blocks, a checksum.
enum DuplicateRunFormat {
    /// "PLDUPKY" and a zero byte.
    static let magic: [UInt8] = [0x50, 0x4C, 0x44, 0x55, 0x50, 0x4B, 0x59, 0x00]
    /// The version that this build reads and writes.
    static let version: UInt32 = 1
    /// Bytes before the first block.
    static let headerBytes = 64
    /// Keys in each block but the last.
    static let blockKeys = 4_096
    /// Bytes of a key.
    static let keyBytes = 16
    /// Bytes of a key's day, where days differ.
    static let dayBytes = 2
    /// Bytes of a block's entry in the directory: its first id and its checksum.
    static let directoryEntryBytes = 16
    /// A day that no key outlives: it is kept for ever.
    static let neverDay = UInt16.max

    private static let dayMicroseconds: Int64 = 86_400 * 1_000_000

    /// The last day of a key's life, counted from 1970-01-01 UTC; the life ends with that day, so a key lives up to a day longer than asked.
    static func day(of expires: Int64) -> UInt16 { UInt16(clamping: max(0, expires) / dayMicroseconds) }

    /// The moment from which a key of this day may be forgotten.
    static func end(ofDay day: UInt16) -> Int64 { day == neverDay ? .max : (Int64(day) + 1) * dayMicroseconds }

    /// What the header says.
    struct Header: Equatable {
        var count: Int
        var minDay: UInt16
        var maxDay: UInt16

        /// Whether each key has a day of its own.
        var hasDays: Bool { minDay != maxDay }
        var blockCount: Int { (count + blockKeys - 1) / blockKeys }
        /// Bytes from the beginning of one block to the next.
        var blockStride: Int { blockKeys * (keyBytes + (hasDays ? dayBytes : 0)) }
        /// Keys in a block.
        func keys(inBlock block: Int) -> Int { min(blockKeys, count - block * blockKeys) }
        /// Bytes of a block.
        func bytes(ofBlock block: Int) -> Int { keys(inBlock: block) * (keyBytes + (hasDays ? dayBytes : 0)) }
        /// Where the directory begins.
        var directoryOffset: Int { headerBytes + count * (keyBytes + (hasDays ? dayBytes : 0)) }
        /// Bytes of the whole file.
        var fileBytes: Int { directoryOffset + blockCount * directoryEntryBytes + SHA256Digest.sizeBytes }

        /// The 64 bytes of the header.
        var bytes: [UInt8] {
            var bytes = magic
            withUnsafeBytes(of: version.littleEndian) { bytes += $0 }
            withUnsafeBytes(of: UInt32(blockKeys).littleEndian) { bytes += $0 }
            withUnsafeBytes(of: UInt64(count).littleEndian) { bytes += $0 }
            withUnsafeBytes(of: minDay.littleEndian) { bytes += $0 }
            withUnsafeBytes(of: maxDay.littleEndian) { bytes += $0 }
            return bytes + [UInt8](repeating: 0, count: headerBytes - bytes.count)
        }

        init(count: Int, minDay: UInt16, maxDay: UInt16) {
            self.count = count
            self.minDay = minDay
            self.maxDay = maxDay
        }

        /// Reads a header; nil for anything that is not exactly one of a file of this size.
        init?(_ file: UnsafeRawBufferPointer) {
            guard file.count >= headerBytes, file.prefix(8).elementsEqual(magic) else { return nil }
            let count = UInt64(littleEndian: file.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
            guard UInt32(littleEndian: file.loadUnaligned(fromByteOffset: 8, as: UInt32.self)) == version,
                UInt32(littleEndian: file.loadUnaligned(fromByteOffset: 12, as: UInt32.self)) == UInt32(blockKeys),
                count > 0, count <= UInt64(file.count / keyBytes)
            else { return nil }
            self.init(
                count: Int(count), minDay: UInt16(littleEndian: file.loadUnaligned(fromByteOffset: 24, as: UInt16.self)),
                maxDay: UInt16(littleEndian: file.loadUnaligned(fromByteOffset: 26, as: UInt16.self)))
            guard minDay <= maxDay, fileBytes == file.count, file.prefix(headerBytes).elementsEqual(bytes) else { return nil }
        }
    }

    /// A block's checksum: the first eight bytes of its SHA-256, as they lie in the directory.
    static func sum(_ block: UnsafeRawBufferPointer) -> UInt64 {
        SHA256.hash(block).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    }
}

/// A run as the catalogue records it.
struct DuplicateRunRecord: Hashable, Sendable {
    /// Number of the file; never used twice.
    var id: Int64
    /// Keys in it.
    var count: Int
    /// First and last day on which one of its keys ends.
    var minDay: UInt16
    var maxDay: UInt16
    /// Bytes of the file.
    var sizeBytes: Int64
    /// SHA-256 of header and directory, which holds the checksums of the blocks.
    var sha256: SHA256Digest
}
