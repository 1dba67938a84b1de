import Collection
import Foundation
import Testing

/// A writer, a rotator and a crashing reader in random order: every line is taken once.
struct RotationPropertyTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `whatever order writes, rotations, looks, commits and crashes come in, every line is taken once`(number: UInt64) throws {
        // PROOFLINE_SEED replays one run.
        let seed =
            ProcessInfo.processInfo.environment["PROOFLINE_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...999_999) &* 41 &+ number
        var run = try RotationRun(seed: seed, hasStar: number % 2 == 0)
        for _ in 0..<60 { try run.step() }
        try run.finish()
        let difference = numbers(run.taken).sorted().difference(from: Array(0..<run.written))
        #expect(difference.isEmpty, "PROOFLINE_SEED=\(seed): \(run.history.joined(separator: " "))")
        #expect(run.lost.isEmpty, "PROOFLINE_SEED=\(seed)")
    }
}

/// One random run; SplitMix64 so that a seed says everything.
private struct RotationRun {
    let bench: Workbench
    let hasStar: Bool
    var state: UInt64
    var written = 0
    var taken: [String] = []
    var lost: [String] = []
    var history: [String] = []
    var unfinished = ""

    init(seed: UInt64, hasStar: Bool) throws {
        self.hasStar = hasStar
        bench = try Workbench([hasStar ? "a.log*" : "a.log"])
        state = seed
        try bench.write("a.log", "")
    }

    mutating func random(_ limit: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((z ^ (z >> 31)) % UInt64(limit))
    }

    mutating func step() throws {
        switch random(12) {
        case 0...4: try write()
        case 5...7:
            history.append("look")
            try bench.collect(commit: false)
        case 8...9: try commit()
        case 10:
            history.append("crash")
            bench.restart()
        default: try rotate()
        }
    }

    mutating func write() throws {
        let count = 1 + random(random(3) == 0 ? 60 : 4)
        var text = unfinished + numbered(written..<(written + count))
        written += count
        unfinished = ""
        if random(4) == 0 {
            let cut = text.index(text.endIndex, offsetBy: -10)
            unfinished = String(text[cut...])
            text = String(text[..<cut])
        }
        history.append("write(\(count))")
        try bench.append("a.log", text)
    }

    mutating func commit() throws {
        history.append("commit")
        try bench.collect()
        keep()
    }

    mutating func keep() {
        taken += bench.sink.lines
        bench.sink.lines = []
        lost += bench.sink.notes.filter { if case .lost(atLeastBytes: _) = $0.kind { true } else { false } }.map(\.name)
    }

    mutating func rotate() throws {
        try bench.append("a.log", unfinished)
        unfinished = ""
        let files = FileManager.default
        for number in stride(from: 20, to: 0, by: -1) {
            for ending in ["", ".gz"] where files.fileExists(atPath: bench.path("a.log.\(number)\(ending)")) {
                try files.moveItem(atPath: bench.path("a.log.\(number)\(ending)"), toPath: bench.path("a.log.\(number + 1)\(ending)"))
            }
        }
        if random(2) == 0 {
            history.append("rename")
            try files.moveItem(atPath: bench.path("a.log"), toPath: bench.path("a.log.1"))
            try bench.write("a.log", "")
        } else {
            history.append("copytruncate")
            try files.copyItem(atPath: bench.path("a.log"), toPath: bench.path("a.log.1"))
            try bench.truncate("a.log")
        }
        if hasStar, random(3) == 0, files.fileExists(atPath: bench.path("a.log.2")) {
            history.append("gzip")
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/gzip")
            process.arguments = [bench.path("a.log.2")]
            try process.run()
            process.waitUntilExit()
        }
    }

    mutating func finish() throws {
        try bench.append("a.log", unfinished)
        try bench.collect()
        // Compressed files that are short are read when nobody has written to them for a while.
        if hasStar {
            for name in try FileManager.default.contentsOfDirectory(atPath: bench.folder.path) where name.hasSuffix(".gz") {
                try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: bench.path(name))
            }
        }
        for _ in 0..<3 { try bench.collect(advancing: 4_000) }
        keep()
    }
}
