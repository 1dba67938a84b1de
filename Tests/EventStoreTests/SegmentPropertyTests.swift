import AuditModel
import DurableIO
@testable import EventStore
import Foundation
import Testing

/// Segments of random events: every column's shape, typed siblings, filters against scans. The seed is printed with each failure.
@Suite struct SegmentPropertyTests {
    /// An id of one of the shapes that typed siblings know, or nearly.
    static func id(_ shape: Int, _ random: inout SeededRandom) -> String {
        let digits = String(format: "%016lx%016lx", random.next(), random.next())
        let uuid = "\(digits.prefix(8))-\(digits.dropFirst(8).prefix(4))-\(digits.dropFirst(12).prefix(4))-\(digits.dropFirst(16).prefix(4))-\(digits.dropFirst(20))"
        switch shape {
        case 0: return uuid
        case 1: return String(digits.prefix(2 * Int.random(in: 8...16, using: &random)))
        case 2: return ["req_", "inv-", "a:", "x/y."].randomElement(using: &random)! + digits.prefix(2 * Int.random(in: 4...8, using: &random))
        case 3: return String(random.next() % 1_000_000_000_000_000_000)
        case 4: return uuid.uppercased()
        case 5: return "0" + String(random.next() % 1_000)
        case 6: return String(digits.prefix(15))
        case 7: return ""
        default: return "Zürich \(random.next() % 50)"
        }
    }

    static func event(_ shapes: [Int], _ random: inout SeededRandom) -> Event {
        var event = Event()
        func maybe(_ percent: UInt64) -> Bool { random.next() % 100 < percent }
        // Half of the runs have whole milliseconds alone, and times before 1970 are floored, not cut.
        let unit: Int64 = shapes[1] % 2 == 0 ? 1_000 : 1
        if maybe(95) { event.time = Timestamp(microseconds: (Int64(random.next() % 1_000_000_000) - 500_000_000) * unit) }
        if maybe(10) { event.timeBoundMicroseconds = Int64(random.next() % 1_000) }
        if maybe(80) { event.observed = Timestamp(microseconds: 1_790_000_000_000_000) }
        if maybe(5) { event.approvalExpires = Timestamp(microseconds: -Int64(random.next() % 1_000_000)) }
        if maybe(3) { event.replaces = Int64(random.next() % 1_000) }
        if maybe(2) { event.schema = 7 }
        for (place, field) in EventField.allCases.enumerated() {
            switch shapes[place] {
            case 20: break
            case 21: event[field] = "constant"
            case 22: if maybe(50) { event[field] = "w\(random.next() % 300)" }
            case 23: event[field] = maybe(85) ? id(Int(random.next() % 4), &random) : id(Int(random.next() % 9), &random)
            case let shape: if maybe(90) { event[field] = id(shape, &random) }
            }
        }
        event[.message] = ["User \(random.next() % 9) signed on from Graz", "", "Käse-Fehler im Modul \(id(0, &random))", nil].randomElement(using: &random)!
        event.roles = (0..<random.next() % 3).map { "role\($0)" }
        event.targets = (0..<random.next() % 3).map { _ in
            Event.Target(type: maybe(80) ? "doc" : nil, id: maybe(80) ? id(shapes[0], &random) : nil, name: maybe(30) ? "name \(random.next() % 99)" : nil)
        }
        // In half of the runs targets say what another column of the row says.
        if shapes[2] % 2 == 0, let job = event[.job] {
            for target in event.targets.indices where maybe(95) { event.targets[target].id = job }
        }
        event.changes = maybe(10) ? [.init(field: "f", before: nil, after: "x"), .init(field: "", before: "y", after: nil)] : []
        for _ in 0..<random.next() % 3 { event.setAttribute("k\(random.next() % 5)", "v\(random.next() % 500)") }
        if maybe(5) { event.setFlag("truncated") }
        if maybe(2) { event.setFlag("time_observed") }
        return event
    }

    private func reader(_ test: TestStore, _ events: [Event], parts: Int = 1) throws -> SegmentReader {
        let store = try EventStore.create(directory: test.directory, origin: "example.com/property", options: test.options)
        let cut = events.count / parts
        _ = try store.commit(
            (0..<parts).map { part in
                var draft = TestStore.draft("s\(part)", count: 1)
                draft.events = Array(events[(part * cut)..<(part == parts - 1 ? events.count : (part + 1) * cut)])
                draft.counts.parsed = Int64(draft.eventCount)
                draft.counts.received = draft.counts.parsed + 1
                draft.ranges = []
                draft.cursors = []
                draft.duplicateKeys = []
                return draft
            })
        let snapshot = try store.snapshot()
        #expect(snapshot.segments.count == 1)
        return try snapshot.reader(snapshot.segments[0])
    }

    private static func shapes(_ random: inout SeededRandom) -> [Int] {
        EventField.allCases.map { _ in [0, 1, 2, 3, 4, 5, 6, 7, 8, 20, 21, 22, 23].randomElement(using: &random)! }
    }

    @Test(arguments: 0..<5)
    func `events of every shape come back as they were, and filters hide nothing`(_ number: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(state: seed)
        let shapes = Self.shapes(&random)
        let count = [1, 40, 150, 400, 4_110][number]
        let events = (0..<count).map { _ in Self.event(shapes, &random) }
        let test = TestStore()
        let reader = try reader(test, events, parts: min(count, 1 + number % 3))
        let found = try reader.events(in: 0..<count)
        #expect(found.map(\.event) == events, "seed \(seed)")
        #expect(found.map(\.seq) == Array(0..<Int64(count)), "seed \(seed)")
        let some = (0..<count).filter { _ in random.next() % 10 == 0 }
        #expect(try reader.events(rows: some).map(\.event) == some.map { events[$0] }, "seed \(seed)")
        for column in PivotColumn.allCases { try check(column, reader, events, &random, "seed \(seed), \(column)") }
        try checkGrams(reader, events, &random, "seed \(seed)")
    }

    @Test(arguments: [30, 300, 4_110])
    func `a few rows read alone are those of whole pages, whatever is kept of them`(_ count: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(state: seed)
        let shapes = Self.shapes(&random)
        let events = (0..<count).map { _ in Self.event(shapes, &random) }
        let test = TestStore()
        _ = try reader(test, events, parts: 2)
        let store = try EventStore.open(directory: test.directory, access: .reader, options: test.options)
        defer { store.close() }
        let snapshot = try store.snapshot()
        let fresh = try snapshot.reader(snapshot.segments[0])
        // At first nothing is kept, then what is wanted again is, then it is there.
        for pass in 0..<3 {
            try checkTerms(snapshot, fresh, events, &random, "seed \(seed), pass \(pass)")
            for rows in [[count - 1], [0, count / 2], (0..<count).filter { $0 % 97 == pass }] {
                let found = try fresh.events(rows: rows)
                #expect(found.map(\.event) == rows.map { events[$0] }, "seed \(seed), pass \(pass), rows \(rows)")
                #expect(found.map(\.seq) == rows.map { Int64($0) }, "seed \(seed)")
            }
        }
        #expect(try fresh.events(in: 0..<count).map(\.event) == events, "seed \(seed)")
    }

    @Test func `texts stay whole where the cache keeps no dictionary`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(state: seed)
        // Texts that share dictionaries in columns of every form.
        let shapes = EventField.allCases.map { _ in [2, 22, 23].randomElement(using: &random)! }
        let events = (0..<2_000).map { _ in Self.event(shapes, &random) }
        let test = TestStore()
        _ = try reader(test, events, parts: 2)
        var options = test.options
        options.pageCacheBytes = 0
        let store = try EventStore.open(directory: test.directory, access: .reader, options: options)
        defer { store.close() }
        let snapshot = try store.snapshot()
        let reader = try snapshot.reader(snapshot.segments[0])
        #expect(try reader.events(in: 0..<events.count).map(\.event) == events, "seed \(seed)")
        let few = Array(stride(from: 0, to: events.count, by: 97))
        #expect(try reader.events(rows: few).map(\.event) == few.map { events[$0] }, "seed \(seed)")
    }

    /// Terms in dictionaries, and in the index of a segment that is not opened for them.
    private func checkTerms(
        _ snapshot: StoreSnapshot, _ reader: SegmentReader, _ events: [Event], _ random: inout SeededRandom, _ note: String
    ) throws {
        var ruledOut = 0
        for column in PivotColumn.allCases {
            for text in events.flatMap({ Self.texts($0, column) }).shuffled(using: &random).prefix(3) {
                #expect(text.utf8.withContiguousBytes { snapshot.mayHold($0, in: column, snapshot.segments[0]) }, "\(note), \(column)")
            }
            if !Self.id(0, &random).utf8.withContiguousBytes({ snapshot.mayHold($0, in: column, snapshot.segments[0]) }) { ruledOut += 1 }
        }
        #expect(ruledOut > 0, "\(note)")
        for field in EventField.allCases {
            let texts = events.compactMap { $0[field] }.shuffled(using: &random).prefix(2).map { random.next() % 2 == 0 ? $0 : $0.uppercased() } + ["not there"]
            let terms = texts.map { $0.utf8.map { TermHash.fold($0) } }
            let found = try reader.codes(ofTerms: terms, in: field, rowGroup: 0)
            guard let dictionary = try reader.dictionary(field, rowGroup: 0) else {
                #expect(found == nil, "\(note), \(field)")
                continue
            }
            #expect(found?.count == dictionary.count, "\(note), \(field)")
            #expect(
                found?.codes == terms.map { term in
                    (0..<dictionary.count).filter { dictionary.entry($0).map { TermHash.fold($0) } == term }.map { UInt32($0) }
                }, "\(note), \(field)")
        }
    }

    private static func texts(_ event: Event, _ column: PivotColumn) -> [String] {
        switch column {
        case .targetID: event.targets.compactMap(\.id)
        case .targetName: event.targets.compactMap(\.name)
        default: [event[column.field!]].compactMap { $0 }
        }
    }

    private func check(
        _ column: PivotColumn, _ reader: SegmentReader, _ events: [Event], _ random: inout SeededRandom, _ note: String
    ) throws {
        let texts = events.map { Self.texts($0, column) }
        let all = texts.flatMap { $0 }
        let folded = texts.map { $0.map { $0.utf8.map { TermHash.fold($0) } } }
        let terms = (0..<4).compactMap { _ in all.randomElement(using: &random) } + ["not there", Self.id(0, &random)]
        for term in terms {
            var term = random.next() % 2 == 0 ? term : term.uppercased()
            let wanted = term.utf8.map { TermHash.fold($0) }
            let expected = folded.indices.filter { folded[$0].contains(wanted) }
            try term.withUTF8 { utf8 in
                let bytes = UnsafeRawBufferPointer(utf8)
                for group in reader.rowGroups.indices {
                    let pages = try #require(reader.pages(mayHold: bytes, in: column, rowGroup: group))
                    for page in 0..<reader.pageCount(rowGroup: group) {
                        let first = reader.rowGroups[group].rows.lowerBound
                        let own = reader.rows(ofPage: page, rowGroup: group)
                        let wanted = expected.map { $0 - first }.filter(own.contains)
                        #expect(try reader.rows(equalTo: bytes, in: column, rowGroup: group, page: page) == wanted, "\(note)")
                        #expect(wanted.isEmpty || pages.contains(page), "\(note)")
                    }
                }
            }
        }
    }

    private func checkGrams(_ reader: SegmentReader, _ events: [Event], _ random: inout SeededRandom, _ note: String) throws {
        for _ in 0..<8 {
            let text = Array((events.randomElement(using: &random)?[.message] ?? "").utf8)
            guard text.count > 5 else { continue }
            let start = Int.random(in: 0..<text.count - 4, using: &random)
            let part = Array(text[start..<Int.random(in: start + 4...text.count, using: &random)])
            let expected = events.indices.filter { row in
                let message = Array((events[row][.message] ?? "").utf8)
                return message.count >= part.count && (0...(message.count - part.count)).contains { Array(message[$0..<$0 + part.count]) == part }
            }
            part.withUnsafeBytes { bytes in
                for group in reader.rowGroups.indices {
                    guard let pages = reader.pages(mayContain: bytes, rowGroup: group) else { continue }
                    let first = reader.rowGroups[group].rows.lowerBound
                    for row in expected where reader.rowGroups[group].rows.contains(row) {
                        #expect(pages.contains((row - first) / SegmentReader.pageRows), "\(note)")
                    }
                }
            }
        }
    }

    @Test func `a prepared row group gives the same bytes as one that the commit encodes`() throws {
        var random = SeededRandom(state: 7)
        let shapes = Self.shapes(&random)
        let block = EventBlock((0..<500).map { _ in Self.event(shapes, &random) })
        func segment(_ isPrepared: Bool) throws -> [UInt8] {
            let test = TestStore()
            let store = try EventStore.create(directory: test.directory, origin: "example.com/property", options: test.options)
            let group = isPrepared ? try SegmentEncoder().encode(block, rows: 0..<500) : nil
            let drafts = [0..<200, 200..<500].map { rows in
                var draft = BatchDraft(source: "s", parser: TestStore.parser, policy: TestStore.policy)
                (draft.block, draft.rows, draft.rowGroup) = (block, rows, group)
                draft.batchSalt = TestStore.salt(1)
                draft.counts = RecordCounts(received: Int64(rows.count), parsed: Int64(rows.count))
                return draft
            }
            let committed = try store.commit(drafts)
            #expect(committed.map(\.count) == [200, 300])
            if isPrepared {
                #expect(throws: StoreError.self) { _ = try store.commit([drafts[0]]) }
                let snapshot = try store.snapshot()
                let verified = try snapshot.verifiedBatch(snapshot.batches[1], salt: TestStore.salt(1))
                #expect(verified.events.map(\.event) == (200..<500).map { block.event($0) })
            }
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: StoreLayout(directory: test.directory).segment(1))))
        }
        // Seals differ in nothing but what both stores share, so the files are equal.
        #expect(try segment(true) == segment(false))
    }

    @Test func `typed forms render the same bytes`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(state: seed)
        for _ in 0..<2_000 {
            let text = Self.id(Int(random.next() % 9), &random)
            Array(text.utf8).withUnsafeBytes { bytes in
                guard let form = TypedForm.of(bytes) else { return }
                #expect(form.fits(bytes), "seed \(seed): \(text)")
                if form == .uuid {
                    var raw = [UInt8](repeating: 0, count: 16)
                    var back = [UInt8](repeating: 0, count: 36)
                    raw.withUnsafeMutableBytes { TypedForm.writeUUID(bytes, to: $0.baseAddress!) }
                    raw.withUnsafeBytes { raw in back.withUnsafeMutableBytes { TypedForm.renderUUID(raw, to: $0.baseAddress!) } }
                    #expect(back.elementsEqual(bytes), "seed \(seed)")
                }
                if let number = TypedForm.number(bytes) { #expect(String(number).utf8.elementsEqual(bytes), "seed \(seed)") }
            }
        }
    }

    @Test func `a small cache drops what was used longest ago and keeps its bound`() {
        final class Thing: Sendable {}
        let cache = PageCache(bytes: 16 * 1_000)
        for round in 0..<3 {
            for page in 0..<500 {
                let key = PageCache.Key(file: 1, rowGroup: 0, column: UInt16(round), page: UInt32(page))
                _ = cache.object(key, cost: { (_: Thing) in 100 }) { Thing() }
                #expect(cache.heldBytes <= 16_000)
            }
        }
        let key = PageCache.Key(file: 2, rowGroup: 0, column: 0, page: 0)
        let first = cache.object(key, cost: { (_: Thing) in 1 }) { Thing() }
        #expect(cache.object(key, cost: { (_: Thing) in 1 }) { Thing() } === first)
    }
}

extension String.UTF8View {
    fileprivate func withContiguousBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { Array(self).withUnsafeBytes { body($0) } }
}
