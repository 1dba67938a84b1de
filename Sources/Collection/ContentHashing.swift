/// Keyed hash functions, given from above: contents are recognised by them, and without the keys a cursor confirms no guess.
///
/// Ingestion gives HMAC-SHA-256 and Poly1305 under keys of the store.
public protocol ContentHashing: Sendable {
    /// Writes the 32-byte digest of `bytes`, a pseudorandom function of them, to `digest`, which may overlap the beginning of `bytes`.
    func digest(_ bytes: UnsafeRawBufferPointer, into digest: UnsafeMutableRawBufferPointer)

    /// Writes the 16-byte universal hash of `bytes` to `tag`: cheap, and equal for two different inputs by a tiny chance only, as long as nobody
    /// sees one. It goes into a digest and nowhere else.
    func tag(_ bytes: UnsafeRawBufferPointer, into tag: UnsafeMutableRawBufferPointer)
}

/// A 32-byte keyed digest of content.
public struct ContentDigest: Hashable, Sendable, CustomStringConvertible {
    /// The bytes, always 32.
    public let bytes: [UInt8]

    /// Takes 32 bytes; nil for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Reads 64 hexadecimal digits; nil for anything else.
    public init?(hex: String) {
        guard let bytes = Self.bytes(hex: hex), bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// The digest of `bytes`.
    init(of bytes: UnsafeRawBufferPointer, _ hashing: any ContentHashing) {
        self.bytes = [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            hashing.digest(bytes, into: UnsafeMutableRawBufferPointer(buffer))
            count = 32
        }
    }

    /// 64 lower-case hexadecimal digits.
    public var hex: String { Self.hex(bytes) }

    /// ``hex``.
    public var description: String { hex }

    /// The first eight bytes as a number, for waypoints.
    var short: UInt64 { bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func bytes(hex: String) -> [UInt8]? {
        let digits = hex.utf8.map { digit -> UInt8? in
            switch digit {
            case 48...57: digit - 48
            case 97...102: digit - 87
            default: nil
            }
        }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for i in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[i], let low = digits[i + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
