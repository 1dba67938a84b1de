import AuditModel
import DurableIO
@testable import EventStore
import Foundation
import GRDB
import Testing

@Suite struct CatalogueLineFileTests {
    private let file: [UInt8] =
        CatalogueLineFile.header(storeID: "f3") + CatalogueLineFile.line(["size": 1, "text": "a\nb"]) + CatalogueLineFile.line(["size": 22])

    private func lines(_ bytes: [UInt8]) -> (count: Int, end: CatalogueLineFile.End) {
        var count = 0
        let end = CatalogueLineFile.scan(bytes) { _ in count += 1 }
        return (count, end)
    }

    @Test func `a file that is cut inside a line is torn, between lines it is whole`() {
        let ends = file.indices.filter { file[$0] == 0x0A }.map { $0 + 1 }
        for length in 0...file.count {
            let (count, end) = lines(Array(file.prefix(length)))
            #expect(count == ends.count { $0 <= length }, "\(length) bytes")
            #expect(end == (length == 0 || ends.contains(length) ? .whole : .torn), "\(length) bytes")
        }
    }

    @Test func `a file with any bit changed is damaged, never torn`() {
        for index in file.indices {
            for bit in 0..<8 {
                var bytes = file
                bytes[index] ^= 1 << bit
                guard case .damaged = lines(bytes).end else {
                    Issue.record("byte \(index), bit \(bit): \(lines(bytes).end)")
                    continue
                }
            }
        }
    }

    @Test func `a torn last line is a line that is missing, and the next writer puts it right`() throws {
        let test = TestStore(inMemory: true)
        let path = test.directory + "/catalogue.jsonl"
        let files = test.options.fileSystem
        do {
            let store = try EventStore.create(directory: test.directory, origin: "example.org/torn", options: test.options)
            defer { store.close() }
            try store.openSession(.service)
            _ = try store.commit([TestStore.draft(count: 3)])
            _ = try store.commit([TestStore.draft(from: 3, count: 3)])
        }
        let whole = try files.readFile(path)
        let opened = try files.open(path, .readWrite)
        try opened.truncate(to: UInt64(whole.count - 10))
        opened.close()
        let report = try StoreCheck.run(directory: test.directory, options: test.options)
        #expect(report.findings.isEmpty)
        #expect(report.linesEndAt != nil)
        try EventStore.open(directory: test.directory, access: .writer, options: test.options).close()
        #expect(lines(try files.readFile(path)).end == .whole)
        #expect(try StoreCheck.run(directory: test.directory, options: test.options).linesEndAt == nil)
    }

    @Test func `a row of the catalogue that moved out of sight is an error, not a smaller answer`() throws {
        let test = TestStore(inMemory: true)
        do {
            let store = try EventStore.create(directory: test.directory, origin: "example.org/rows", options: test.options)
            defer { store.close() }
            try store.openSession(.service)
            try store.configure([SourceSettings(source: "okta", parser: "okta")])
            for from in [0, 3] { _ = try store.commit([TestStore.draft(from: from, count: 3)]) }
        }
        let path = test.directory + "/catalogue.sqlite"
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for change in [
            "UPDATE batch SET log_index = 999 WHERE log_index = (SELECT max(log_index) FROM batch)",
            "DELETE FROM batch WHERE log_index = (SELECT max(log_index) FROM batch)",
            "UPDATE entry SET bytes = CAST(replace(bytes, 'okta', 'octa') AS BLOB) WHERE type = 'config'",
            "DELETE FROM entry WHERE type = 'config'",
            "UPDATE entry SET type = 'gap' WHERE type = 'config'",
            "UPDATE entry_count SET count = count + 1 WHERE type = 'config'",
            "UPDATE tree SET next_seq = next_seq + 1",
        ] {
            try whole.write(to: URL(fileURLWithPath: path))
            var settings = Configuration()
            settings.foreignKeysEnabled = false
            let queue = try DatabaseQueue(path: path, configuration: settings)
            try queue.write { db in
                try db.execute(sql: change)
                #expect(db.changesCount == 1, "\(change)")
            }
            try queue.close()
            #expect(throws: StoreError.self, "\(change)") {
                let store = try EventStore.open(directory: test.directory, access: .reader, options: test.options)
                defer { store.close() }
                _ = try store.snapshot()
            }
            #expect(try !StoreCheck.run(directory: test.directory, options: test.options).findings.isEmpty, "\(change)")
        }
    }
}
