import DurableIO
import Testing

@Suite struct SimulatedFileSystemTests {
    private func code(_ body: () throws(DurableIOError) -> Void) -> DurableIOError.Code? {
        do throws(DurableIOError) { try body() } catch { return error.code }
        return nil
    }

    @Test func `unsynced bytes are lost and synced ones stay`() throws {
        let disk = SimulatedFileSystem()
        let file = try disk.open("/a", .createNew)
        try file.writeAll([1, 2, 3])
        try file.sync()
        try disk.syncDirectory("/")
        try file.writeAll([9], at: 1)
        disk.restart()
        #expect(try disk.readFile("/a") == [1, 2, 3])
    }

    @Test func `a new name is lost without a sync of its directory`() throws {
        let disk = SimulatedFileSystem()
        try disk.createFile("/a", [1])
        disk.restart()
        #expect(try disk.status("/a") == nil)
    }

    @Test func `an atomic replace leaves the old or the new content at every power cut`() throws {
        for survival in [SimulatedFileSystem.Survival.nothing, .everything, .random(seed: 7), .random(seed: 8)] {
            for cut in 0..<8 {
                let disk = SimulatedFileSystem()
                try disk.atomicReplace("/f", [1, 1, 1])
                disk.cutPower(beforeMutation: disk.mutationCount + cut)
                let failure = code { () throws(DurableIOError) -> Void in try disk.atomicReplace("/f", [2, 2]) }
                disk.restart(survival)
                let found = try disk.readFile("/f")
                #expect(found == [1, 1, 1] || found == [2, 2], "cut \(cut), \(survival)")
                if failure == nil { #expect(found == [2, 2]) }
            }
        }
    }

    @Test func `a replace without a directory sync can be undone`() throws {
        // The canary: were the simulated disk too kind, this would keep the new content.
        let disk = SimulatedFileSystem()
        try disk.atomicReplace("/f", [1])
        try disk.replaceFile("/f", [2])
        disk.restart()
        #expect(try disk.readFile("/f") == [1])
    }

    @Test func `after a power cut everything fails until the restart`() throws {
        let disk = SimulatedFileSystem()
        let file = try disk.open("/a", .createNew)
        disk.cutPower(beforeMutation: disk.mutationCount)
        #expect(code { () throws(DurableIOError) -> Void in try file.writeAll([1]) } == .crashed)
        #expect(code { () throws(DurableIOError) -> Void in _ = try disk.list("/") } == .crashed)
        disk.restart()
        #expect(code { () throws(DurableIOError) -> Void in try file.sync() } == .crashed)
        #expect(try disk.list("/") == [])
    }

    @Test func `a full disk and a failing one are told apart`() throws {
        let disk = SimulatedFileSystem()
        disk.limitCapacity(toBytes: 2)
        let file = try disk.open("/a", .createNew)
        #expect(code { () throws(DurableIOError) -> Void in try file.writeAll([1, 2, 3]) } == .noSpace)
        disk.fail(mutation: disk.mutationCount, with: .ioFailure)
        #expect(code { () throws(DurableIOError) -> Void in try file.sync() } == .ioFailure)
    }

    @Test func `random survival repeats with its seed`() throws {
        func remains(_ seed: UInt64) throws -> [UInt8] {
            let disk = SimulatedFileSystem()
            let file = try disk.open("/a", .createNew)
            try disk.syncDirectory("/")
            try file.writeAll([UInt8](repeating: 7, count: 8_192))
            disk.restart(.random(seed: seed))
            return try disk.readFile("/a")
        }
        #expect(try remains(1) == remains(1))
        #expect(try remains(1) != remains(2))
    }

    @Test func `a lock is exclusive and does not outlive its holder`() throws {
        let disk = SimulatedFileSystem()
        let first = try disk.lock("/lock")
        #expect(code { () throws(DurableIOError) -> Void in _ = try disk.lock("/lock") } == .locked(holder: 1))
        first.release()
        _ = try disk.lock("/lock")
    }
}
