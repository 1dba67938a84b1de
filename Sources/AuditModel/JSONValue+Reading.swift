extension JSONValue {
    /// Why a text is not a JSON document that proofline accepts.
    public struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong.
        public let message: String
        /// Byte at which it was noticed, from zero.
        public let offset: Int

        public var description: String { "\(message) at byte \(offset)" }
    }

    /// Reads one JSON document (RFC 8259) that fills `bytes` but for white space.
    ///
    /// Hostile input is refused, never trapped on: invalid UTF-8, duplicate member names, lone surrogates, nesting beyond
    /// `maximumDepth`.
    ///
    /// - Throws: ``SyntaxError``.
    public init(parsing bytes: some Sequence<UInt8>, maximumDepth: Int = 64) throws(SyntaxError) {
        var reader = JSONReader(bytes: Array(bytes), maximumDepth: maximumDepth)
        self = try reader.readDocument()
    }

    /// Reads one JSON document from text.
    public init(parsing text: String, maximumDepth: Int = 64) throws(SyntaxError) {
        try self.init(parsing: Array(text.utf8), maximumDepth: maximumDepth)
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    let maximumDepth: Int
    var at = 0

    init(bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func readDocument() throws(JSONValue.SyntaxError) -> JSONValue {
        let value = try readValue(depth: 0)
        skipSpace()
        guard at == bytes.count else { throw error("text after the document") }
        return value
    }

    private func error(_ message: String) -> JSONValue.SyntaxError { .init(message: message, offset: at) }

    private mutating func skipSpace() {
        while at < bytes.count, [32, 9, 10, 13].contains(bytes[at]) { at += 1 }
    }

    private mutating func readValue(depth: Int) throws(JSONValue.SyntaxError) -> JSONValue {
        skipSpace()
        guard depth < maximumDepth else { throw error("nested deeper than \(maximumDepth)") }
        guard at < bytes.count else { throw error("the document ends early") }
        switch bytes[at] {
        case UInt8(ascii: "{"): return try readObject(depth: depth)
        case UInt8(ascii: "["): return try readArray(depth: depth)
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        default: return try readNumber()
        }
    }

    private mutating func readWord(_ word: String, _ value: JSONValue) throws(JSONValue.SyntaxError) -> JSONValue {
        guard bytes[at...].starts(with: word.utf8) else { throw error("unknown word") }
        at += word.utf8.count
        return value
    }

    private mutating func readObject(depth: Int) throws(JSONValue.SyntaxError) -> JSONValue {
        at += 1
        var members: [String: JSONValue] = [:]
        skipSpace()
        if at < bytes.count, bytes[at] == UInt8(ascii: "}") {
            at += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw error("a member name is expected") }
            let name = try readString()
            guard members[name] == nil else { throw error("a member name stands twice") }
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { throw error("a colon is expected") }
            at += 1
            members[name] = try readValue(depth: depth + 1)
            if try readSeparator(closing: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    private mutating func readArray(depth: Int) throws(JSONValue.SyntaxError) -> JSONValue {
        at += 1
        var values: [JSONValue] = []
        skipSpace()
        if at < bytes.count, bytes[at] == UInt8(ascii: "]") {
            at += 1
            return .array(values)
        }
        while true {
            values.append(try readValue(depth: depth + 1))
            if try readSeparator(closing: UInt8(ascii: "]")) { return .array(values) }
        }
    }

    /// Whether the collection ends here; otherwise a comma was read.
    private mutating func readSeparator(closing: UInt8) throws(JSONValue.SyntaxError) -> Bool {
        skipSpace()
        guard at < bytes.count, bytes[at] == closing || bytes[at] == UInt8(ascii: ",") else {
            throw error("a comma or the end of the collection is expected")
        }
        at += 1
        return bytes[at - 1] == closing
    }

    private mutating func readString() throws(JSONValue.SyntaxError) -> String {
        let start = at
        at += 1
        var text: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw JSONValue.SyntaxError(message: "text that is not UTF-8", offset: start)
                }
                return valid
            case UInt8(ascii: "\\"): try readEscape(into: &text)
            case 0..<32: throw error("a control character in text")
            default:
                text.append(byte)
                at += 1
            }
        }
        throw error("a text without end")
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(JSONValue.SyntaxError) {
        guard at + 1 < bytes.count else { throw error("a text without end") }
        let simple: [UInt8: UInt8] = [34: 34, 92: 92, 47: 47, 98: 8, 102: 12, 110: 10, 114: 13, 116: 9]
        if let byte = simple[bytes[at + 1]] {
            text.append(byte)
            at += 2
            return
        }
        guard bytes[at + 1] == UInt8(ascii: "u") else { throw error("an unknown escape") }
        var code = try readHex(at + 2)
        at += 6
        if (0xD800..<0xDC00).contains(code) {
            guard at + 1 < bytes.count, bytes[at] == 92, bytes[at + 1] == UInt8(ascii: "u") else { throw error("a lone surrogate") }
            let low = try readHex(at + 2)
            guard (0xDC00..<0xE000).contains(low) else { throw error("a lone surrogate") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            at += 6
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("a lone surrogate") }
        text.append(contentsOf: UTF8.encode(scalar)!)
    }

    private func readHex(_ position: Int) throws(JSONValue.SyntaxError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("a text without end") }
        var code: UInt32 = 0
        for byte in bytes[position..<(position + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw error("a bad \\u escape") }
            code = code << 4 + UInt32(digit)
        }
        return code
    }

    private mutating func readNumber() throws(JSONValue.SyntaxError) -> JSONValue {
        let start = at
        func isDigit(_ i: Int) -> Bool { i < bytes.count && (48...57).contains(bytes[i]) }
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        guard isDigit(at) else { throw error("a value is expected") }
        if bytes[at] == 48, isDigit(at + 1) { throw error("a number with a leading zero") }
        while isDigit(at) { at += 1 }
        var isInteger = true
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            isInteger = false
            at += 1
            guard isDigit(at) else { throw error("a fraction without digits") }
            while isDigit(at) { at += 1 }
        }
        if at < bytes.count, bytes[at] | 32 == UInt8(ascii: "e") {
            isInteger = false
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            guard isDigit(at) else { throw error("an exponent without digits") }
            while isDigit(at) { at += 1 }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isInteger, let value = Int64(text), text != "-0" { return .integer(value) }
        return .number(text)
    }
}
