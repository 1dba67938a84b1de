import Collection
import Foundation
import Testing

struct FileCollectorTests {
    @Test func `a file is read as it grows, and an unfinished line waits for its end`() throws {
        let bench = try Workbench()
        try bench.write("a.log", "one\ntwo\nthr")
        try bench.collect()
        #expect(bench.sink.lines == ["one", "two"])
        try bench.append("a.log", "ee\n")
        try bench.collect()
        #expect(bench.sink.lines == ["one", "two", "three"])
        try bench.append("a.log", "no end")
        try bench.collect()
        #expect(bench.sink.lines.count == 3)
        try bench.collect(advancing: 70_000)
        #expect(bench.sink.lines.last == "no end")
    }

    @Test func `a restart goes on at the committed cursor with the parser's state`() throws {
        let bench = try Workbench()
        try bench.write("a.log", numbered(0..<40))
        try bench.collect()
        try bench.append("a.log", numbered(40..<50))
        try bench.collect(commit: false)
        bench.restart()
        try bench.append("a.log", numbered(50..<60))
        try bench.collect()
        #expect(numbers(bench.sink.lines) == Array(40..<60))
        #expect(bench.sink.starts.map(\.parserState) == [Array("40".utf8)])
    }

    @Test func `a short file keeps its identity as it grows`() throws {
        let bench = try Workbench()
        try bench.write("a.log", numbered(0..<2))
        try bench.collect()
        for i in 2..<40 {
            bench.restart()
            try bench.append("a.log", numbered(i..<(i + 1)))
            try bench.collect()
            #expect(numbers(bench.sink.lines) == [i])
        }
        #expect(bench.committed.count == 1)
    }

    @Test(arguments: [1, 30, 400])
    func `rotation by rename is read to its end, also across a restart`(size: Int) throws {
        for restarts in [false, true] {
            let bench = try Workbench()
            try bench.write("a.log", numbered(0..<size))
            try bench.collect()
            if restarts { bench.restart() }
            try bench.append("a.log", numbered(size..<(size + 5)))
            try FileManager.default.moveItem(atPath: bench.path("a.log"), toPath: bench.path("a.log.1"))
            try bench.write("a.log", numbered(1_000..<1_003))
            try bench.collect()
            try bench.append("a.log.1", numbered(2_000..<2_001))
            try bench.collect()
            let expected = (restarts ? [] : Array(0..<size)) + Array(size..<(size + 5)) + [1_000, 1_001, 1_002, 2_000]
            #expect(numbers(bench.sink.lines).sorted() == expected)
        }
    }

    @Test(arguments: [1, 30, 400])
    func `rotation by copy and truncation loses nothing and reads nothing twice`(size: Int) throws {
        for restarts in [false, true] {
            let bench = try Workbench()
            try bench.write("a.log", numbered(0..<size))
            try bench.collect()
            if restarts { bench.restart() }
            // Written after the last look, then copied and truncated: only the copy has it.
            try bench.append("a.log", numbered(size..<(size + 5)))
            try FileManager.default.copyItem(atPath: bench.path("a.log"), toPath: bench.path("a.log.1"))
            try bench.truncate("a.log")
            try bench.append("a.log", numbered(1_000..<1_003))
            try bench.collect()
            try bench.collect(advancing: 5_000)
            try bench.append("a.log", numbered(1_003..<1_004))
            try bench.collect()
            let expected = (restarts ? [] : Array(0..<size)) + Array(size..<(size + 5)) + Array(1_000..<1_004)
            #expect(numbers(bench.sink.lines).sorted() == expected)
            #expect(bench.sink.notes.isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func `a pattern without a star still finds what was rotated away from it`(copies: Bool) throws {
        let bench = try Workbench(["a.log"])
        try bench.write("a.log.7", numbered(900..<930))
        try bench.write("a.log", numbered(0..<30))
        try bench.collect()
        bench.restart()
        // While nobody looked: two rotations.
        try bench.append("a.log", numbered(30..<40))
        for (number, range) in [(2, 40..<80), (1, 80..<90)] {
            if copies {
                try FileManager.default.copyItem(atPath: bench.path("a.log"), toPath: bench.path("a.log.\(number)"))
                try bench.truncate("a.log")
            } else {
                try FileManager.default.moveItem(atPath: bench.path("a.log"), toPath: bench.path("a.log.\(number)"))
                try bench.write("a.log", "")
            }
            try bench.append("a.log", numbered(range))
        }
        try bench.collect()
        #expect(numbers(bench.sink.lines).sorted() == Array(30..<90))
        #expect(bench.sink.notes.isEmpty)
    }

    @Test func `a truncated file that has grown past the old position is noticed`() throws {
        let bench = try Workbench()
        try bench.write("a.log", numbered(0..<30))
        try bench.collect()
        try FileManager.default.copyItem(atPath: bench.path("a.log"), toPath: bench.path("a.log.1"))
        try bench.truncate("a.log")
        try bench.append("a.log", numbered(1_000..<1_200))
        try bench.collect()
        #expect(numbers(bench.sink.lines) == Array(0..<30) + Array(1_000..<1_200))
    }

    @Test func `an unfinished line is finished from the copy`() throws {
        let bench = try Workbench()
        try bench.write("a.log", numbered(0..<30) + "line 30 be")
        try bench.collect()
        try bench.append("a.log", "gun\n" + numbered(31..<33))
        try FileManager.default.copyItem(atPath: bench.path("a.log"), toPath: bench.path("a.log.1"))
        try bench.truncate("a.log")
        try bench.collect()
        #expect(numbers(bench.sink.lines) == Array(0..<33))
        #expect(bench.sink.lines[30] == "line 30 begun")
    }

    @Test func `truncation of unread bytes without a copy is a gap of known size`() throws {
        let bench = try Workbench()
        try bench.write("a.log", numbered(0..<20) + "half")
        try bench.collect()
        try bench.truncate("a.log")
        try bench.append("a.log", numbered(50..<51))
        try bench.collect()
        try bench.collect(advancing: 4_000)
        #expect(numbers(bench.sink.lines.filter { $0 != "half" }) == Array(0..<20) + [50])
        #expect(bench.sink.notes.map(\.kind) == [.lost(atLeastBytes: 1)])
    }

    @Test func `a file that vanished while nobody looked is a gap when more of it was seen than read`() throws {
        let bench = try Workbench()
        try bench.write("a.log", numbered(0..<20) + "half")
        try bench.collect()
        bench.restart()
        try FileManager.default.removeItem(atPath: bench.path("a.log"))
        try bench.collect()
        try bench.collect(advancing: 4_000)
        #expect(bench.sink.notes.map(\.kind) == [.noMatch, .lost(atLeastBytes: 4)])
        bench.restart()
        try bench.collect()
        try bench.collect(advancing: 4_000)
        #expect(bench.sink.notes.map(\.kind) == [.noMatch])
    }

    @Test func `a compressed twin, a copy and a new name add nothing`() throws {
        let bench = try Workbench(["*"], .once)
        try bench.write("a.log", numbered(0..<200))
        try bench.collect()
        #expect(bench.sink.lines.count == 200)
        try FileManager.default.copyItem(atPath: bench.path("a.log"), toPath: bench.path("copy"))
        try gzip(bench.path("a.log"), keep: true)
        try FileManager.default.moveItem(atPath: bench.path("a.log"), toPath: bench.path("renamed"))
        bench.restart()
        try bench.collect()
        #expect(bench.sink.lines.isEmpty)
        #expect(bench.committed.count == 1)
    }

    @Test func `a compressed file that holds more than was read is read on from there`() throws {
        let bench = try Workbench(["*"], .once)
        try bench.write("a.log", numbered(0..<200))
        try bench.collect()
        bench.restart()
        try bench.append("a.log", numbered(200..<230))
        try gzip(bench.path("a.log"), keep: false)
        try bench.collect()
        #expect(numbers(bench.sink.lines) == Array(200..<230))
    }

    @Test func `two contents with the same beginning are two contents`() throws {
        let bench = try Workbench(["*"], .once)
        let header = numbered(0..<20)
        try bench.write("a.log", header + numbered(100..<140))
        try bench.write("b.log", header + numbered(200..<240))
        // Shorter than what was read, and different in the middle: a new export of the same table.
        try bench.write("c.log", header + numbered(300..<330))
        try bench.collect()
        #expect(bench.sink.lines.count == 20 * 3 + 110)
        bench.restart()
        try bench.collect()
        #expect(bench.sink.lines.isEmpty)
        #expect(bench.committed.count == 3)
    }

    @Test func `a shorter copy of what was read is told by its hashes and not read again`() throws {
        let bench = try Workbench(["*"], .once)
        try bench.write("a.log", numbered(0..<300))
        try bench.collect()
        bench.restart()
        try bench.write("b.log", numbered(0..<250))
        try bench.collect()
        // Both are at hand, and were compared to the last byte.
        #expect(bench.sink.lines.isEmpty)
        #expect(bench.sink.notes.isEmpty)
        bench.restart()
        try FileManager.default.removeItem(atPath: bench.path("a.log"))
        try bench.write("c.log", numbered(0..<251))
        try FileManager.default.removeItem(atPath: bench.path("b.log"))
        try bench.collect()
        #expect(bench.sink.lines.isEmpty)
        guard case .shorterCopy = bench.sink.notes.first?.kind else { return #expect(Bool(false), "no note of what was not compared") }
    }

    @Test func `a still shorter copy at hand says nothing against a shorter one`() throws {
        let bench = try Workbench(["*"], .once)
        try bench.write("a.log", numbered(0..<300))
        try bench.collect()
        bench.restart()
        try FileManager.default.removeItem(atPath: bench.path("a.log"))
        try bench.write("b.log", numbered(0..<290))
        try bench.write("c.log", numbered(0..<295))
        try bench.collect()
        #expect(bench.sink.lines.isEmpty)
    }

    @Test(arguments: [false, true])
    func `files that share a long header and end differently are all read`(isGone: Bool) throws {
        let bench = try Workbench(["*"], .once)
        let header = String(repeating: "column,", count: 200) + "\n"
        try bench.write("a.csv", header + numbered(0..<20))
        try bench.collect()
        bench.restart()
        if isGone { try FileManager.default.removeItem(atPath: bench.path("a.csv")) }
        try bench.write("b.csv", header + numbered(100..<103))
        try bench.collect()
        #expect(numbers(Array(bench.sink.lines.dropFirst())) == [100, 101, 102])
        bench.restart()
        try bench.collect()
        #expect(bench.sink.lines.isEmpty)
    }

    @Test func `a truncated gzip gives what could be read and says so`() throws {
        let bench = try Workbench(["*"], .once)
        try bench.write("a.log", numbered(0..<3_000).replacingOccurrences(of: "xxx", with: "xyz"))
        try gzip(bench.path("a.log"), keep: false)
        let whole = try Data(contentsOf: URL(filePath: bench.path("a.log.gz")))
        try whole.prefix(whole.count / 2).write(to: URL(filePath: bench.path("a.log.gz")))
        try bench.collect()
        let read = bench.sink.lines.count
        #expect((1..<3_000).contains(read))
        guard case .damaged = bench.sink.notes.first?.kind else { return #expect(Bool(false), "no note of damage") }
        // The complete file comes later: it goes on with the line that was cut.
        bench.restart()
        try whole.write(to: URL(filePath: bench.path("a.log.gz")))
        try bench.collect()
        #expect(numbers(bench.sink.lines) == Array(read..<3_000))
    }

    @Test func `files that appear later and folders that appear later are found`() throws {
        let bench = try Workbench(["**/*.log"])
        try bench.collect()
        try FileManager.default.createDirectory(atPath: bench.path("2026/07"), withIntermediateDirectories: true)
        try bench.write("2026/07/a.log", "one\n")
        try bench.collect()
        #expect(bench.sink.lines == ["one"])
    }

    @Test func `a file that cannot be read is said once and hinders nobody`() throws {
        let bench = try Workbench()
        try FileManager.default.createSymbolicLink(atPath: bench.path("a.log"), withDestinationPath: "/proc/self/mem")
        try bench.write("b.log", "one\n")
        try bench.collect()
        try bench.collect()
        #expect(bench.sink.lines == ["one"])
        #expect(bench.sink.notes.count <= 1)
    }

    @Test func `a sink that wants the whole content gets it again and takes nothing twice`() throws {
        let bench = try Workbench()
        try bench.write("a.log", numbered(0..<40))
        try bench.collect()
        bench.restart()
        bench.sink.wantsAll = true
        try bench.append("a.log", numbered(40..<45))
        try bench.collect()
        #expect(numbers(bench.sink.lines) == Array(40..<45))
        bench.restart()
        try bench.collect()
        #expect(bench.sink.lines.isEmpty)
    }

    @Test(.timeLimit(.minutes(30)))
    func `loops of symbolic links end, and a link that leads out is told`() throws {
        let bench = try Workbench(["in/**"], .once)
        let files = FileManager.default
        for name in ["in/deep", "out"] { try files.createDirectory(atPath: bench.path(name), withIntermediateDirectories: true) }
        try bench.write("in/a.log", "one\n")
        try bench.write("out/b.log", "two\n")
        for (link, target) in [("in/loop", "."), ("in/deep/up", ".."), ("in/deep/again", ".."), ("in/away", "../out"), ("in/nowhere", "gone")] {
            try files.createSymbolicLink(atPath: bench.path(link), withDestinationPath: target)
        }
        try bench.collect()
        #expect(bench.sink.lines == ["one"])
        #expect(bench.sink.notes.map(\.name).sorted() == [bench.path("in/away"), bench.path("in/nowhere")])
    }

    @Test func `a compressed file that ends before its first byte is told, not passed over`() throws {
        let bench = try Workbench(["*.gz"], .once)
        // The ten bytes of a gzip header and nothing behind them.
        try Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]).write(to: URL(filePath: bench.path("a.gz")))
        try bench.collect()
        #expect(bench.sink.notes.map(\.name) == [bench.path("a.gz")])
    }

    @Test func `a short compressed file is read up to its damage`() throws {
        let bench = try Workbench(["*.gz"], .once)
        try bench.write("a", "one\ntwo\n")
        try gzip(bench.path("a"), keep: false)
        let handle = try FileHandle(forWritingTo: URL(filePath: bench.path("a.gz")))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("garbage".utf8))
        try handle.close()
        try bench.collect()
        #expect(bench.sink.lines == ["one", "two"])
        #expect(bench.sink.notes.count == 1)
        bench.restart()
        try bench.collect()
        #expect(bench.sink.lines.isEmpty)
    }

    private func gzip(_ path: String, keep: Bool) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/gzip")
        process.arguments = (keep ? ["-k"] : []) + [path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
