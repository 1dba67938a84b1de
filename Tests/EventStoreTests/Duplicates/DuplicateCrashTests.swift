import AuditModel
import DurableIO
import Foundation
import Testing

@testable import EventStore

/// Cuts the power before each operation of the disk while keys become runs and runs are merged. What a commit said was durable is known
/// afterwards, a cursor never moved without its keys, and nothing is left over.
@Suite struct DuplicateCrashTests {
    private static let perCommit = StoreLimits.duplicateRunKeys
    private static let commits = DuplicateMerge.fanIn + 1

    private static func keys(_ commit: Int) -> [DuplicateKey] {
        (0..<perCommit).map { number in
            DuplicateKey(id: UInt64(number) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(commit), bytes: UInt64(commit), expires: .max)
        }
    }

    private func goOn(_ store: EventStore) throws {
        while true {
            let done = Int(try store.cursor(source: "okta", contentID: "c1")?.records ?? 0)
            guard done < Self.commits else { break }
            var draft = TestStore.draft(from: done, count: 1)
            draft.duplicateKeys = Self.keys(done)
            _ = try store.commit([draft])
            _ = try store.mergeDuplicateRuns()
        }
    }

    private func run(cutAt cut: Int?, _ test: TestStore, _ disk: SimulatedFileSystem) -> Int {
        let options = test.options(on: disk)
        guard let store = try? EventStore.create(directory: test.directory, origin: "example.com/keys", options: options) else { return 0 }
        let begin = disk.mutationCount
        if let cut { disk.cutPower(beforeMutation: begin + cut) }
        try? goOn(store)
        store.close()
        return disk.mutationCount - begin
    }

    @Test func `after a power cut at any step each committed key is known and no other`() throws {
        let count = run(cutAt: nil, TestStore(), SimulatedFileSystem())
        #expect(count > 60)
        let stride = ProcessInfo.processInfo.environment["PROOFLINE_CRASH_STRIDE"].flatMap { Int($0) } ?? 23
        for cut in Swift.stride(from: 0, to: count, by: stride) {
            let survival: SimulatedFileSystem.Survival = [.nothing, .everything, .random(seed: UInt64(cut))][cut % 3]
            let test = TestStore()
            let disk = SimulatedFileSystem()
            _ = run(cutAt: cut, test, disk)
            disk.restart(survival)
            let store = try EventStore.open(directory: test.directory, access: .writer, options: test.options(on: disk))
            let done = Int(try store.cursor(source: "okta", contentID: "c1")?.records ?? 0)
            for commit in 0..<Self.commits {
                let asked = Array(Self.keys(commit).prefix(20))
                let expected = [DuplicateKey.Verdict](repeating: commit < done ? .duplicate : .new, count: asked.count)
                #expect(try store.verdicts(asked) == expected, "cut \(cut), commit \(commit) of \(done)")
            }
            try goOn(store)
            #expect(store.duplicates.all.reduce(0) { $0 + $1.count } == Self.commits * Self.perCommit, "cut \(cut)")
            store.close()
            let report = try StoreCheck.run(directory: test.directory, options: test.options(on: disk), salts: { _ in nil })
            #expect(report.findings.filter { $0.kind == .duplicates } == [], "cut \(cut)")
            #expect(report.leftovers == [], "cut \(cut)")
        }
    }
}
