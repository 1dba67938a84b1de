import AuditModel
import Testing

struct EventBlockTests {
    /// Events over a small vocabulary, so that values repeat, with everything absent now and then.
    static func randomEvents(_ count: Int, using generator: inout some RandomNumberGenerator) -> [Event] {
        let words = ["", "a", "alice@example.org", "x\"y\\z\n", "usr_aaaaaaaaaaaaa", "Zoë 𝄞", String(repeating: "long ", count: 30)]
        func text() -> String { words.randomElement(using: &generator)! + (Bool.random(using: &generator) ? "" : "\(Int.random(in: 0..<50, using: &generator))") }
        func maybe() -> String? { Int.random(in: 0..<3, using: &generator) == 0 ? nil : text() }
        func moment() -> Timestamp? {
            Bool.random(using: &generator) ? nil : Timestamp(microseconds: Int64.random(in: -5_000_000_000_000_000...5_000_000_000_000_000, using: &generator))
        }
        return (0..<count).map { _ in
            var event = Event()
            for field in EventField.allCases { event[field] = maybe() }
            event.time = moment()
            event.observed = moment()
            event.approvalExpires = moment()
            event.timeBoundMicroseconds = Bool.random(using: &generator) ? nil : Int64.random(in: 0..<1_000, using: &generator)
            event.replaces = Bool.random(using: &generator) ? nil : Int64.random(in: 0..<1_000, using: &generator)
            if Int.random(in: 0..<5, using: &generator) == 0 { event.schema = 7 }
            for _ in 0..<Int.random(in: 0..<3, using: &generator) { event.roles.append(text()) }
            for _ in 0..<Int.random(in: 0..<3, using: &generator) {
                event.targets.append(Event.Target(type: maybe(), id: maybe(), name: maybe()))
            }
            for _ in 0..<Int.random(in: 0..<3, using: &generator) {
                event.changes.append(Event.Change(field: text(), before: maybe(), after: maybe()))
            }
            for _ in 0..<Int.random(in: 0..<3, using: &generator) { event.setAttribute(text(), text()) }
            if Bool.random(using: &generator) { event.setFlag(Event.Flag.truncated) }
            if Bool.random(using: &generator) { event.setFlag("another") }
            return event
        }
    }

    struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    @Test func `events come out of a block as they went in`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = Seeded(state: seed)
        let events = Self.randomEvents(300, using: &generator)
        let block = EventBlock(events)
        #expect(block.rowCount == events.count)
        #expect((0..<block.rowCount).map(block.event) == events, "seed \(seed)")
    }

    @Test func `removing rows leaves the others in order`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = Seeded(state: seed)
        let events = Self.randomEvents(200, using: &generator)
        let block = EventBlock(events)
        let gone = (0..<200).filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }
        block.remove(rows: gone)
        let left = events.indices.filter { !gone.contains($0) }.map { events[$0] }
        #expect((0..<block.rowCount).map(block.event) == left, "seed \(seed)")
        block.append(events[0])
        #expect(block.event(left.count) == events[0])
    }

    @Test func `rows of several blocks join in one`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = Seeded(state: seed)
        let events = Self.randomEvents(120, using: &generator)
        let joined = EventBlock()
        joined.append(rows: 10..<60, of: EventBlock(events))
        joined.append(rows: 0..<5, of: EventBlock(Array(events.reversed())))
        joined.pad()
        let expected = Array(events[10..<60]) + Array(events.reversed()[0..<5])
        #expect((0..<joined.rowCount).map(joined.event) == expected, "seed \(seed)")
    }

    @Test func `rows come in another order with everything that is theirs`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = Seeded(state: seed)
        let events = Self.randomEvents(150, using: &generator)
        let order = (0..<150).shuffled(using: &generator)
        let block = EventBlock(EventBlock(events), order: order.map { Int32($0) })
        #expect((0..<block.rowCount).map(block.event) == order.map { events[$0] }, "seed \(seed)")
        block.append(events[0])
        block.pad()
        #expect(block.event(150) == events[0] && !block[.actorID].isDistinct || events[0][.actorID] == nil)
    }

    @Test func `a cancelled row leaves nothing that a slot refers to`() {
        let block = EventBlock()
        var first = Event()
        first[.actorID] = "kept"
        first.targets = [Event.Target(type: "user", id: "u1")]
        block.append(first)
        block.beginRow()
        block[.actorID].pad(to: 1)
        block[.actorID].append("secret")
        block.set(block.time, 5)
        block.targets.append("user", "secret", nil)
        block.setFlag(Event.Flag.truncated)
        block.cancelRow()
        var second = Event()
        second[.actorName] = "later"
        block.append(second)
        block.pad()
        #expect([block.event(0), block.event(1)] == [first, second])
        #expect(Array(block[.actorID].codes) == [0, TextColumn.absent])
    }

    @Test func `a field set twice holds the second text`() {
        let block = EventBlock()
        block.append(Event())
        block.beginRow()
        var texts = ["one", "two"]
        for place in texts.indices { texts[place].withUTF8 { block.set(.action, UnsafeRawBufferPointer($0)) } }
        #expect(block.has(.action) && !block.has(.actorID))
        block.endRow(block.number(of: .none))
        #expect(block.event(1)[.action] == "two")
    }

    @Test func `texts that rarely repeat stop being shared`() {
        let column = TextColumn()
        for number in 0..<20_000 { column.append("value \(number % 19_000)") }
        #expect(!column.isDistinct)
        #expect(column.string(19_999) == "value 999")
        #expect(column.string(0) == "value 0")
        let shared = TextColumn()
        for number in 0..<20_000 { shared.append("value \(number % 1_000)") }
        #expect(shared.isDistinct && shared.entryCount == 1_000)
    }

    @Test func `texts looked up together get the codes that they get one by one`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = Seeded(state: seed)
        let texts = (0..<3_000).map { _ in
            String(repeating: "é", count: Int.random(in: 0..<40, using: &generator)) + "\(Int.random(in: 0..<400, using: &generator))"
        }
        let (alone, together) = (TextColumn(), TextColumn())
        for text in texts { alone.append(text) }
        let bytes = texts.map { Array($0.utf8) }
        let pending = UnsafeMutablePointer<TextColumn.Pending>.allocate(capacity: texts.count)
        defer { pending.deallocate() }
        var held: [UnsafeMutableRawBufferPointer] = []
        defer { for buffer in held { buffer.deallocate() } }
        var waiting = 0
        for place in bytes.indices {
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes[place].count), alignment: 1)
            buffer.copyBytes(from: bytes[place])
            held.append(buffer)
            together.append(code: TextColumn.absent)
            let text = UnsafeRawBufferPointer(rebasing: buffer[..<bytes[place].count])
            (pending + waiting).initialize(to: TextColumn.Pending(together.unmanagedCells, text, slot: place))
            waiting += 1
            if Int.random(in: 0..<60, using: &generator) == 0 {
                TextColumn.lookUp(pending, count: waiting)
                waiting = 0
            }
        }
        TextColumn.lookUp(pending, count: waiting)
        #expect(Array(together.codes) == Array(alone.codes), "seed \(seed)")
        #expect(together.entryBytes.elementsEqual(alone.entryBytes), "seed \(seed)")
    }
}
