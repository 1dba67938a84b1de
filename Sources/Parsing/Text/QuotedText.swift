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
