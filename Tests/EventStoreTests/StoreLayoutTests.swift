import EventStore
import Testing

@Suite struct StoreLayoutTests {
    @Test func `files have the names that the format page gives`() {
        let layout = StoreLayout(directory: "/s/")
        #expect(layout.segment(7) == "/s/segments/00000007.parquet")
        #expect(layout.index(123_456_789) == "/s/segments/123456789.idx")
        #expect(layout.bindings(firstSeq: 65_536) == "/s/bindings/0000000000065536.jsonl")
    }
}
