import AuditModel
import DurableIO
@testable import EventStore
import Foundation
import Testing

@Suite struct RebuildTests {
    private let test = TestStore()

    private func made(compacts: Bool) throws -> EventStore {
        let store = try EventStore.create(directory: test.directory, origin: "example.org/rebuild", options: test.options)
        for number in 0..<3 {
            var draft = TestStore.draft(from: (3 - number) * 300, count: 300)
            draft.ranges[0].contentID = "c\(number)"
            draft.ranges[0].bytes = 0..<100
            draft.cursors = []
            _ = try store.commit([draft])
        }
        if compacts { _ = try store.compact(isEager: true) }
        return store
    }

    private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    @Test(arguments: [false, true]) func `a lost or damaged index is made again, byte for byte`(_ compacts: Bool) throws {
        let store = try made(compacts: compacts)
        defer { store.close() }
        let paths = try store.snapshot().segments.map { store.layout.index($0.id) }
        let before = try paths.map(bytes)
        #expect(paths.count == (compacts ? 1 : 3))
        #expect(try store.rebuildIndexes { _ in TestStore.salt(1) }.made == [])
        try FileManager.default.removeItem(atPath: paths[0])
        if let last = paths.last, !compacts {
            var changed = try bytes(last)
            changed[changed.count / 2] ^= 1
            try changed.write(to: URL(fileURLWithPath: last))
        }
        let report = try store.rebuildIndexes { _ in TestStore.salt(1) }
        #expect(report.failed.map(\.reason) == [])
        #expect(report.made == (compacts ? paths : [paths[0], paths[2]]))
        #expect(try paths.map(bytes) == before)
        #expect(try StoreCheck.run(directory: test.directory, options: test.options, salts: { _ in TestStore.salt(1) }).findings == [])
    }

    @Test func `without the right salts, or from a damaged segment, nothing is made`() throws {
        let store = try made(compacts: false)
        defer { store.close() }
        let layout = store.layout
        for id in 1...3 as ClosedRange<Int64> { try FileManager.default.removeItem(atPath: layout.index(id)) }
        #expect(try store.rebuildIndexes { _ in nil }.failed.count == 3)
        #expect(try store.rebuildIndexes { _ in TestStore.salt(2) }.failed.count == 3)
        var changed = try bytes(layout.segment(2))
        changed[1_000] ^= 1
        try changed.write(to: URL(fileURLWithPath: layout.segment(2)))
        let report = try store.rebuildIndexes { _ in TestStore.salt(1) }
        #expect(report.failed.map(\.path) == [layout.index(2)] && report.made == [layout.index(1), layout.index(3)])
    }

    @Test(arguments: [300, 600, 850]) func `an index is made again where retention deleted rows, byte for byte`(_ cut: Int) throws {
        let store = try EventStore.create(directory: test.directory, origin: "example.org/rebuild", options: test.options)
        defer { store.close() }
        _ = try store.commit([TestStore.draft(count: 1_300)])
        // Once more, so that what was gone already is carried on.
        for keep in [cut, cut + 411] {
            let now = Timestamp(microseconds: TestStore.event(keep).time!.microseconds + 5_000_000)
            #expect(try store.applyRetention([RetentionRule(source: "okta", keepSeconds: 5)], now: now, salt: { _ in TestStore.salt(1) }).rows > 0)
        }
        let path = try #require(try store.snapshot().segments.map { store.layout.index($0.id) }.first)
        let before = try bytes(path)
        try FileManager.default.removeItem(atPath: path)
        let report = try store.rebuildIndexes { _ in TestStore.salt(1) }
        #expect(report.failed.map(\.reason) == [] && report.made == [path])
        #expect(try bytes(path) == before)
    }
}
