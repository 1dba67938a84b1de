import AuditModel
import Testing

@testable import Timeline

/// Filters over columns, held against a look at every event.
struct BlockFiltersTests {
    @Test func `any filters over a block select what a look at every event selects`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = RandomEvents(seed: seed)
        for round in 0..<40 {
            let events = (0..<random.pick([1, 50, 400])).map { _ in random.event() }
            let block = EventBlock(events)
            let queries = (0..<10).map { _ in random.query() }
            let filters = try queries.map { query in
                ResolvedFilter(try QueryParser.parse(query, now: Timestamp(microseconds: RandomEvents.firstTime))) { _ in [] }
            }
            let found = BlockFilters(filters).rows(of: block)
            #expect(found.count == filters.count)
            for (number, filter) in filters.enumerated() {
                let expected = events.indices.filter { filter.matches(events[$0]) }
                #expect(found[number] == expected, "\(queries[number]), round \(round), seed \(seed)")
            }
        }
    }

    @Test func `a block without rows has none that match`() {
        #expect(BlockFilters([ResolvedFilter(.all) { _ in [] }]).rows(of: EventBlock()) == [[]])
    }
}
