/// The bytes of a file as it grows, in pieces so that large ones are not copied.
struct FileOutput {
    /// What was appended and not taken yet.
    private var pieces: [[UInt8]] = []

    /// All bytes appended so far, taken ones included: the file offset of the next one.
    private(set) var byteCount: Int64 = 0

    /// Pieces below this are put together.
    private static let smallBytes = 4_096

    /// Appends bytes.
    mutating func append(_ bytes: [UInt8]) {
        byteCount += Int64(bytes.count)
        if bytes.count < Self.smallBytes, let last = pieces.last, last.count < Self.smallBytes * 4 {
            pieces[pieces.count - 1] += bytes
        } else if !bytes.isEmpty {
            pieces.append(bytes)
        }
    }

    /// Hands over what was not taken yet.
    mutating func takePieces() -> [[UInt8]] {
        defer { pieces = [] }
        return pieces
    }

    /// Hands over what was not taken yet, in one piece.
    mutating func take() -> [UInt8] {
        let taken = takePieces()
        if taken.count == 1 { return taken[0] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(taken.reduce(0) { $0 + $1.count })
        for piece in taken { bytes += piece }
        return bytes
    }
}
