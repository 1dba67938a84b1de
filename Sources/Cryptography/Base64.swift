/// Standard base64 with padding (RFC 4648 §4), strict both ways: one value has one spelling.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xff, count: 256)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }()

    public static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        let size = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: size) { output in
            var place = 0
            var index = 0
            while index < bytes.count {
                let left = bytes.count - index
                let group =
                    UInt32(bytes[index]) << 16 | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
                    | (left > 2 ? UInt32(bytes[index + 2]) : 0)
                output[place] = alphabet[Int(group >> 18)]
                output[place + 1] = alphabet[Int(group >> 12 & 63)]
                output[place + 2] = left > 1 ? alphabet[Int(group >> 6 & 63)] : padding
                output[place + 3] = left > 2 ? alphabet[Int(group & 63)] : padding
                place += 4
                index += 3
            }
            return size
        }
    }

    public static func encode(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { encode($0) }
    }

    /// The bytes that ``encode(_:)-([UInt8])`` would write as this text, or nil for any other text: no line breaks, full padding,
    /// spare bits zero.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count.isMultiple(of: 4) else { return nil }
        guard !characters.isEmpty else { return [] }
        var padded = 0
        if characters[characters.count - 1] == padding { padded += 1 }
        if padded == 1, characters[characters.count - 2] == padding { padded += 1 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 4 * 3)
        var group: UInt32 = 0
        let significant = characters.count - padded
        for index in 0..<significant {
            let value = values[Int(characters[index])]
            guard value != 0xff else { return nil }
            group = group << 6 | UInt32(value)
            if index % 4 == 3 {
                bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                bytes.append(UInt8(truncatingIfNeeded: group))
                group = 0
            }
        }
        switch padded {
        case 1:
            guard group & 3 == 0 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: group >> 10))
            bytes.append(UInt8(truncatingIfNeeded: group >> 2))
        case 2:
            guard group & 15 == 0 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: group >> 4))
        default: break
        }
        return bytes
    }
}
