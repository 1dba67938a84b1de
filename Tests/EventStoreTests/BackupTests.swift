import AuditModel
import DurableIO
@testable import EventStore
import Foundation
import Testing

@Suite struct BackupTests {
    private let test = TestStore()
    private var target: String { test.directory + "-backup" }
    private var restored: String { test.directory + "-restored" }

    /// A store with a few commits, backed up into ``target``.
    private func made(_ commits: Int = 3) throws -> EventStore {
        let store = try EventStore.create(directory: test.directory, origin: "example.org/backup", options: test.options)
        try FileManager.default.createDirectory(atPath: store.layout.vault, withIntermediateDirectories: true)
        for number in 0..<commits { _ = try store.commit([TestStore.draft(from: number * 4, count: 4)]) }
        return store
    }

    private func backUp(_ store: EventStore, verifiesOld: Bool = false) throws -> BackupReport {
        try store.backUp(to: target, holdsKeys: true, verifiesOld: verifiesOld) { folder in
            try FileManager.default.createDirectory(atPath: folder + "/vault", withIntermediateDirectories: true)
            #expect(FileManager.default.createFile(atPath: folder + "/vault/vault.sqlite", contents: Data("identities".utf8)))
            return ["vault/vault.sqlite"]
        }
    }

    private func remove() {
        for path in [target, restored] { try? FileManager.default.removeItem(atPath: path) }
    }

    private func events(_ store: EventStore) throws -> [Event] {
        let snapshot = try store.snapshot()
        return try snapshot.batches.flatMap { try snapshot.verifiedBatch($0, salt: TestStore.salt(1)).events.map(\.event) }
    }

    @Test func `a restored store holds what the backup held and goes on`() throws {
        defer { remove() }
        let store = try made()
        _ = try backUp(store)
        let expected = try events(store)
        _ = try store.commit([TestStore.draft(from: 12, count: 4)])
        store.close()

        let manifest = try BackupRestore.run(from: target, to: restored)
        #expect(manifest.holdsKeys)
        #expect(FileManager.default.contents(atPath: restored + "/vault/vault.sqlite") == Data("identities".utf8))
        let again = try EventStore.open(directory: restored, access: .writer, options: test.options)
        defer { again.close() }
        #expect(try events(again) == expected)
        _ = try again.commit([TestStore.draft(from: 12, count: 4)])
        #expect(try StoreCheck.run(directory: restored, options: test.options, salts: { _ in TestStore.salt(1) }).findings == [])
        #expect(try events(again).count == 16)
    }

    @Test func `a second backup copies only what is new`() throws {
        defer { remove() }
        let store = try made()
        defer { store.close() }
        let first = try backUp(store)
        test.advance(seconds: 60)
        _ = try store.commit([TestStore.draft(from: 12, count: 4)])
        let second = try backUp(store)
        let unchanging = first.manifest.files.filter { $0.path == $0.stored }
        #expect(unchanging.count >= 6)
        #expect(second.copiedFiles == second.manifest.files.count - unchanging.count)
        _ = try BackupRestore.run(from: target, to: restored)
        let again = try EventStore.open(directory: restored, access: .reader, options: test.options)
        #expect(try events(again).count == 16)
    }

    @Test func `every file of a backup is checked by name when it is restored`() throws {
        defer { remove() }
        let store = try made(1)
        let manifest = try backUp(store).manifest
        store.close()
        for file in manifest.files {
            let path = target + "/" + file.stored
            let whole = try #require(FileManager.default.contents(atPath: path))
            var changed = whole
            if changed.isEmpty { changed.append(0) } else { changed[changed.count / 2] ^= 1 }
            try changed.write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: StoreError.self) { try BackupRestore.run(from: target, to: restored) }
            #expect(error?.code == .damaged && error?.path == path, "\(file.path)")
            #expect(!FileManager.default.fileExists(atPath: restored + "/store.json"))
            try FileManager.default.removeItem(atPath: path)
            try? FileManager.default.removeItem(atPath: restored)
            #expect(throws: StoreError.self) { try BackupRestore.run(from: target, to: restored) }
            try? FileManager.default.removeItem(atPath: restored)
            try whole.write(to: URL(fileURLWithPath: path))
        }
        _ = try BackupRestore.run(from: target, to: restored)
    }

    @Test func `a damaged copy of the backup before is found by reading it again`() throws {
        defer { remove() }
        let store = try made(1)
        defer { store.close() }
        let file = try #require(try backUp(store).manifest.files.first { $0.path.hasSuffix(".parquet") })
        var bytes = try #require(FileManager.default.contents(atPath: target + "/" + file.stored))
        bytes[20] ^= 1
        try bytes.write(to: URL(fileURLWithPath: target + "/" + file.stored))
        _ = try backUp(store, verifiesOld: true)
        _ = try BackupRestore.run(from: target, to: restored)
    }

    @Test func `no backup is made of a segment that is not as it was committed`() throws {
        defer { remove() }
        let store = try made(1)
        defer { store.close() }
        let path = store.layout.segment(1)
        var bytes = try #require(FileManager.default.contents(atPath: path))
        bytes[bytes.count / 2] ^= 4
        try bytes.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: StoreError.self) { try backUp(store) }
        #expect(error?.code == .damaged && error?.path == path)
        #expect(try BackupManifest(of: target) == nil)
    }

    @Test func `a folder that is no backup of this store is left alone`() throws {
        defer { remove() }
        let store = try made(1)
        defer { store.close() }
        let other = TestStore()
        let second = try EventStore.create(directory: other.directory, origin: "example.org/other", options: other.options)
        defer { second.close() }
        _ = try backUp(second)
        for folder in [target, other.directory] {
            let error = #expect(throws: StoreError.self) { try store.backUp(to: folder, holdsKeys: false) { _ in [] } }
            #expect(error?.code == .exists)
        }
        let error = #expect(throws: StoreError.self) { try BackupRestore.run(from: target, to: other.directory) }
        #expect(error?.code == .exists)
        #expect(throws: StoreError.self) { try BackupRestore.run(from: other.directory, to: restored) }
    }

    @Test func `killed at any step, the backup before stays whole`() throws {
        defer { remove() }
        let store = try made(2)
        _ = try backUp(store)
        _ = try store.commit([TestStore.draft(from: 8, count: 4)])
        store.close()
        var step = 0
        var isFinished = false
        while !isFinished {
            let disk = InterruptedFileSystem(RealFileSystem(), stopBeforeMutation: step)
            let reader = try EventStore.open(directory: test.directory, access: .reader, options: test.options(on: disk))
            isFinished = (try? backUp(reader)) != nil
            reader.close()
            if step.isMultiple(of: 3) || isFinished {
                _ = try BackupRestore.run(from: target, to: restored)
                let again = try EventStore.open(directory: restored, access: .reader, options: test.options)
                let count = try events(again).count
                #expect(isFinished ? count == 12 : count == 8 || count == 12, "step \(step)")
                again.close()
                try FileManager.default.removeItem(atPath: restored)
            }
            step += 1
        }
        #expect(step > 20)
    }

    @Test func `a manifest that leads out of its folder is refused`() throws {
        defer { remove() }
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        let hash = String(repeating: "0", count: 64)
        for path in ["../x", "/etc/x", "a//b", "a/./b", ""] {
            let text = """
                {"format":"proofline-backup","version":1,"storeId":"a","taken":"2026-10-01T00:00:00Z","checkpoint":1,"keys":"left out",\
                "files":[{"path":"store.json","stored":"\(path)","size":1,"sha256":"\(hash)"}]}
                """
            try text.write(toFile: target + "/backup.json", atomically: true, encoding: .utf8)
            let error = #expect(throws: StoreError.self) { try BackupManifest(of: target) }
            #expect(error?.code == .damaged)
        }
    }
}
