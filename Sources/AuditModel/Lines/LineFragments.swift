/// Pieces of lines that are made once and copied often.
///
/// Safety: a ``Piece`` is valid in the fragments that gave it, for ever; 64 bytes from its beginning may be read. Pointers are valid until
/// the next piece is made.
struct LineFragments {
    /// Where a piece lies: offset in the high half, size in the low one. 0 is none; a piece is never empty.
    typealias Piece = UInt64

    /// Beyond this many bytes no more pieces are made of texts: they are written out where they are needed.
    static let limitBytes = 1 << 30

    private var storage = GrowingBuffer<UInt8>(capacity: 16_384)

    func deallocate() { storage.deallocate() }

    /// Where the pieces lie.
    var base: UnsafeRawPointer { UnsafeRawPointer(storage.base) }

    /// The piece `bytes`.
    mutating func literal(_ bytes: some Collection<UInt8>) -> Piece {
        let start = storage.count
        storage.reserve(bytes.count &+ LineWriter.slackBytes)
        for byte in bytes { storage.append(byte) }
        return Self.piece(start, storage.count)
    }

    /// The piece prefix ‖ `"` ‖ text, escaped ‖ `"` ‖ suffix; none where there are too many bytes already.
    mutating func text(_ text: UnsafeRawBufferPointer, prefix: Piece, suffix: UInt8?) -> Piece {
        let start = storage.count
        let most = Int(truncatingIfNeeded: prefix & 0xffff_ffff) &+ 6 &* text.count &+ 3
        guard start &+ most < Self.limitBytes else { return 0 }
        storage.reserve(most &+ 2 &* LineWriter.slackBytes)
        var writer = LineWriter(base: UnsafeMutableRawPointer(storage.base), count: start, room: storage.capacity)
        if prefix != 0 { writer.copy(base + Int(prefix >> 32), Int(truncatingIfNeeded: prefix & 0xffff_ffff)) }
        writer.put(34)
        if let bytes = text.baseAddress { writer.escape(bytes, text.count) }
        writer.put(34)
        if let suffix { writer.put(suffix) }
        storage.count = writer.count
        return Self.piece(start, writer.count)
    }

    private static func piece(_ start: Int, _ end: Int) -> Piece { UInt64(start) << 32 | UInt64(end &- start) }
}
