import Cryptography
import DurableIO

/// Size and SHA-256 of a file, read in pieces so that memory does not grow with it.
struct FileDigest {
    /// Bytes read at once.
    private static let pieceBytes = 1 << 20

    let sizeBytes: UInt64
    let sha256: SHA256Digest

    /// Reads a file to its end.
    ///
    /// - Parameter body: Is given each piece with its offset, for copying on the way.
    init(of file: any OpenFile, _ body: (_ piece: [UInt8], _ offset: UInt64) throws -> Void = { _, _ in }) throws {
        var hasher = SHA256()
        var offset: UInt64 = 0
        while true {
            let piece = try file.read(at: offset, count: Self.pieceBytes)
            if piece.isEmpty { break }
            hasher.update(piece)
            try body(piece, offset)
            offset += UInt64(piece.count)
        }
        sizeBytes = offset
        sha256 = hasher.finalize()
    }

    /// Reads the file at a path.
    init(of path: String, _ files: any FileSystem) throws {
        let file = try files.open(path, .read)
        defer { file.close() }
        try self.init(of: file)
    }
}
