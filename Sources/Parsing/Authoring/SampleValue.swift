/// What a text of a sample looks like, as far as its letters tell.
enum SampleValue {
    /// Ways to write a time that are recognised, as a definition names them.
    static func timeFormat(_ text: String, isNumber: Bool) -> String? {
        let bytes = Array(text.utf8)
        if isNumber || bytes.allSatisfy(\.isDigit) {
            guard bytes.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") }), let whole = Int64(text.prefix { $0 != "." }) else { return nil }
            switch whole {
            case 1_000_000_000..<2_500_000_000: return "epoch_seconds"
            case 1_000_000_000_000..<2_500_000_000_000: return "epoch_millis"
            case 1_000_000_000_000_000..<2_500_000_000_000_000: return "epoch_micros"
            default: return nil
            }
        }
        guard bytes.count >= 16, bytes.count <= 40 else { return nil }
        let shape = Array("0000-00-00".utf8)
        for (number, byte) in shape.enumerated() where byte == 48 ? !bytes[number].isDigit : bytes[number] != byte { return nil }
        guard bytes[10] == UInt8(ascii: "T") || bytes[10] == 32, bytes[11].isDigit, bytes[13] == UInt8(ascii: ":") else { return nil }
        return "iso"
    }

    static func isAddress(_ text: String) -> Bool { withSlice(text) { IPAddress.isAddress($0) } }

    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && !text.contains(" ")
    }

    /// Whether a text may be a vendor's code: short, no blank, nothing that people have in their names' addresses.
    static func isCode(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 80
            && text.utf8.allSatisfy { $0.isDigit || ($0 | 32 >= 97 && $0 | 32 <= 122) || "_.:/-*#".utf8.contains($0) }
    }

    /// Whether a name speaks of what must not be kept.
    static func isSecretName(_ name: String) -> Bool {
        let lower = name.lowercased()
        return ["token", "secret", "password", "passwd", "cookie", "session", "api_key", "apikey", "authorization", "credential"]
            .contains { lower.contains($0) }
    }

    static func withSlice<R>(_ text: String, _ body: (ByteSlice) -> R) -> R {
        var text = text
        return text.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return body(.empty) }
            return body(ByteSlice(base: base, count: bytes.count))
        }
    }
}

/// Puts invented values in the place of a sample's own, so that a fixture holds nobody's data. Equal values stay equal.
struct SampleMask {
    private var known: [String: String] = [:]
    private var counts: [String: Int] = [:]

    /// An invented value of the same kind.
    mutating func text(_ text: String) -> String {
        if text.isEmpty || SampleValue.timeFormat(text, isNumber: false) != nil { return text }
        if let mask = known[text] { return mask }
        let mask: String
        if SampleValue.isAddress(text) {
            mask = "192.0.2.\(next("address") % 250)"
        } else if SampleValue.isEmail(text) {
            mask = "person\(next("email"))@example.org"
        } else if text.utf8.count == 36, text.utf8.filter({ $0 == UInt8(ascii: "-") }).count == 4 {
            let number = String(next("uuid"), radix: 16)
            mask = "00000000-0000-4000-8000-" + String(repeating: "0", count: max(0, 12 - number.count)) + number
        } else if text.utf8.allSatisfy(\.isDigit) {
            mask = number(text)
        } else {
            mask = "\(text.contains(" ") ? "example text" : "example")\(text.contains(" ") ? " " : "")\(next("text"))"
        }
        known[text] = mask
        return mask
    }

    /// An invented number; times and numbers of three digits, such as a status, stay.
    mutating func number(_ text: String) -> String {
        if text.utf8.count <= 3 || SampleValue.timeFormat(text, isNumber: true) != nil { return text }
        if let mask = known[text] { return mask }
        let mask = String(1_000 + next("number"))
        known[text] = mask
        return mask
    }

    private mutating func next(_ kind: String) -> Int {
        counts[kind, default: 0] += 1
        return counts[kind] ?? 1
    }
}
