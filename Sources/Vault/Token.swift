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
        withUnsafeTemporaryAllocation(byteCount: Self.longestBytes, alignment: 1) { buffer in
            let count = write(to: buffer.baseAddress!)
            return String(decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]), as: UTF8.self)
        }
    }

    /// The most bytes that a spelling has.
    package static let longestBytes = 4 + characterCount

    /// Writes the spelling's bytes, at most ``longestBytes``, and says how many they are.
    package func write(to target: UnsafeMutableRawPointer) -> Int {
        let out = target.assumingMemoryBound(to: UInt8.self)
        var count = 0
        let prefix = kind.prefixBytes
        while count < prefix.utf8CodeUnitCount {
            out[count] = prefix.utf8Start[count]
            count &+= 1
        }
        out[count] = 0x5f
        count &+= 1
        var place = 0
        while place < Self.characterCount {
            let shift = 59 - 5 * place
            let value = UInt8(truncatingIfNeeded: shift >= 0 ? bits >> UInt64(shift) & 31 : bits << 1 & 31)
            // a … z, then 2 … 7.
            out[count] = value < 26 ? 0x61 &+ value : 0x32 &+ (value &- 26)
            count &+= 1
            place &+= 1
        }
        return count
    }

    /// Orders tokens as their spellings are ordered by bytes.
    var sortKey: SortKey {
        var rest: UInt64 = 0
        var place = 0
        // Digits come before letters in ASCII and after them in the alphabet; the last character has four bits.
        while place < Self.characterCount - 1 {
            rest = rest << 5 | ((bits >> UInt64(59 - 5 * place) & 31) &+ 6 & 31)
            place += 1
        }
        rest = rest << 4 | ((bits << 1 & 31) &+ 6 & 31) >> 1
        return SortKey(kind: kind.prefixRank, rest: rest)
    }

    struct SortKey: Comparable {
        let kind: UInt8
        let rest: UInt64

        static func < (a: SortKey, b: SortKey) -> Bool { a.kind == b.kind ? a.rest < b.rest : a.kind < b.kind }
    }

    static let characterCount = 13
}
