import Parquet

/// How a text may be kept in fewer bytes, where rendering it again gives the same bytes (docs/formats/store.md).
///
/// A column of a row group uses one form at most; values that do not fit stay in the text column.
enum TypedForm: UInt8, CaseIterable, Sendable {
    /// 8-4-4-4-12 lower-case hex digits: 16 bytes in `X.uuid`.
    case uuid
    /// A prefix and an even number of lower-case hex digits: text in `X.prefix` (absent where there is none) and bytes in `X.hex`.
    case hex
    /// A decimal number from 0 to 999,999,999,999,999,999 without leading zeros: `X.number`.
    case number

    /// A column beside a text column.
    struct Sibling {
        let suffix: String
        let type: ParquetPrimitive
    }

    /// The siblings of a text column, in file order.
    static let siblings = [
        Sibling(suffix: "uuid", type: .uuid), Sibling(suffix: "prefix", type: .string), Sibling(suffix: "hex", type: .binary),
        Sibling(suffix: "number", type: .int64),
    ]
    /// Positions in ``siblings``.
    static let uuidSibling = 0
    static let prefixSibling = 1
    static let hexSibling = 2
    static let numberSibling = 3

    /// Fewest hex digits behind a prefix, and without one.
    static let prefixedDigits = 8
    static let bareDigits = 16
    /// Longest prefix.
    static let prefixBytes = 16

    /// The form that a text has, or nil.
    static func of(_ text: UnsafeRawBufferPointer) -> TypedForm? {
        if isUUID(text) { return .uuid }
        if number(text) != nil { return .number }
        return prefixCount(text) != nil ? .hex : nil
    }

    /// Whether a text can be kept in this form.
    @inline(__always)
    func fits(_ text: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .uuid: Self.isUUID(text)
        case .hex: Self.prefixCount(text) != nil
        case .number: Self.number(text) != nil
        }
    }

    // MARK: UUID

    static func isUUID(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 36, text[8] == 0x2D, text[13] == 0x2D, text[18] == 0x2D, text[23] == 0x2D else { return false }
        let words = HexWords.ofUUID(text.baseAddress!)
        return HexWords.areDigits(words.0) && HexWords.areDigits(words.1) && HexWords.areDigits(words.2) && HexWords.areDigits(words.3)
    }

    /// Writes the 16 bytes of a UUID that ``isUUID(_:)`` accepted.
    static func writeUUID(_ text: UnsafeRawBufferPointer, to out: UnsafeMutableRawPointer) {
        let words = HexWords.ofUUID(text.baseAddress!)
        out.storeBytes(of: HexWords.bytes(words.0), as: UInt32.self)
        out.storeBytes(of: HexWords.bytes(words.1), toByteOffset: 4, as: UInt32.self)
        out.storeBytes(of: HexWords.bytes(words.2), toByteOffset: 8, as: UInt32.self)
        out.storeBytes(of: HexWords.bytes(words.3), toByteOffset: 12, as: UInt32.self)
    }

    /// Writes the 36 characters of 16 bytes.
    static func renderUUID(_ bytes: UnsafeRawBufferPointer, to out: UnsafeMutableRawPointer) {
        var at = 0
        var byte = 0
        while byte < 16 {
            if at == 8 || at == 13 || at == 18 || at == 23 {
                out.storeBytes(of: 0x2D, toByteOffset: at, as: UInt8.self)
                at &+= 1
            }
            HexDigits.write(bytes[byte], to: out + at)
            at &+= 2
            byte &+= 1
        }
    }

    // MARK: Prefix and hex

    /// The length of the prefix of a text that is a prefix and hex digits, or nil.
    static func prefixCount(_ text: UnsafeRawBufferPointer) -> Int? {
        var start = text.count
        while start >= 8, HexWords.areDigits(text.loadUnaligned(fromByteOffset: start &- 8, as: UInt64.self)) { start &-= 8 }
        while start > 0, HexDigits.value(text[start &- 1]) <= 15 { start &-= 1 }
        let digits = text.count &- start
        guard digits & 1 == 0 else { return nil }
        if start == 0 { return digits >= bareDigits ? 0 : nil }
        guard digits >= prefixedDigits, start <= prefixBytes else { return nil }
        switch text[start &- 1] {
        case 0x2D, 0x2E, 0x2F, 0x3A, 0x5F: return start
        default: return nil
        }
    }

    // MARK: Numbers

    /// The value of a canonical decimal number, or nil.
    static func number(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard (1...18).contains(text.count), text[0] != 0x30 || text.count == 1 else { return nil }
        var value: Int64 = 0
        var i = 0
        while i < text.count {
            let digit = text[i] &- 0x30
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int64(digit)
            i &+= 1
        }
        return value
    }
}

/// Lower-case hex digits of bytes.
enum HexDigits {
    /// The value of a digit, 255 for anything else.
    @inline(__always)
    static func value(_ byte: UInt8) -> UInt8 {
        let digit = byte &- 0x30
        if digit < 10 { return digit }
        let letter = byte &- 0x61
        return letter < 6 ? letter &+ 10 : 255
    }

    /// Writes the two digits of a byte.
    @inline(__always)
    static func write(_ byte: UInt8, to out: UnsafeMutableRawPointer) {
        out.storeBytes(of: digit(byte &>> 4), as: UInt8.self)
        out.storeBytes(of: digit(byte & 15), toByteOffset: 1, as: UInt8.self)
    }

    @inline(__always)
    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 &+ nibble : 0x57 &+ nibble }
}
