import AuditModel
@testable import EventStore
import Foundation
import Testing

/// Every byte of a small segment and its index, flipped: an error or a scan, never another answer.
///
/// `PROOFLINE_FLIP_STRIDE=1` tries every byte; the default tries a spread of them that begins at random.
@Suite struct SegmentDamageTests {
    private static func answers(_ record: SegmentRecord, _ layout: StoreLayout, _ test: TestStore) throws -> [String] {
        let reader = try SegmentPool(test.options).reader(record, layout: layout, files: test.options.fileSystem, seqEnd: .max)
        var answers = try reader.events(in: 0..<reader.visibleRowCount).map { "\($0.seq) \(String(decoding: $0.event.canonicalLine(), as: UTF8.self))" }
        for (column, term) in [(PivotColumn.eventID, "id-7"), (.actorID, "usr_2"), (.targetID, "b1"), (.originIP, "nowhere")] {
            var term = term
            try term.withUTF8 { utf8 in
                let bytes = UnsafeRawBufferPointer(utf8)
                for group in reader.rowGroups.indices {
                    for page in 0..<reader.pageCount(rowGroup: group) {
                        guard reader.pages(mayHold: bytes, in: column, rowGroup: group)?.contains(page) ?? true else { continue }
                        for row in try reader.rows(equalTo: bytes, in: column, rowGroup: group, page: page) { answers.append("\(column) \(row)") }
                    }
                }
            }
        }
        var part = "käse"
        part.withUTF8 { utf8 in
            let pages = reader.pages(mayContain: UnsafeRawBufferPointer(utf8), rowGroup: 0)
            answers.append("message \(pages?.contains(0) ?? true)")
        }
        let times = try reader.pages(rowGroup: 0).map { "\($0.minTime?.microseconds ?? 0) \($0.maxTime?.microseconds ?? 0)" }
        return answers + times
    }

    @Test func `a flipped byte gives an error or a scan, never another answer`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/flips", options: test.options)
        _ = try store.commit([TestStore.draft(count: 40)])
        let record = try store.snapshot().segments[0]
        let layout = StoreLayout(directory: test.directory)
        let right = try Self.answers(record, layout, test)
        let stride = ProcessInfo.processInfo.environment["PROOFLINE_FLIP_STRIDE"].flatMap { Int($0) } ?? 131
        let start = Int.random(in: 0..<stride)
        var refused = 0
        for path in [layout.segment(1), layout.index(1)] {
            let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            for offset in Swift.stride(from: start, to: whole.count, by: stride) {
                for flip: UInt8 in [0x01, 0xFF] {
                    var changed = whole
                    changed[offset] ^= flip
                    try Data(changed).write(to: URL(fileURLWithPath: path))
                    do {
                        let found = try Self.answers(record, layout, test)
                        #expect(found == right, "byte \(offset) ^ \(flip) of \(path)")
                    } catch let error as StoreError {
                        #expect(error.code == .damagedSegment(1))
                        refused += 1
                    }
                }
            }
            try Data(whole).write(to: URL(fileURLWithPath: path))
        }
        #expect(refused > 20)
        #expect(try Self.answers(record, layout, test) == right)
    }

    @Test func `without its index a segment gives the same answers`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/flips", options: test.options)
        _ = try store.commit([TestStore.draft(count: 40)])
        let record = try store.snapshot().segments[0]
        let layout = StoreLayout(directory: test.directory)
        let right = try Self.answers(record, layout, test)
        try FileManager.default.removeItem(atPath: layout.index(1))
        #expect(try Self.answers(record, layout, test) == right)
    }

    @Test func `rows behind the checkpoint are cut off in the middle of a page`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/flips", options: test.options)
        _ = try store.commit([TestStore.draft(count: 40)])
        let record = try store.snapshot().segments[0]
        let layout = StoreLayout(directory: test.directory)
        let pool = SegmentPool(test.options)
        let whole = try pool.reader(record, layout: layout, files: test.options.fileSystem, seqEnd: .max)
        let part = try pool.reader(record, layout: layout, files: test.options.fileSystem, seqEnd: 13)
        #expect(part.visibleRowCount == 13)
        #expect(try part.events(in: 0..<13) == whole.events(in: 0..<13))
        #expect(try part.codes(.actorID, rowGroup: 0, page: 0).count == 13)
        #expect(try part.list(.targets, rowGroup: 0, page: 0).rowCount == 13)
        #expect(try part.integers(.time, rowGroup: 0, page: 0).count == 13)
        #expect(throws: StoreError.self) { _ = try part.events(rows: [13]) }
    }
}
