import Testing

@testable import Parquet

struct StringBoundsTests {
    static func bytes(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

    @Test func `short values are their own bounds`() {
        let value = Self.bytes("okta")
        #expect(StringBounds.lower(value, isText: true).bound == Array(value))
        #expect(StringBounds.lower(value, isText: true).isExact)
        #expect(StringBounds.upper(value, isText: true)?.isExact == true)
    }

    @Test(arguments: ["x", "ü", "日", "😀", "\u{D7FF}", "\u{10FFFE}"])
    func `long text is cut between characters and stays a bound`(character: String) throws {
        let value = Self.bytes("a" + String(repeating: character, count: 100))
        let lower = StringBounds.lower(value, isText: true)
        let upper = try #require(StringBounds.upper(value, isText: true))
        #expect(!lower.isExact && !upper.isExact)
        #expect(String(validating: lower.bound, as: UTF8.self) != nil)
        #expect(String(validating: upper.bound, as: UTF8.self) != nil)
        #expect(lower.bound.count <= StringBounds.maximumBytes)
        #expect(lower.bound.lexicographicallyPrecedes(value))
        #expect(value.lexicographicallyPrecedes(upper.bound))
    }

    @Test func `a character that cannot be raised is dropped and the one before it raised`() {
        let value = Self.bytes("ab" + String(repeating: "\u{10FFFF}", count: 40))
        #expect(StringBounds.upper(value, isText: true)?.bound == Array("ac".utf8))
    }

    @Test func `without any character to raise there is no upper bound`() {
        #expect(StringBounds.upper(Self.bytes(String(repeating: "\u{10FFFF}", count: 40)), isText: true) == nil)
        #expect(StringBounds.upper([UInt8](repeating: 0xFF, count: 70)[...], isText: false) == nil)
    }

    @Test func `bytes are cut anywhere`() {
        let value = ([1, 2] + [UInt8](repeating: 0xFF, count: 70))[...]
        #expect(StringBounds.lower(value, isText: false).bound.count == 64)
        #expect(StringBounds.upper(value, isText: false)?.bound == [1, 3])
    }
}
