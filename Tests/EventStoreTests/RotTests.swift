import AuditModel
@testable import EventStore
import Foundation
import Testing

/// Changed bytes anywhere in the files of a small store. `PROOFLINE_ROT_BYTES` says how many are tried (400; 0 tries all).
@Suite struct RotTests {
    /// Files of the store that readers and auditors read, but for SQLite's.
    private func files(_ layout: StoreLayout) -> [String] {
        [layout.segments, layout.bindings, layout.log].flatMap { folder in
            (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).map { "\(folder)/\($0)" }
        }.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
        }.sorted()
    }

    private func flip(_ path: String, _ offset: UInt64, _ mask: UInt8) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seek(toOffset: offset)
        guard let byte = try file.read(upToCount: 1)?.first else { return }
        try file.seek(toOffset: offset)
        try file.write(contentsOf: [byte ^ mask])
    }

    @Test func `every changed byte is found, and rows are as they were sealed or an error`() throws {
        let test = TestStore(inMemory: true)
        let store = try EventStore.create(directory: test.directory, origin: "example.com/rot", options: test.options)
        _ = try store.commit([TestStore.draft(count: 4)])
        test.advance(seconds: 400)
        var next = TestStore.draft(from: 4, count: 3)
        next.duplicateKeys = []
        _ = try store.commit([next])
        try store.closeSession()
        let whole = try store.snapshot().batches.map { try store.snapshot().events(of: $0) }
        store.close()
        let layout = StoreLayout(directory: test.directory)
        var places: [(String, UInt64)] = []
        for path in files(layout) + [layout.catalogueLines] {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64 ?? 0
            places += (0..<size).map { (path, $0) }
        }
        #expect(places.count > 20_000)
        let wanted = ProcessInfo.processInfo.environment["PROOFLINE_ROT_BYTES"].flatMap { Int($0) } ?? 400
        let tried = wanted == 0 ? places : Array(places.shuffled().prefix(wanted))
        var missed: [String] = []
        for (path, offset) in tried {
            let mask = UInt8.random(in: 1...255)
            try flip(path, offset, mask)
            let report = try StoreCheck.run(directory: test.directory, options: test.options, salts: { _ in TestStore.salt(1) })
            if report.findings.isEmpty { missed.append("\(path) at \(offset) xor \(mask)") }
            do {
                let reader = try EventStore.open(directory: test.directory, access: .reader, options: test.options)
                defer { reader.close() }
                let snapshot = try reader.snapshot()
                for (batch, events) in zip(snapshot.batches, whole) {
                    if let found = try? snapshot.events(of: batch), found != events { missed.append("\(path) at \(offset) xor \(mask): other rows") }
                }
            } catch is StoreError {}
            try flip(path, offset, mask)
        }
        print("rot: \(tried.count) of \(places.count) bytes changed, \(tried.count - missed.count) found")
        #expect(missed == [])
        #expect(try StoreCheck.run(directory: test.directory, options: test.options, salts: { _ in TestStore.salt(1) }).findings == [])
    }
}
