import AuditModel
import EventStore
import Testing

@testable import Timeline

struct QueryLimitsTests {
    private func engine(_ options: QueryOptions) -> QueryEngine {
        var random = RandomEvents(seed: 11)
        return QueryEngine(sources: random.segments(events: 8_000).sources, options: options)
    }

    private func resolve(_ query: String) throws -> ResolvedFilter {
        ResolvedFilter(try QueryParser.parse(query, now: Timestamp(microseconds: 0))) { _ in [] }
    }

    @Test func `a cancelled query gives no answer`() throws {
        let cancellation = QueryCancellation()
        let engine = engine(QueryOptions(threads: 2, cancellation: cancellation))
        cancellation.cancel()
        let rows = #expect(throws: QueryError.self) { try engine.run(try resolve("")) }
        #expect(rows?.code == .cancelled)
        let groups = #expect(throws: QueryError.self) { try engine.aggregate(try resolve(""), Aggregation(.count, by: [.outcome])) }
        #expect(groups?.code == .cancelled)
        cancellation.reset()
        #expect(try engine.run(try resolve("")).matchCount > 7_000)
    }

    @Test func `a query may be cancelled while rows are handed on`() throws {
        let cancellation = QueryCancellation()
        let engine = engine(QueryOptions(threads: 1, cancellation: cancellation))
        let error = #expect(throws: QueryError.self) {
            _ = try engine.rows(try resolve(""), render: { $0.count }, deliver: { _ in cancellation.cancel() })
        }
        #expect(error?.code == .cancelled)
    }

    @Test func `a query that runs too long ends and says how to ask for less`() throws {
        let error = #expect(throws: QueryError.self) {
            try engine(QueryOptions(threads: 2, timeoutMicroseconds: 0)).run(try resolve("exported"))
        }
        #expect(error?.code == .timeout)
        #expect(error?.message.contains("--timeout") == true)
    }

    @Test func `groups beyond the memory end the query`() throws {
        var events: [StoredEvent] = []
        for number in 0..<200_000 {
            var event = Event()
            event.time = Timestamp(microseconds: Int64(number))
            event[.eventID] = "e\(number)"
            event[.request] = "r\(number % 1_000)"
            events.append(StoredEvent(seq: Int64(number), event: event))
        }
        let shape = BlockSegment.Shape(groupRows: 65_536, pageRows: 4_096, localFields: [.eventID])
        let segment = BlockSegment(id: 0, events, shape)
        let engine = QueryEngine(
            sources: [SegmentSource(times: nil, open: { segment })], options: QueryOptions(threads: 2, memoryBytes: 1 << 20))
        for aggregation in [Aggregation(.count, by: [.eventID]), Aggregation(.distinct(.eventID), by: [.request])] {
            let error = #expect(throws: QueryError.self) { try engine.aggregate(try resolve(""), aggregation) }
            #expect(error?.code == .memory)
            #expect(error?.message.contains("--memory") == true, "\(error?.message ?? "")")
        }
        // Rows need not be held: they go out as they are found.
        #expect(try engine.rows(try resolve(""), render: { $0.count }, deliver: { _ in }).matchCount == 200_000)
    }

    @Test func `what is passed over is told`() throws {
        let segment = BlockSegment(
            id: 0,
            (0..<256).map { number in
                var event = Event()
                event.time = Timestamp(microseconds: Int64(number) * 1_000_000)
                event[.correlation] = "c\(number)"
                event[.outcome] = "success"
                return StoredEvent(seq: Int64(number), event: event)
            }, BlockSegment.Shape())
        let engine = QueryEngine(sources: [SegmentSource(times: 0...255_000_000, open: { segment })], options: QueryOptions(threads: 1))
        let effort = try engine.run(try resolve("correlation:c77 outcome:success")).effort
        #expect(effort.rowGroups == 4 && effort.rowGroupsPruned == 3)
        #expect(effort.pages == 16 && effort.pagesPruned == 15)
        #expect(effort.rowsScanned == 16 && effort.rowsBuilt == 1)
        #expect(effort.terms.map(\.label) == ["correlation:c77", "outcome:success"])
        #expect(effort.terms[0].indexPages == 16 && effort.terms[0].indexPagesLeft == 1)
        #expect(effort.terms[1].pagesScanned == 1)
        #expect(effort.lines.contains { $0.contains("correlation:c77: index left 1 of 16 pages") }, "\(effort.lines)")
    }
}
