import Testing

@testable import Evidence

@Suite struct CSVWriterTests {
    @Test(arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("two\nlines", "\"two\nlines\""), ("=1+1", "'=1+1"),
        ("-5", "'-5"), ("+x", "'+x"),
        ("@x", "'@x"), ("\t=x", "'\t=x"), ("=\"a\",b", "\"'=\"\"a\"\",b\""), ("", ""),
    ])
    func `cells are quoted where needed and never run as formulas`(value: String, cell: String) {
        #expect(CSVWriter.cell(value) == cell)
    }
}
