/// The compressed formats that proofline reads.
public enum CompressionFormat: String, Hashable, Sendable, CaseIterable {
    /// Plain bytes.
    case none
    /// gzip, RFC 1952: one or more members.
    case gzip
    /// Zstandard, RFC 8878: one or more frames.
    case zstd

    /// How many leading bytes ``detect(_:)`` looks at.
    public static let detectionByteCount = 4

    /// Tells the format from the first bytes of a file; a name's extension is never trusted.
    ///
    /// - Parameter head: The first ``detectionByteCount`` bytes, or fewer if the file is shorter.
    public static func detect(_ head: [UInt8]) -> CompressionFormat {
        head.withUnsafeBytes { detect($0) }
    }

    /// Tells the format from the first bytes of a file, without a copy.
    public static func detect(_ head: UnsafeRawBufferPointer) -> CompressionFormat {
        if head.count >= 3, head[0] == 0x1F, head[1] == 0x8B, head[2] == 0x08 { return .gzip }
        guard head.count >= 4 else { return .none }
        let magic = UInt32(littleEndian: head.loadUnaligned(as: UInt32.self))
        let isSkippableFrame = magic & 0xFFFF_FFF0 == 0x184D_2A50
        return magic == 0xFD2F_B528 || isSkippableFrame ? .zstd : .none
    }
}
