import AuditModel
@testable import EventStore
import Testing

/// Pages of a segment against the events that they stand for.
@Suite struct SegmentPagesTests {
    @Test func `pages give what the events say`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/pages", options: test.options)
        _ = try store.commit([TestStore.draft(count: 50)])
        let snapshot = try store.snapshot()
        let reader = try snapshot.reader(snapshot.segments[0])
        let events = try reader.events(rows: Array(0..<50))
        #expect(reader.firstSeq(rowGroup: 0) == 0)
        #expect(try reader.pages(rowGroup: 0).map(\.rows) == [0..<50])
        for field in EventField.allCases {
            let codes = try reader.codes(field, rowGroup: 0, page: 0)
            #expect((0..<50).map { codes.string($0) } == events.map { $0.event[field] }, "\(field)")
            #expect(reader.mayHold(field, rowGroup: 0) == events.contains { $0.event[field] != nil })
        }
        let times = try reader.integers(.time, rowGroup: 0, page: 0)
        #expect((0..<50).map { times[$0] } == events.map { $0.event.time?.microseconds })
        #expect(times.isAscending)
        let targets = try reader.list(.targets, rowGroup: 0, page: 0)
        for row in 0..<50 {
            let found = targets.elements(of: row).map { element in
                Event.Target(
                    type: targets.members[0].string(element), id: targets.members[1].string(element),
                    name: targets.members[2].string(element))
            }
            #expect(found == events[row].event.targets)
        }
        var term = "USR_1"
        let rows = try term.withUTF8 { try reader.rows(equalTo: UnsafeRawBufferPointer($0), in: .actorID, rowGroup: 0, page: 0) }
        #expect(rows == (0..<50).filter { $0 % 3 == 1 })
        let block = try reader.block(rows: [3, 7])
        #expect((0..<2).map { block.event($0) } == [events[3].event, events[7].event])
        #expect(Array(block.seq.values) == [3, 7])
    }
}
