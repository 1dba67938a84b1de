import Testing

@testable import AuditModel

struct CanonicalLinesTests {
    @Test func `lines of a block are the lines of its events, whatever is in them`() {
        let seed = UInt64.random(in: 0..<1 << 32)
        print("seed \(seed)")
        var random = HostileEvents(seed)
        for round in 0..<40 {
            let events = (0..<1 + random.below(30)).map { _ in random.event() }
            let block = EventBlock()
            // Some columns share nothing, and hold an entry that no row refers to.
            for column in block.texts + block.lists.flatMap(\.members) where random.below(3) == 0 {
                "never seen".withCString { _ = column.addEntry(UnsafeRawBufferPointer(start: $0, count: 10)) }
            }
            for event in events { block.append(event) }
            if random.below(2) == 0 { block.pad() }
            let first = random.below(events.count)
            let rows = first..<first + 1 + random.below(events.count - first)
            expectLines(of: block, rows, events, "round \(round)")
        }
    }

    private func expectLines(of block: EventBlock, _ rows: Range<Int>, _ events: [Event], _ comment: Comment) {
        let lines = CanonicalLines(block, rows: rows)
        let plain = LineBuffer(capacityBytes: 1)
        lines.write(rows, to: plain)
        #expect(plain.texts == events[rows].map { String(decoding: $0.canonicalLine(), as: UTF8.self) }, comment)

        // The same plan again, with salts, row by row, as leaves take them.
        let salts = (0..<16 * rows.count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let salted = LineBuffer(opening: 0, ending: 10)
        salts.withUnsafeBytes { salts in
            for row in rows { lines.write(row..<row + 1, salts: salts.baseAddress! + 16 * (row - rows.lowerBound), to: salted) }
        }
        #expect(salted.count == rows.count)
        for row in rows {
            let place = row - rows.lowerBound
            let salt = salts[16 * place..<16 * place + 16].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(Array(salted[place]) == [0] + events[row].canonicalLine(salt: salt) + [10], comment)
        }
    }

    @Test func `a position stands where its name's order puts it`() {
        var event = Event()
        event[.request] = "r"
        event[.session] = "s"
        let buffer = LineBuffer(ending: 10)
        let lines = CanonicalLines(EventBlock([event, event, event]))
        [0, 12_345, CanonicalJSON.largestInteger].withUnsafeBufferPointer { lines.write(0..<3, seqs: $0.baseAddress!, to: buffer) }
        #expect(
            buffer.texts == ["0", "12345", "9007199254740991"].map { #"{"request":"r","schema":1,"seq":\#($0),"session":"s"}"# + "\n" })
        buffer.removeAll()
        lines.write(1..<2, to: buffer)
        #expect(buffer.texts == [#"{"request":"r","schema":1,"session":"s"}"# + "\n"])
    }

    @Test func `an event that says nothing has its schema, and no rows give no lines`() {
        let buffer = LineBuffer()
        CanonicalLines(EventBlock([Event()])).write(0..<1, to: buffer)
        #expect(buffer.texts == [#"{"schema":1}"#])
        CanonicalLines(EventBlock()).write(0..<0, to: buffer)
        #expect(buffer.count == 1)
    }

    @Test func `every length and place of a character that is escaped comes out right`() {
        for length in 0...40 {
            for special in [nil, "\"", "\\", "\u{1f}", "\u{0}", "\n", "é", "\u{2028}", "😀"] as [String?] {
                for place in Set([0, length / 2, length]) {
                    let text = String(repeating: "a", count: place) + (special ?? "") + String(repeating: "~", count: length - place)
                    var expected: [UInt8] = []
                    CanonicalJSON.writeString(text, to: &expected)
                    let bytes = Array(text.utf8)
                    var found = [UInt8](repeating: 0, count: 6 * bytes.count + 8)
                    let count = bytes.withUnsafeBytes { bytes in
                        found.withUnsafeMutableBytes { JSONEscaping.write(bytes.baseAddress ?? .init($0.baseAddress!), bytes.count, to: $0.baseAddress!) }
                    }
                    #expect([34] + found[..<count] + [34] == expected)
                }
            }
        }
    }

    @Test func `integers of every length come out right`() {
        let numbers = LineNumbers()
        defer { numbers.deallocate() }
        var values: [Int64] = [0, .max, .min + 1, .min, -1]
        for exponent in 0..<63 { values += [1 << exponent, -(1 << exponent)] }
        var power: Int64 = 1
        for _ in 0..<18 {
            power *= 10
            values += [power, power - 1, -power, 1 - power]
        }
        for value in values {
            var found = [UInt8](repeating: 0, count: 24)
            let count = found.withUnsafeMutableBytes { numbers.writeInteger(value, to: $0.baseAddress!) }
            #expect(String(decoding: found[..<count], as: UTF8.self) == String(value))
        }
    }
}

extension LineBuffer {
    /// The lines as text.
    var texts: [String] { (0..<count).map { String(decoding: self[$0], as: UTF8.self) } }
}

/// Random events with everything in them that could break a line.
struct HostileEvents {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func below(_ limit: Int) -> Int {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(limit))
    }

    mutating func event() -> Event {
        var event = Event()
        for field in EventField.allCases where below(3) > 0 { event[field] = text() }
        if below(4) == 0 { event.schema = 2 }
        event.time = time()
        event.observed = time()
        event.approvalExpires = time()
        if below(3) == 0 { event.timeBoundMicroseconds = Int64(below(1_000_000)) - 500_000 }
        if below(3) == 0 { event.replaces = CanonicalJSON.largestInteger - Int64(below(3)) }
        event.roles = (0..<below(3)).map { _ in text() }
        event.targets = (0..<below(4)).map { _ in
            Event.Target(type: maybe(), id: maybe(), name: maybe())
        }
        event.changes = (0..<below(3)).map { _ in Event.Change(field: text(), before: maybe(), after: maybe()) }
        for _ in 0..<below(4) { event.setAttribute(text(), text()) }
        for flag in [Event.Flag.truncated, Event.Flag.timeObserved, "zz", "\"a"] where below(5) == 0 { event.setFlag(flag) }
        return event
    }

    private mutating func maybe() -> String? { below(3) == 0 ? nil : text() }

    private mutating func time() -> Timestamp? {
        switch below(6) {
        case 0: nil
        case 1: Timestamp.earliest
        case 2: Timestamp.latest
        case 3: Timestamp(microseconds: Int64(below(1 << 40)) - 1 << 39)
        default: Timestamp(microseconds: 1_780_000_000_000_000 + Int64(below(1 << 38)))
        }
    }

    /// Mostly one of a few, else anything.
    private mutating func text() -> String {
        let pieces = [
            "", "user", "auth.session.create", "\"", "\\", "\n", "\r\t", "\u{8}\u{c}", "\u{0}", "\u{1f}", "\u{7f}", "\u{80}", "\u{2028}\u{2029}",
            "\u{fffd}", "Käse", "😀", "\u{10ffff}", "7f1c0a52-1111-4222-8333-944445555666", String(repeating: "long ", count: 30), "/", "<>&",
        ]
        if below(2) == 0 { return pieces[below(3)] }
        return (0..<1 + below(4)).map { _ in pieces[below(pieces.count)] }.joined()
    }
}
