import Testing

@testable import Parquet

struct ByteValuesBuilderTests {
    @Test func `equal strings share a code`() {
        var builder = ByteValuesBuilder()
        for text in ["b", "a", "b", nil, "", "a", ""] { builder.append(text) }
        #expect(builder.values.codes == [0, 1, 0, ByteValues.absent, 2, 1, 2])
        #expect(builder.values.dictionary.strings == ["b", "a", ""])
        #expect(builder.values.isDictionaryDistinct)
        #expect(builder.count == 7)
    }

    @Test func `codes hold while the table grows`() {
        var builder = ByteValuesBuilder()
        for round in 0..<2 {
            for number in 0..<500 { builder.append("value \(number)") }
            #expect(builder.values.dictionary.count == 500, "round \(round)")
        }
        #expect(Array(builder.values.codes[..<500]) == Array(builder.values.codes[500...]))
        #expect(builder.values.string(321) == "value 321")
    }

    @Test func `a remembered code is appended without its string`() {
        var builder = ByteValuesBuilder()
        let code = Array("known".utf8).withUnsafeBytes { builder.code(of: $0) }
        builder.append(code: code)
        builder.append(code: ByteValues.absent)
        #expect(builder.values.codes == [0, ByteValues.absent])
    }
}
