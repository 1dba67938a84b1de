/// An IPv4 or IPv6 address, its one canonical spelling and its truncated prefix.
///
/// IPv6 is spelled as RFC 5952 says. An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`) is the IPv4 address: both name
/// the same peer, so they get the same token. A zone (`%eth0`), brackets and a port are no part of an address.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// Four or sixteen bytes in network order.
    public let bytes: [UInt8]

    /// Whether this is an IPv4 address.
    public var isIPv4: Bool { bytes.count == 4 }

    /// Reads an address in any usual spelling; leading zeros of an IPv4 number are decimal, as logs mean them.
    public init?(_ text: some StringProtocol) {
        self.init(utf8: Array(text.utf8))
    }

    /// Reads an address from bytes that hold nothing else.
    public init?(utf8 text: [UInt8]) {
        guard text.count >= 2, text.count <= 64 else { return nil }
        if let four = Self.parseIPv4(text[...]) {
            bytes = four
        } else if let sixteen = Self.parseIPv6(text[...]) {
            let isMapped = sixteen[..<10].allSatisfy { $0 == 0 } && sixteen[10] == 0xff && sixteen[11] == 0xff
            bytes = isMapped ? Array(sixteen[12...]) : sixteen
        } else {
            return nil
        }
    }

    /// The truncated prefix that stays in the open: /24 of IPv4, /48 of IPv6, such as `192.0.2.0/24`.
    public var prefix: String {
        let kept = isIPv4 ? 3 : 6
        let truncated = bytes[..<kept] + [UInt8](repeating: 0, count: bytes.count - kept)
        return NetworkAddress(raw: Array(truncated)).description + (isIPv4 ? "/24" : "/48")
    }

    /// Loopback and the unspecified address: the machine itself, never a person.
    public var isLocal: Bool {
        if isIPv4 { return bytes[0] == 127 || bytes[0] == 0 }
        return bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] <= 1
    }

    /// The canonical spelling.
    public var description: String {
        if isIPv4 { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        let hex = groups.map { String($0, radix: 16) }
        guard let zeros = Self.longestZeroRun(groups) else { return hex.joined(separator: ":") }
        return hex[..<zeros.lowerBound].joined(separator: ":") + "::" + hex[zeros.upperBound...].joined(separator: ":")
    }

    private init(raw: [UInt8]) { bytes = raw }

    /// The first longest run of two or more zero groups.
    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < groups.count {
            guard groups[start] == 0 else {
                start += 1
                continue
            }
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start >= 2, end - start > (best?.count ?? 0) { best = start..<end }
            start = end
        }
        return best
    }

    private static func parseIPv4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var octets: [UInt8] = []
        for part in text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard (1...3).contains(part.count), octets.count < 4 else { return nil }
            var value = 0
            for digit in part {
                guard digit &- 0x30 <= 9 else { return nil }
                value = value * 10 + Int(digit &- 0x30)
            }
            guard value <= 255 else { return nil }
            octets.append(UInt8(value))
        }
        return octets.count == 4 ? octets : nil
    }

    private static func parseIPv6(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let colon = UInt8(ascii: ":")
        var head: [UInt8] = []
        var tail: [UInt8] = []
        var hasGap = false
        var position = text.startIndex
        if text.starts(with: [colon, colon]) {
            hasGap = true
            position += 2
        }
        while position < text.endIndex {
            let end = text[position...].firstIndex(of: colon) ?? text.endIndex
            let part = text[position..<end]
            let piece: [UInt8]
            if let group = parseGroup(part) {
                piece = group
            } else if end == text.endIndex, let four = parseIPv4(part) {
                piece = four
            } else {
                return nil
            }
            if hasGap { tail += piece } else { head += piece }
            guard head.count + tail.count <= 16 else { return nil }
            guard end < text.endIndex else { break }
            position = end + 1
            guard position < text.endIndex else { return nil }
            if text[position] == colon {
                guard !hasGap else { return nil }
                hasGap = true
                position += 1
            }
        }
        let count = head.count + tail.count
        guard hasGap ? count <= 14 : count == 16 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - count) + tail
    }

    private static func parseGroup(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard (1...4).contains(text.count) else { return nil }
        var value: UInt16 = 0
        for character in text {
            let nibble: UInt8
            switch character {
            case 0x30...0x39: nibble = character - 0x30
            case 0x61...0x66: nibble = character - 0x61 + 10
            case 0x41...0x46: nibble = character - 0x41 + 10
            default: return nil
            }
            value = value << 4 | UInt16(nibble)
        }
        return [UInt8(value >> 8), UInt8(value & 255)]
    }
}
