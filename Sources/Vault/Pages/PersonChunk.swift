/// Where a token lies in the heap: the page, the chunk's first byte in it, and which token of the chunk.
struct HeapPlace: Hashable {
    let page: Int64
    let offset: Int
    let slot: Int

    init(page: Int64, offset: Int, slot: Int = 0) {
        (self.page, self.offset, self.slot) = (page, offset, slot)
    }

    init(_ packed: UInt64) {
        self.init(page: Int64(packed >> 20), offset: Int(packed >> 8 & 0xfff), slot: Int(packed & 0xff))
    }

    /// page << 20 | offset << 8 | slot.
    var packed: UInt64 { UInt64(bitPattern: page) << 20 | UInt64(offset) << 8 | UInt64(slot) }

    /// The place of the chunk itself.
    var chunk: HeapPlace { HeapPlace(page: page, offset: offset) }
}

/// Tokens that one subject was given together, with their sealed values (docs/formats/vault.md).
///
/// size (u32) ‖ count (u16) ‖ 0 (u16) ‖ subject (u64) ‖ tokens ‖ box, all big-endian. A token: the first 16 bytes of its look-up, bits (u64), kind (u8), role
/// (u8), namespace (u16), scope (u16), bytes of its value (u32). The box holds a salt (32 bytes) and the value for each token, sealed under the subject's
/// key with everything from the count to the last token as additional data. Of an erased chunk the size stays; all else is zero.
struct PersonChunk {
    struct Token {
        let lookupStart: UInt64
        let lookupNext: UInt64
        let bits: UInt64
        let kind: UInt8
        let role: UInt8
        /// The source in which it is an id, by its number; 0 where in none.
        let namespace: Int
        /// The source whose number it is; 0 for what is no number.
        let scope: Int
        let valueBytes: Int
    }

    static let headBytes = 16
    static let tokenBytes = 34
    static let saltBytes = 32
    /// Most tokens of a chunk.
    static let mostTokens = 64

    let subject: Int64
    let tokens: [Token]
    /// All bytes of the chunk.
    var bytes: [UInt8]

    /// Reads the chunk at `offset` of a page; nil where there is none or it was erased.
    init?(_ bytes: [UInt8], at offset: Int) {
        guard let chunk = bytes.withUnsafeBytes({ PersonChunk($0, at: offset) }) else { return nil }
        self = chunk
    }

    private init?(_ page: UnsafeRawBufferPointer, at offset: Int) {
        guard let size = Self.size(page, at: offset), size >= Self.headBytes else { return nil }
        let count = Self.u16(page, offset + 4)
        guard count > 0, Self.headBytes + Self.tokenBytes * count <= size else { return nil }
        subject = Int64(bitPattern: Self.u64(page, offset + 8))
        tokens = (0..<count).map { Self.token(page, at: offset, slot: $0) }
        bytes = Array(page[offset..<(offset + size)])
    }

    /// The bytes of a chunk at this offset, erased ones included; nil where none fits.
    static func size(_ page: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        guard offset >= 0, offset + headBytes <= page.count else { return nil }
        let size = Int(u64(page, offset) >> 32)
        return size >= headBytes && size <= page.count - offset ? size : nil
    }

    /// One token of the chunk at `offset`; nil where there is none.
    static func found(_ page: UnsafeRawBufferPointer, _ place: HeapPlace) -> (subject: Int64, token: Token)? {
        guard let size = size(page, at: place.offset), place.slot < u16(page, place.offset + 4),
            headBytes + tokenBytes * (place.slot + 1) <= size
        else { return nil }
        return (Int64(bitPattern: u64(page, place.offset + 8)), token(page, at: place.offset, slot: place.slot))
    }

    /// All chunks of a page that hold something, with their offsets; nil where the page does not divide into chunks.
    static func all(in page: [UInt8]) -> [(offset: Int, chunk: PersonChunk)]? { page.withUnsafeBytes { all(in: $0) } }

    private static func all(in page: UnsafeRawBufferPointer) -> [(offset: Int, chunk: PersonChunk)]? {
        var chunks: [(offset: Int, chunk: PersonChunk)] = []
        var offset = 0
        while offset < page.count {
            guard let size = size(page, at: offset) else { return nil }
            if let chunk = PersonChunk(page, at: offset) { chunks.append((offset, chunk)) }
            offset += size
        }
        return chunks
    }

    var boxStart: Int { Self.headBytes + Self.tokenBytes * tokens.count }

    /// What the box is sealed with: count, subject and tokens.
    var aad: [UInt8] { Array(bytes[4..<boxStart]) }

    var box: [UInt8] { Array(bytes[boxStart...]) }

    /// The same tokens under another subject, their values sealed anew by `seal`, which is given the additional data.
    func moved(to subject: Int64, _ seal: ([UInt8]) throws -> [UInt8]) rethrows -> [UInt8] {
        var moved = bytes
        moved.replaceSubrange(8..<16, with: Vault.bigEndian(UInt64(bitPattern: subject)))
        moved.replaceSubrange(boxStart..., with: try seal(Array(moved[4..<boxStart])))
        return moved
    }

    private static func token(_ page: UnsafeRawBufferPointer, at offset: Int, slot: Int) -> Token {
        let at = offset + headBytes + tokenBytes * slot
        return Token(
            lookupStart: u64(page, at), lookupNext: u64(page, at + 8), bits: u64(page, at + 16), kind: page[at + 24], role: page[at + 25],
            namespace: u16(page, at + 26), scope: u16(page, at + 28), valueBytes: u16(page, at + 30) << 16 | u16(page, at + 32))
    }

    private static func u16(_ page: UnsafeRawBufferPointer, _ at: Int) -> Int { Int(page[at]) << 8 | Int(page[at + 1]) }

    private static func u64(_ page: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        precondition(at + 8 <= page.count, "a number lies within its page")
        return UInt64(bigEndian: page.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    }
}
