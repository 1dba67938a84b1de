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

    @Test func `a page without a value reads beside pages that have values of their own`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/pages", options: test.options)
        defer { store.close() }
        let block = EventBlock()
        let count = StoreLimits.pageRows + 40
        for row in 0..<count {
            block.beginRow()
            block.set(block.time, Int64(row))
            if row >= StoreLimits.pageRows {
                // Differ in every row, so that no dictionary is kept: a text, a UUID and hexadecimal digits behind a prefix.
                let digits = String(row, radix: 16)
                for (field, text) in [
                    (EventField.actorOnBehalfOf, "someone \(row)"), (.trace, "00000000-0000-4000-8000-\(String(repeating: "0", count: 12 - digits.utf8.count))\(digits)"),
                    (.job, "job-\(String(repeating: "0", count: 24 - digits.utf8.count))\(digits)"),
                ] {
                    var text = text
                    text.withUTF8 { block.set(field, UnsafeRawBufferPointer($0)) }
                }
            }
            block.endRow(block.number(of: .none))
        }
        block.pad()
        var draft = TestStore.draft(count: 0)
        draft.block = block
        draft.rows = 0..<count
        draft.batchSalt = TestStore.salt(1)
        draft.counts = RecordCounts(received: Int64(count), parsed: Int64(count))
        draft.ranges[0].counts = draft.counts
        _ = try store.commit([draft])
        let snapshot = try store.snapshot()
        let reader = try snapshot.reader(snapshot.segments[0])
        for field in [EventField.actorOnBehalfOf, .trace, .job] {
            let (first, second) = (try reader.codes(field, rowGroup: 0, page: 0), try reader.codes(field, rowGroup: 0, page: 1))
            #expect((0..<StoreLimits.pageRows).allSatisfy { first.string($0) == nil }, "\(field)")
            #expect((0..<40).map { second.string($0) } == (0..<40).map { block[field].string(StoreLimits.pageRows + $0) }, "\(field)")
        }
        #expect(try reader.events(rows: [0, count - 1]).map(\.event[.trace]) == [nil, block[.trace].string(count - 1)])
    }

    @Test func `times of whole milliseconds have no second column, others come back to the microsecond`() throws {
        for (times, isWhole) in [([-2_000, 0, 5_000], true), ([-2_001, 999, 1_790_000_000_123_456], false)] as [([Int64], Bool)] {
            let (reader, _) = try Self.reader((0..<90).map { row in
                var event = Event()
                event.time = row % 4 == 3 ? nil : Timestamp(microseconds: times[row % 4])
                return event
            })
            let found = try reader.integers(.time, rowGroup: 0, page: 0)
            for row in 0..<90 { #expect(found[row] == (row % 4 == 3 ? nil : times[row % 4])) }
            let use = reader.file.use(SegmentColumn.timeMicros, rowGroup: 0)
            #expect((use == .absent) == isWhole)
            let bounds = try reader.pages(rowGroup: 0)[0]
            let low = try #require(bounds.minTime).microseconds
            let high = try #require(bounds.maxTime).microseconds
            #expect(low <= times[0])
            #expect(isWhole ? high == times[2] : (times[2]...times[2] + 999).contains(high))
        }
    }

    @Test func `a target that says what its row says is kept once`() throws {
        let events = (0..<300).map { row in
            var event = Event()
            let job = "job-\(String(row * 7_919 + 1_000_000_000, radix: 16))"
            if row % 10 > 0 { event[.job] = job }
            event.targets = [
                Event.Target(type: "job", id: row == 5 ? "another" : job, name: nil), Event.Target(type: "queue", id: nil, name: "default"),
            ]
            return event
        }
        let (reader, _) = try Self.reader(events)
        #expect(reader.file.use(SegmentColumn.targetID.reference, rowGroup: 0) != .absent)
        #expect(try reader.events(in: 0..<300).map(\.event) == events)
        #expect(try reader.dictionary(.targets, member: 1, rowGroup: 0) == nil)
        for row in [0, 5, 17] {
            var term = try #require(events[row].targets[0].id).uppercased()
            let found = try term.withUTF8 { try reader.rows(equalTo: UnsafeRawBufferPointer($0), in: .targetID, rowGroup: 0, page: 0) }
            #expect(found == [row])
        }
    }

    @Test(arguments: [false, true]) func `a correlation that is the row's request is kept once`(_ areMixed: Bool) throws {
        let events = (0..<300).map { row in
            var event = Event()
            let request = "r\(String(row * 7_919 + 1_000_000_000, radix: 36))K"
            if row % 10 > 0 || !areMixed { event[.request] = request }
            event[.correlation] = areMixed && row % 25 == 5 ? "another-\(row)" : areMixed && row % 50 == 7 ? nil : request
            return event
        }
        let (reader, _) = try Self.reader(events)
        let column = SegmentColumn.text(.correlation)
        #expect(reader.file.use(column.reference, rowGroup: 0) != .absent)
        #expect((reader.file.use(column.leaf, rowGroup: 0) == .absent) == !areMixed)
        #expect(reader.mayHold(.correlation, rowGroup: 0))
        #expect(try reader.events(in: 0..<300).map(\.event) == events)
        #expect(try reader.dictionary(.correlation, rowGroup: 0) == nil)
        // Few rows are read another way than many, and once more from what the cache keeps then.
        for _ in 0..<3 {
            #expect(try reader.events(rows: [0, 5, 7, 17, 57, 299]).map(\.event) == [0, 5, 7, 17, 57, 299].map { events[$0] })
        }
        for row in [0, 5, 17] {
            var term = try #require(events[row][.correlation]).uppercased()
            let found = try term.withUTF8 { try reader.rows(equalTo: UnsafeRawBufferPointer($0), in: .correlation, rowGroup: 0, page: 0) }
            #expect(found == [row])
        }
    }

    @Test func `frequent attributes have columns, rare ones stay in the map, and rows keep their order by name`() throws {
        let events = (0..<300).map { row in
            var event = Event()
            if row % 3 > 0 { event.setAttribute("queue", row % 2 == 0 ? "default" : "low") }
            if row % 2 == 0 { event.setAttribute("elapsed", "\(row).5") }
            if row % 40 == 3 { event.setAttribute("a-rare-one", "x\(row)") }
            if row % 40 == 4 { event.setAttribute("zz", "") }
            if row % 5 == 0 { event.setAttribute("größe", "\(row % 7)") }
            return event
        }
        let (reader, _) = try Self.reader(events)
        #expect(reader.file.attributes(rowGroup: 0).map { String(decoding: $0.name, as: UTF8.self) } == ["elapsed", "queue"])
        #expect(reader.mayHold(.attributes, rowGroup: 0))
        #expect(try reader.dictionary(.attributes, member: 0, rowGroup: 0) == nil)
        let rows = [0, 3, 4, 43, 44, 45, 200, 299]
        // Few rows are read another way than many, and once more from what the cache keeps then.
        for _ in 0..<3 { #expect(try reader.events(rows: rows).map(\.event) == rows.map { events[$0] }) }
        #expect(try reader.events(in: 0..<300).map(\.event) == events)
        for _ in 0..<2 { #expect(try reader.events(rows: rows).map(\.event) == rows.map { events[$0] }) }
    }

    private static func reader(_ events: [Event]) throws -> (SegmentReader, TestStore) {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/pages", options: test.options)
        defer { store.close() }
        var draft = TestStore.draft(count: 0)
        draft.events = events
        draft.batchSalt = TestStore.salt(1)
        draft.counts = RecordCounts(received: Int64(events.count), parsed: Int64(events.count))
        draft.ranges[0].counts = draft.counts
        _ = try store.commit([draft])
        let snapshot = try store.snapshot()
        return (try snapshot.reader(snapshot.segments[0]), test)
    }
}
