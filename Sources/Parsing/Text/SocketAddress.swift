/// A socket's address as Linux' audit log writes it: the bytes of a `sockaddr` as hex digits.
///
/// Layouts of `sockaddr_in`, `sockaddr_in6` and `sockaddr_un` (ip(7), ipv6(7), unix(7)). Text that is none of them has no value.
struct SocketAddress {
    /// What of it is asked for.
    enum Part: String, CaseIterable, Sendable {
        case family, address, port, path
    }

    private let bytes: [UInt8]

    /// Reads hex digits; nil where it is none of the three families or too short.
    init?(hex text: ByteSlice) {
        guard text.count >= 4, text.count % 2 == 0, text.count <= 512 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        for at in stride(from: 0, to: text.count, by: 2) {
            guard let high = text[at].hexValue, let low = text[at + 1].hexValue else { return nil }
            bytes.append(high << 4 | low)
        }
        // The family stands in the machine's own byte order.
        let family = bytes[0] == 0 ? bytes[1] : bytes[1] == 0 ? bytes[0] : 0
        switch family {
        case 1: break
        case 2: guard bytes.count >= 8 else { return nil }
        case 10: guard bytes.count >= 24 else { return nil }
        default: return nil
        }
        self.bytes = [family] + bytes
    }

    /// The text of a part, nil where the family has none.
    func part(_ part: Part) -> String? {
        switch (part, bytes[0]) {
        case (.family, 1): return "unix"
        case (.family, 2): return "ipv4"
        case (.family, 10): return "ipv6"
        case (.port, 2), (.port, 10): return String(Int(bytes[3]) << 8 | Int(bytes[4]))
        case (.address, 2): return bytes[5..<9].map { String($0) }.joined(separator: ".")
        case (.address, 10): return Self.ipv6(Array(bytes[9..<25]))
        case (.path, 1):
            // A name that begins with a zero byte is no file's.
            guard bytes.count > 3, bytes[3] != 0 else { return nil }
            return String(validating: bytes[3...].prefix { $0 != 0 }, as: UTF8.self)
        default: return nil
        }
    }

    /// RFC 5952: lower case, the longest run of zero groups shortened.
    private static func ipv6(_ bytes: [UInt8]) -> String {
        let groups = (0..<8).map { Int(bytes[2 * $0]) << 8 | Int(bytes[2 * $0 + 1]) }
        if groups[0..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xFFFF { return "::ffff:" + bytes[12..<16].map { String($0) }.joined(separator: ".") }
        var best = 0..<0
        var at = 0
        while at < 8 {
            var end = at
            while end < 8, groups[end] == 0 { end += 1 }
            if end - at > max(1, best.count) { best = at..<end }
            at = max(end, at + 1)
        }
        func text(_ range: Range<Int>) -> String { groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
        return best.isEmpty ? text(0..<8) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
    }
}
