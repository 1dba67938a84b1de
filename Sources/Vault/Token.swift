/// The pseudonym of an identity: 64 random bits under the prefix of its kind.
///
/// Written as the prefix, an underscore and 13 characters of RFC 4648 base32 in lower case without padding. 13 characters
/// hold 65 bits; the last, spare one is zero, so that each token has exactly one spelling (docs/formats/vault.md).
public struct Token: Hashable, Sendable, CustomStringConvertible {
    public let kind: IdentityKind
    /// The random bits. They say nothing about the identity.
    public let bits: UInt64

    public init(kind: IdentityKind, bits: UInt64) {
        self.kind = kind
        self.bits = bits
    }

    /// Reads a token as it is written; nil for anything else, also for an upper-case letter or a set spare bit.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count > Self.characterCount + 1 else { return nil }
        let split = bytes.count - Self.characterCount
        guard bytes[split - 1] == UInt8(ascii: "_"),
            let kind = IdentityKind(prefix: String(decoding: bytes[..<(split - 1)], as: UTF8.self))
        else { return nil }
        var bits: UInt64 = 0
        for (place, character) in bytes[split...].enumerated() {
            let value: UInt8
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a")
            case UInt8(ascii: "2")...UInt8(ascii: "7"): value = character - UInt8(ascii: "2") + 26
            default: return nil
            }
            if place == Self.characterCount - 1 {
                guard value & 1 == 0 else { return nil }
                bits = bits << 4 | UInt64(value >> 1)
            } else {
                bits = bits << 5 | UInt64(value)
            }
        }
        self.init(kind: kind, bits: bits)
    }

    /// The spelling, such as `usr_abcdefghijklm`.
    public var description: String {
        var characters = Array(kind.prefix.utf8) + [UInt8(ascii: "_")]
        for place in 0..<Self.characterCount {
            let shift = 59 - 5 * place
            let value = shift >= 0 ? bits >> UInt64(shift) & 31 : bits << 1 & 31
            characters.append(Self.alphabet[Int(value)])
        }
        return String(decoding: characters, as: UTF8.self)
    }

    static let characterCount = 13
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
}
