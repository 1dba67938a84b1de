import AuditModel
import Testing

struct IndexRangesTests {
    @Test func `ranges of bits hold what is set and nothing else`() {
        let bits = [true, true, false, true, false, false, true]
        let ranges = IndexRanges(of: bits)
        #expect(ranges.ranges == [0..<2, 3..<4, 6..<7])
        #expect(ranges.count == 4)
        #expect((-1...8).map(ranges.contains) == [false, true, true, false, true, false, false, true, false, false])
        #expect(IndexRanges(of: []).ranges == [])
    }

    @Test func `ranges of several entries are put in order and overlaps are told`() {
        var ranges = IndexRanges([8..<9, 0..<2])
        #expect(ranges.ranges == [0..<2, 8..<9] && !ranges.overlaps)
        ranges.add([2..<4])
        #expect(ranges.contains(3) && !ranges.overlaps)
        ranges.add([3..<5])
        #expect(ranges.overlaps)
    }

    @Test func `what is no range of the batch is refused`() {
        #expect(IndexRanges.range([2, 5], upTo: 5) == 2..<5)
        let wrong: [JSONValue] = [[2, 6], [2, 2], [3, 2], [-1, 2], [1], [1, 2, 3], ["1", "2"], [:], 1]
        for json in wrong { #expect(IndexRanges.range(json, upTo: 5) == nil, "\(json)") }
    }
}
