/// Strings and numbers of JSON, on bytes.
enum JSONText {
    /// Whether bytes are a number by RFC 8259 §6.
    static func isNumber(_ s: ByteSlice) -> Bool {
        var at = 0
        func digits() -> Bool {
            let start = at
            while at < s.count, s[at].isDigit { at += 1 }
            return at > start
        }
        if at < s.count, s[at] == UInt8(ascii: "-") { at += 1 }
        guard at < s.count else { return false }
        if s[at] == UInt8(ascii: "0") { at += 1 } else if !digits() { return false }
        if at < s.count, s[at] == UInt8(ascii: ".") {
            at += 1
            guard digits() else { return false }
        }
        if at < s.count, s[at] | 32 == UInt8(ascii: "e") {
            at += 1
            if at < s.count, s[at] == UInt8(ascii: "+") || s[at] == UInt8(ascii: "-") { at += 1 }
            guard digits() else { return false }
        }
        return at == s.count
    }

    /// The text that an escaped string stands for. Lone surrogates are refused: no UTF-8 text can hold them.
    static func unescape(_ s: ByteSlice, arena: Arena) throws(JSONFault) -> ByteSlice {
        let room = arena.allocate(s.count)
        var out = 0
        var at = 0
        while at < s.count {
            let byte = s[at]
            guard byte == UInt8(ascii: "\\") else {
                room[out] = byte
                out += 1
                at += 1
                continue
            }
            guard at + 1 < s.count else { throw .escape }
            at += 2
            switch s[at - 1] {
            case UInt8(ascii: "n"): room[out] = 10
            case UInt8(ascii: "t"): room[out] = 9
            case UInt8(ascii: "r"): room[out] = 13
            case UInt8(ascii: "b"): room[out] = 8
            case UInt8(ascii: "f"): room[out] = 12
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): room[out] = s[at - 1]
            case UInt8(ascii: "u"):
                out += writeScalar(try codePoint(s, &at), to: room + out)
                continue
            default: throw .escape
            }
            out += 1
        }
        return ByteSlice(base: room, count: out)
    }

    private static func codePoint(_ s: ByteSlice, _ at: inout Int) throws(JSONFault) -> UInt32 {
        let high = try hex4(s, at)
        at += 4
        guard (0xD800...0xDFFF).contains(high) else { return high }
        guard high < 0xDC00, at + 5 < s.count, s[at] == UInt8(ascii: "\\"), s[at + 1] == UInt8(ascii: "u") else { throw .escape }
        let low = try hex4(s, at + 2)
        guard (0xDC00...0xDFFF).contains(low) else { throw .escape }
        at += 6
        return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
    }

    private static func hex4(_ s: ByteSlice, _ at: Int) throws(JSONFault) -> UInt32 {
        guard at + 4 <= s.count else { throw .escape }
        var value: UInt32 = 0
        for i in at..<(at + 4) {
            guard let digit = s[i].hexValue else { throw .escape }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private static func writeScalar(_ code: UInt32, to out: UnsafeMutablePointer<UInt8>) -> Int {
        if code < 0x80 {
            out[0] = UInt8(code)
            return 1
        }
        if code < 0x800 {
            out[0] = UInt8(0xC0 | code >> 6)
            out[1] = UInt8(0x80 | code & 63)
            return 2
        }
        if code < 0x10000 {
            out[0] = UInt8(0xE0 | code >> 12)
            out[1] = UInt8(0x80 | code >> 6 & 63)
            out[2] = UInt8(0x80 | code & 63)
            return 3
        }
        out[0] = UInt8(0xF0 | code >> 18)
        out[1] = UInt8(0x80 | code >> 12 & 63)
        out[2] = UInt8(0x80 | code >> 6 & 63)
        out[3] = UInt8(0x80 | code & 63)
        return 4
    }
}
