/// Texts in double quotes as CSV and key=value write them.
enum QuotedText {
    /// Resolves `""`, `\"` and `\\` to the characters they stand for; other backslashes stay.
    static func plain(_ inside: ByteSlice, arena: Arena) -> ByteSlice {
        let room = arena.allocate(inside.count)
        var out = 0
        var at = 0
        while at < inside.count {
            let byte = inside[at]
            let next = at + 1 < inside.count ? inside[at + 1] : 0
            if byte == UInt8(ascii: "\""), next == UInt8(ascii: "\"") {
                at += 1
            } else if byte == UInt8(ascii: "\\"), next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\") {
                at += 1
            }
            room[out] = inside[at]
            out += 1
            at += 1
        }
        return ByteSlice(base: room, count: out)
    }

    /// Resolves doubled quotes alone, as CSV (RFC 4180) writes them.
    static func undoubled(_ inside: ByteSlice, arena: Arena) -> ByteSlice {
        let room = arena.allocate(inside.count)
        var out = 0
        var at = 0
        while at < inside.count {
            if inside[at] == UInt8(ascii: "\""), at + 1 < inside.count, inside[at + 1] == UInt8(ascii: "\"") { at += 1 }
            room[out] = inside[at]
            out += 1
            at += 1
        }
        return ByteSlice(base: room, count: out)
    }
}

extension QuotedText {
    /// Resolves `\=`, `\|`, `\\`, `\n` and `\r`, as the Common Event Format writes them; other backslashes stay.
    static func unescaped(_ text: ByteSlice, arena: Arena) -> ByteSlice {
        let room = arena.allocate(text.count)
        var out = 0
        var at = 0
        while at < text.count {
            room[out] = text[at]
            if text[at] == UInt8(ascii: "\\"), at + 1 < text.count {
                switch text[at + 1] {
                case UInt8(ascii: "="), UInt8(ascii: "|"), UInt8(ascii: "\\"): room[out] = text[at + 1]
                case UInt8(ascii: "n"): room[out] = 10
                case UInt8(ascii: "r"): room[out] = 13
                default: at -= 1
                }
                at += 1
            }
            out += 1
            at += 1
        }
        return ByteSlice(base: room, count: out)
    }
}
