import CZlib

/// The CRC-32 of gzip, PNG and Parquet pages (polynomial 0x04C11DB7, reflected; RFC 1952 §8).
public enum CRC32 {
    /// The checksum of `bytes`; `previous` continues an earlier piece.
    public static func checksum(_ bytes: UnsafeRawBufferPointer, previous: UInt32 = 0) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_z(UInt(previous), bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
    }

    /// The checksum of `bytes`.
    public static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { checksum($0) }
    }
}
