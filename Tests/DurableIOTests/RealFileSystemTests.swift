import DurableIO
import Foundation
import Testing

@Suite struct RealFileSystemTests {
    private let files = RealFileSystem()

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("durable-\(UUID().uuidString)").path
        try files.createDirectories(path + "/x/y")
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func failure(_ body: () throws(DurableIOError) -> Void) -> DurableIOError? {
        do throws(DurableIOError) { try body() } catch { return error }
        return nil
    }

    @Test func `what is written is read back whole, in part and mapped`() throws {
        try withDirectory { (path: String) throws -> Void in
            try files.atomicReplace(path + "/f", [1, 2, 3, 4])
            #expect(try files.readFile(path + "/f") == [1, 2, 3, 4])
            #expect(try files.map(path + "/f").array() == [1, 2, 3, 4])
            let file = try files.open(path + "/f", .read)
            #expect(try file.read(at: 2, count: 10) == [3, 4])
            #expect(try file.status().sizeBytes == 4)
            #expect(try files.list(path) == ["f", "x"])
            #expect(try files.status(path + "/f")?.permissions == 0o600)
        }
    }

    @Test func `an empty file maps to no bytes`() throws {
        try withDirectory { (path: String) throws -> Void in
            try files.createFile(path + "/empty", [])
            #expect(try files.map(path + "/empty").count == 0)
        }
    }

    @Test func `failures say what and how to remedy`() throws {
        try withDirectory { (path: String) throws -> Void in
            let missing = failure { () throws(DurableIOError) -> Void in _ = try files.open(path + "/no", .read) }
            #expect(missing?.code == .notFound)
            #expect(missing?.path == path + "/no")
            #expect(missing?.message.contains("check the path") == true)
            try files.createFile(path + "/f", [1, 2])
            #expect(failure { () throws(DurableIOError) -> Void in try files.createFile(path + "/f", []) }?.code == .exists)
            #expect(failure { () throws(DurableIOError) -> Void in _ = try files.readFile(path + "/f", limitBytes: 1) }?.code == .tooLarge)
            #expect(failure { () throws(DurableIOError) -> Void in try files.createDirectories(path + "/f") }?.code == .wrongKind)
            #expect(try files.status(path + "/nothing") == nil)
        }
    }

    @Test func `the second one to lock learns the holder's process id`() throws {
        try withDirectory { (path: String) throws -> Void in
            let lock = try files.lock(path + "/lock")
            let second = failure { () throws(DurableIOError) -> Void in _ = try files.lock(path + "/lock") }
            let own = ProcessInfo.processInfo.processIdentifier
            #expect(second?.code == .locked(holder: own))
            #expect(second?.message.contains("process \(own)") == true)
            lock.release()
            _ = try files.lock(path + "/lock")
        }
    }

    @Test func `an interrupted file system stops for good`() throws {
        try withDirectory { (path: String) throws -> Void in
            let interrupted = InterruptedFileSystem(files, stopBeforeMutation: 2)
            let result = failure { () throws(DurableIOError) -> Void in try interrupted.createFile(path + "/f", [1]) }
            #expect(result?.code == .crashed)
            #expect(try files.readFile(path + "/f") == [1])
            #expect(failure { () throws(DurableIOError) -> Void in _ = try interrupted.list(path) }?.code == .crashed)
        }
    }
}
