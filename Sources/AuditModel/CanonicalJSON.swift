/// Writes JSON in the canonical form of RFC 8785 (JCS), restricted as proofline needs it: no null, no fractions, integers
/// of at most 53 bits.
public struct CanonicalJSON {
    /// The largest magnitude of an integer that every JSON reader keeps exact: 2^53 − 1.
    public static let largestInteger: Int64 = 9_007_199_254_740_991

    /// Whether member name `a` comes before `b`: by UTF-16 code units (RFC 8785 §3.2.3).
    public static func keyPrecedes(_ a: String, _ b: String) -> Bool {
        a.utf16.lexicographicallyPrecedes(b.utf16)
    }

    /// Appends a JSON string with the escapes of RFC 8785 §3.2.2.2.
    public static func writeString(_ text: String, to out: inout [UInt8]) {
        out.append(34)
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            var i = 0
            while i < bytes.count {
                let byte = bytes[i]
                if byte >= 32 && byte != 34 && byte != 92 {
                    i &+= 1
                    continue
                }
                out.append(contentsOf: bytes[start..<i])
                writeEscape(byte, to: &out)
                i &+= 1
                start = i
            }
            out.append(contentsOf: bytes[start..<bytes.count])
        }
        out.append(34)
    }

    /// Appends an integer.
    public static func writeInteger(_ value: Int64, to out: inout [UInt8]) {
        out.append(contentsOf: String(value).utf8)
    }

    private static func writeEscape(_ byte: UInt8, to out: inout [UInt8]) {
        out.append(92)
        switch byte {
        case 8: out.append(98)
        case 9: out.append(116)
        case 10: out.append(110)
        case 12: out.append(102)
        case 13: out.append(114)
        case 34, 92: out.append(byte)
        default:
            out.append(contentsOf: [117, 48, 48])
            let digits: StaticString = "0123456789abcdef"
            digits.withUTF8Buffer { hex in
                out.append(hex[Int(byte >> 4)])
                out.append(hex[Int(byte & 15)])
            }
        }
    }
}

/// Writes the members of one JSON object; the caller adds them in canonical order.
struct ObjectWriter {
    private var isFirst = true

    init(to out: inout [UInt8]) { out.append(123) }

    mutating func key(_ name: String, to out: inout [UInt8]) {
        if isFirst { isFirst = false } else { out.append(44) }
        CanonicalJSON.writeString(name, to: &out)
        out.append(58)
    }

    mutating func text(_ name: String, _ value: String?, to out: inout [UInt8]) {
        guard let value else { return }
        key(name, to: &out)
        CanonicalJSON.writeString(value, to: &out)
    }

    mutating func integer(_ name: String, _ value: Int64?, to out: inout [UInt8]) {
        guard let value else { return }
        key(name, to: &out)
        CanonicalJSON.writeInteger(value, to: &out)
    }

    mutating func time(_ name: String, _ value: Timestamp?, to out: inout [UInt8]) {
        guard let value else { return }
        key(name, to: &out)
        out.append(34)
        value.write(to: &out)
        out.append(34)
    }

    mutating func list<Element>(_ name: String, _ values: [Element], to out: inout [UInt8], _ write: (Element, inout [UInt8]) -> Void) {
        guard !values.isEmpty else { return }
        key(name, to: &out)
        out.append(91)
        for (index, value) in values.enumerated() {
            if index > 0 { out.append(44) }
            write(value, &out)
        }
        out.append(93)
    }

    func end(to out: inout [UInt8]) { out.append(125) }
}
