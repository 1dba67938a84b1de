/// Recognises IP addresses in text.
enum IPAddress {
    /// Offset after the address that starts at `at`, or nil where none does. A zone (`%eth0`) belongs to it.
    static func end(_ text: ByteSlice, _ at: Int) -> Int? {
        if let end = version4End(text, at) {
            let isLonger =
                end < text.count && (text[end].isDigit || text[end] == UInt8(ascii: ".") && end + 1 < text.count && text[end + 1].isDigit)
            return isLonger ? nil : end
        }
        return version6End(text, at)
    }

    /// Whether the whole text is an address.
    static func isAddress(_ text: ByteSlice) -> Bool { end(text, 0) == text.count && !text.isEmpty }

    private static func version4End(_ text: ByteSlice, _ at: Int) -> Int? {
        var position = at
        for part in 0..<4 {
            if part > 0 {
                guard position < text.count, text[position] == UInt8(ascii: ".") else { return nil }
                position += 1
            }
            let start = position
            var value = 0
            while position < text.count, position - start < 3, text[position].isDigit {
                value = value * 10 + Int(text[position] - 48)
                position += 1
            }
            guard position > start, value <= 255 else { return nil }
        }
        return position
    }

    private static func version6End(_ text: ByteSlice, _ at: Int) -> Int? {
        var end = at
        // No address is as long as that.
        while end < text.count, end - at < 64, text[end].isHexDigit || text[end] == UInt8(ascii: ":") || text[end] == UInt8(ascii: ".") { end += 1 }
        while end > at, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
        if end - at >= 2, text[end - 1] == UInt8(ascii: ":"), text[end - 2] != UInt8(ascii: ":") { end -= 1 }
        guard isVersion6(text.sub(at, end)) else { return nil }
        if end < text.count, text[end] == UInt8(ascii: "%") {
            var zone = end + 1
            while zone < text.count, text[zone].isLetter || text[zone].isDigit || text[zone] == UInt8(ascii: "-") { zone += 1 }
            if zone > end + 1 { end = zone }
        }
        return end
    }

    /// RFC 4291 §2.2: eight groups, or fewer around one `::`; the last two groups may be an IPv4 address.
    private static func isVersion6(_ text: ByteSlice) -> Bool {
        guard text.count >= 2, text.count <= 45 else { return false }
        var groups = 0
        var hasGap = false
        var at = 0
        if text[0] == UInt8(ascii: ":") {
            guard text[1] == UInt8(ascii: ":") else { return false }
            hasGap = true
            at = 2
        }
        while at < text.count {
            let start = at
            while at < text.count, text[at].isHexDigit { at += 1 }
            if at < text.count, text[at] == UInt8(ascii: ".") {
                guard version4End(text, start) == text.count else { return false }
                groups += 2
                at = text.count
                break
            }
            guard at > start, at - start <= 4 else { return false }
            groups += 1
            guard at < text.count else { break }
            at += 1
            if at < text.count, text[at] == UInt8(ascii: ":") {
                guard !hasGap else { return false }
                hasGap = true
                at += 1
            } else if at == text.count {
                return false
            }
        }
        return hasGap ? groups <= 7 : groups == 8
    }
}
