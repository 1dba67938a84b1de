/// Text armour around DER (RFC 7468).
public enum PEM {
    /// DER in base64 lines of 64 characters between marks.
    public static func encode(_ der: [UInt8], label: String) -> String {
        let base64 = Array(Base64.encode(der).utf8)
        var text = "-----BEGIN \(label)-----\n"
        for start in stride(from: 0, to: base64.count, by: 64) {
            text += String(decoding: base64[start..<min(start + 64, base64.count)], as: UTF8.self) + "\n"
        }
        return text + "-----END \(label)-----\n"
    }

    /// Every block with this label, in order; what lies between blocks is passed over.
    ///
    /// - Throws: ``CryptographyError`` with code `malformed` for a block that does not end or is no base64.
    public static func decode(_ text: String, label: String) throws -> [[UInt8]] {
        var blocks: [[UInt8]] = []
        var base64: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop(while: { $0 == " " })
            if line.hasPrefix("-----BEGIN \(label)-----") {
                base64 = ""
            } else if line.hasPrefix("-----END \(label)-----"), let body = base64 {
                guard let der = Base64.decode(body) else {
                    throw CryptographyError(.malformed, "a PEM block \"\(label)\" is no base64")
                }
                blocks.append(der)
                base64 = nil
            } else if base64 != nil {
                base64! += line.filter { $0 != " " }
            }
        }
        guard base64 == nil else { throw CryptographyError(.malformed, "a PEM block \"\(label)\" has no end; the file was cut") }
        return blocks
    }
}
