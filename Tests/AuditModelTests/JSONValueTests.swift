@testable import AuditModel
import Testing

struct JSONValueTests {
    @Test(arguments: [
        (#"{"b":1,"a":[true,null,"é"]}"#, #"{"a":[true,null,"é"],"b":1}"#),
        (#" "\ud83d\ude00\u000a" "#, "\"😀\\n\""),
        ("[-1.5e3, 9223372036854775807]", "[-1.5e3,9223372036854775807]"),
    ])
    func `a document is read and written canonically`(text: String, canonical: String) throws {
        #expect(try JSONValue(parsing: text).canonicalText == canonical)
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, "a member name stands twice"), (#"["\ud800"]"#, "a lone surrogate"), ("[01]", "a number with a leading zero"),
        ("{\"a\":1}x", "text after the document"), ("[1,", "the document ends early"), ("\"\u{1}\"", "a control character in text"),
        ("nul", "unknown word"), ("", "the document ends early"), (#"["\x"]"#, "an unknown escape"), ("[1.]", "a fraction without digits"),
    ])
    func `a bad document is refused with its reason`(text: String, reason: String) {
        let error = #expect(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: text) }
        #expect(error?.message == reason)
    }

    @Test func `nesting is limited and bytes that are not UTF-8 are refused`() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONValue.SyntaxError(message: "nested deeper than 64", offset: 64)) { try JSONValue(parsing: deep) }
        #expect(throws: JSONValue.SyntaxError(message: "text that is not UTF-8", offset: 0)) { try JSONValue(parsing: [34, 0xC3, 34]) }
    }

    @Test func `no prefix of a document is a document and no flipped byte traps`() throws {
        let bytes = Array(#"{"a":[1,2,{"b":"\u00e9\ud83d\ude00"}],"c":-12.5e+3,"d":true}"#.utf8)
        for end in 0..<bytes.count {
            #expect(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: bytes[..<end]) }
        }
        for position in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[position] ^= 1 << bit
                _ = try? JSONValue(parsing: damaged)
            }
        }
    }
}
