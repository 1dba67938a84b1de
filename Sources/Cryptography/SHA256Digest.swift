/// A SHA-256 digest: 32 bytes as a value.
///
/// Held as four words so that comparing and hashing cost a few instructions and no allocation.
public struct SHA256Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Number of bytes in a digest.
    public static let sizeBytes = 32

    /// The 32 bytes in memory order; never interpreted as numbers.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// 32 zero bytes.
    public static let zero = SHA256Digest()

    private init() {
        words = (0, 0, 0, 0)
    }

    /// The digest made of these bytes, or nil when they are not exactly 32.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.sizeBytes else { return nil }
        self.init()
        Swift.withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
    }

    /// The digest made of these bytes, or nil when they are not exactly 32.
    public init?(_ bytes: some Sequence<UInt8>) {
        self.init(Array(bytes).withUnsafeBytes { SHA256Digest($0) })
    }

    private init?(_ digest: SHA256Digest?) {
        guard let digest else { return nil }
        self = digest
    }

    /// The digest written as 64 lower-case hex digits, or nil for anything else.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 2 * Self.sizeBytes, let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    /// The digest as an array.
    public var bytes: [UInt8] {
        withUnsafeBytes { Array($0) }
    }

    /// 64 lower-case hex digits.
    public var hex: String {
        withUnsafeBytes { Hex.encode($0) }
    }

    /// Standard base64 with padding: 44 characters.
    public var base64: String {
        withUnsafeBytes { Base64.encode($0) }
    }

    public var description: String { hex }

    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try Swift.withUnsafeBytes(of: words, body)
    }

    /// A digest that `fill` writes; all 32 bytes must be written.
    public init<E: Error>(filling fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        self.init()
        try Swift.withUnsafeMutableBytes(of: &words, fill)
    }

    public static func == (a: SHA256Digest, b: SHA256Digest) -> Bool {
        a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2 && a.words.3 == b.words.3
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }

    /// Order of the bytes, first byte first (the order of the hex forms).
    public static func < (a: SHA256Digest, b: SHA256Digest) -> Bool {
        if a.words.0 != b.words.0 { return a.words.0.bigEndian < b.words.0.bigEndian }
        if a.words.1 != b.words.1 { return a.words.1.bigEndian < b.words.1.bigEndian }
        if a.words.2 != b.words.2 { return a.words.2.bigEndian < b.words.2.bigEndian }
        return a.words.3.bigEndian < b.words.3.bigEndian
    }
}
