import AuditModel
import Cryptography
import DurableIO
@testable import EventStore
import Foundation
import Synchronization

/// A store in a temporary directory with a clock that the test moves.
final class TestStore: Sendable {
    let directory: String
    private let now = Mutex(Timestamp(rfc3339: "2026-10-01T00:00:00Z")!)

    /// - Parameter inMemory: puts what is not on a simulated disk into memory where that is possible: many short lives need no fsync.
    init(inMemory: Bool = false) {
        let memory = URL(fileURLWithPath: "/dev/shm")
        let parent = inMemory && FileManager.default.isWritableFile(atPath: memory.path) ? memory : FileManager.default.temporaryDirectory
        directory = parent.appendingPathComponent("store-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var options: StoreOptions { options(on: RealFileSystem()) }

    func options(on files: any FileSystem) -> StoreOptions {
        StoreOptions(fileSystem: files, clock: { [self] in now.withLock { $0 } })
    }

    func advance(seconds: Int64) {
        now.withLock { $0.microseconds += seconds * 1_000_000 }
    }

    var time: Timestamp { now.withLock { $0 } }

    /// Runs an operation on the closed store again and again, each time on the store as it was, stopped before one step more of disk or commit, until it ends
    /// by itself. After each the store is opened, looked at, and closed.
    ///
    /// - Returns: How many steps the operation has.
    func stoppingAtEachStep(
        _ operation: (EventStore) throws -> Void, opened: (_ again: EventStore, _ step: Int, _ isFinished: Bool) throws -> Void,
        closed: (_ step: Int) throws -> Void
    ) throws -> Int {
        let copy = directory + "-copy"
        try FileManager.default.copyItem(atPath: directory, toPath: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        var step = 0
        var isFinished = false
        while !isFinished {
            try FileManager.default.removeItem(atPath: directory)
            try FileManager.default.copyItem(atPath: copy, toPath: directory)
            let counting = InterruptedFileSystem(RealFileSystem())
            try EventStore.open(directory: directory, access: .writer, options: options(on: counting)).close()
            let disk = InterruptedFileSystem(RealFileSystem(), stopBeforeMutation: counting.mutationCount + step)
            var options = options(on: disk)
            options.failpoint = { try disk.step($0) }
            let store = try EventStore.open(directory: directory, access: .writer, options: options)
            isFinished = (try? operation(store)) != nil
            store.close()
            let again = try EventStore.open(directory: directory, access: .writer, options: self.options)
            try opened(again, step, isFinished)
            again.close()
            try closed(step)
            step += 1
        }
        return step
    }

    static let parser = DefinitionReference(id: "okta", version: "1", sha256: String(repeating: "ab", count: 32))
    static let policy = DefinitionReference(id: "default", version: "3", sha256: String(repeating: "cd", count: 32))

    static func salt(_ seed: UInt8) -> [UInt8] { [UInt8](repeating: seed, count: 32) }

    /// An event that fills every kind of column, different for each number.
    static func event(_ number: Int, source: String = "okta") -> Event {
        var event = Event()
        event.time = Timestamp(microseconds: 1_783_000_000_000_000 + Int64(number) * 1_000_003)
        event.observed = Timestamp(microseconds: 1_790_000_000_000_000)
        event[.source] = source
        event[.eventID] = "id-\(number)"
        event[.actorID] = "usr_\(number % 3)"
        event[.actorType] = "user"
        event[.action] = number % 2 == 0 ? "auth.session.create" : "data.export.run"
        event[.outcome] = "success"
        event[.originIP] = "ip_\(number % 5)"
        event[.message] = number % 4 == 0 ? "" : "käse \"\(number)\"\n"
        event.roles = number % 2 == 0 ? ["admin", "auditor"] : []
        event.targets = (0..<number % 3).map { .init(type: "bucket", id: "b\($0)", name: $0 == 0 ? nil : "name") }
        event.changes = number % 5 == 0 ? [.init(field: "role", before: nil, after: "owner")] : []
        event.setAttribute("region", "eu-\(number % 2)")
        if number % 7 == 0 { event.setFlag("time_observed") }
        if number % 6 == 0 { event.approvalExpires = Timestamp(microseconds: 1_783_000_000_000_001) }
        if number % 3 == 0 { event.timeBoundMicroseconds = 1_000 }
        return event
    }

    /// A draft of `count` events and as many records, continuing at `from`.
    static func draft(_ source: String = "okta", from: Int = 0, count: Int, salt seed: UInt8 = 1) -> BatchDraft {
        var draft = BatchDraft(source: source, instance: "example", parser: parser, policy: policy)
        draft.events = (from..<from + count).map { event($0, source: source) }
        draft.batchSalt = count == 0 ? [] : salt(seed)
        draft.counts = RecordCounts(received: Int64(count) + 1, parsed: Int64(count), quarantined: 1)
        draft.dropped = ["debugContext.*": 3]
        draft.cursorFrom = ["offset": .integer(Int64(from) * 100)]
        draft.cursorTo = ["offset": .integer(Int64(from + count) * 100)]
        draft.cursors = [
            CursorRow(source: source, contentID: "c1", offset: UInt64(from + count) * 100, records: UInt64(from + count), state: [1, 2])
        ]
        draft.ranges = [
            ContentRange(contentID: "c1", bytes: UInt64(from) * 100..<UInt64(from + count) * 100, counts: draft.counts)
        ]
        draft.duplicateKeys = (from..<from + count).map {
            DuplicateKey(id: UInt64($0) &* 0x9E37_79B9_7F4A_7C15, bytes: UInt64($0), expires: .max)
        }
        if count > 0 { draft.bindings = [TokenBinding(token: "usr_\(from)", commitment: salt(9))] }
        return draft
    }
}
