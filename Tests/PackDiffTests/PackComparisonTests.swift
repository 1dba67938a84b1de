import AuditModel
import Cryptography
import Testing
import TransparencyLog

@testable import PackDiff

/// Packs in memory, over one log of ten entries.
private enum Made {
    static let tree: MerkleTree = tree(10)

    static func tree(_ count: Int, changed: Int? = nil) -> MerkleTree {
        MerkleTree(leaves: (0..<count).map { MerkleHash.leaf(Array("entry \($0)\($0 == changed ? " changed" : "")".utf8)) })
    }

    static func head(_ size: Int, changed: Int? = nil, origin: String = "log.example.org") -> Checkpoint {
        Checkpoint(origin: origin, size: UInt64(size), root: tree(size, changed: changed).root)
    }

    static func exception(_ key: String?, _ derived: String = "K-derived", text: String = "it failed") -> ReadPack.Exception {
        ReadPack.Exception(givenKey: key, derivedKey: derived, id: "X-1", rule: "late", severity: "high", text: text)
    }

    static func report(
        _ id: String = "EP-03", _ outcome: String = "pass", population: Int64 = 10, count: Int64? = nil, _ exceptions: [ReadPack.Exception]? = [],
        sha256: String = "aa", query: String = "a\nb\n", inventories: [ReadPack.Inventory] = []
    ) -> ReadPack.Report {
        ReadPack.Report(
            id: id, title: "Leavers", version: 1, outcome: outcome, population: population, exceptionCount: count ?? Int64(exceptions?.count ?? 0),
            exceptions: exceptions, definitionSHA256: sha256, query: query, inventories: inventories)
    }

    static func pack(
        _ quarter: Int, _ reports: [ReadPack.Report] = [report()], sources: [String] = ["okta"], head: Checkpoint? = nil,
        growth: (start: Checkpoint, proof: ConsistencyProof)? = nil
    ) -> ReadPack {
        let starts = ["2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01", "2027-01-01"].map { Timestamp(rfc3339: $0 + "T00:00:00Z")! }
        return ReadPack(
            packID: "\(quarter)", name: "EP-2026Q\(quarter)", framework: "soc2", level: "auditor", start: starts[quarter - 1], end: starts[quarter],
            sources: sources, reports: reports, checkpointEnd: head ?? Made.head(quarter == 1 ? 4 : 10), growth: growth)
    }
}

struct PackComparisonTests {
    private static let old = Made.pack(1)

    @Test func `two quarters without a change are not worse`() {
        let comparison = PackComparison(Self.old, Made.pack(2))
        #expect(comparison.periods == .contiguous)
        #expect(comparison.worse == [])
        #expect(comparison.reports.map(\.definitionChanged) == [false])
    }

    @Test func `new, repeated and closed exceptions add up to those of both packs`() {
        let before = ["K-a", "K-a", "K-b", "K-c"].map { Made.exception($0) }
        let after = ["K-a", "K-c", "K-c", "K-d"].map { Made.exception($0) }
        let comparison = PackComparison(
            Made.pack(1, [Made.report("EP-03", "exceptions", before)]), Made.pack(2, [Made.report("EP-03", "exceptions", after)]))
        let report = comparison.reports[0]
        #expect(report.opened.map(\.key) == ["K-c", "K-d"])
        #expect(report.repeated.map(\.key) == ["K-a", "K-c"])
        #expect(report.closed.map(\.key) == ["K-a", "K-b"])
        #expect(comparison.worse == ["EP-03 has new exceptions: 2."])
    }

    @Test func `where one pack gives no keys, both are compared by derived ones`() {
        let comparison = PackComparison(
            Made.pack(1, [Made.report("EP-03", "exceptions", [Made.exception(nil, "K-1")])]),
            Made.pack(2, [Made.report("EP-03", "exceptions", [Made.exception("K-given", "K-1")])]))
        #expect(comparison.reports[0].repeated.count == 1)
        #expect(comparison.worse == [])
    }

    @Test func `an outcome that got worse, a report and a source that are gone are for the worse; better ones are not`() {
        let reports = [Made.report("EP-01", "incomplete"), Made.report("EP-02", "pass"), Made.report("EP-09")]
        let later = [Made.report("EP-01", "pass"), Made.report("EP-02", "incomplete"), Made.report("EP-10")]
        let comparison = PackComparison(Made.pack(1, reports, sources: ["github", "okta"]), Made.pack(2, later, sources: ["aws", "okta"]))
        #expect(comparison.worse == ["EP-09 Leavers is gone.", "The source github is gone.", "EP-02 was pass and is incomplete."])
        #expect(comparison.added.map(\.id) == ["EP-10"])
        #expect(comparison.newSources == ["aws"])
    }

    @Test func `without rows the counts are compared`() {
        let comparison = PackComparison(
            Made.pack(1, [Made.report("EP-03", "exceptions", count: 2, nil)]), Made.pack(2, [Made.report("EP-03", "exceptions", count: 3, nil)]))
        #expect(!comparison.reports[0].hasLists)
        #expect(comparison.worse == ["EP-03 had 2 items with exceptions and has 3."])
    }

    @Test func `a gap between the periods is for the worse, an overlap is told`() {
        let gap = PackComparison(Self.old, Made.pack(3))
        #expect(gap.periods == .gap(from: Self.old.end, to: Made.pack(3).start))
        #expect(gap.worse.count == 1)
        #expect(PackComparison(Self.old, Made.pack(1, head: Made.head(10))).periods == .same)
    }

    @Test func `another definition shows its queries side by side`() {
        let comparison = PackComparison(Self.old, Made.pack(2, [Made.report(sha256: "bb", query: "a\nc\n")]))
        #expect(comparison.reports[0].query?.lines.map { "\($0.mark.rawValue)\($0.text)" } == [" a", "-b", "+c"])
    }

    @Test func `an inventory that was exchanged is told, one that was not is not`() {
        let file = ReadPack.Inventory(name: "admins", sha256: "11", owner: "IT", asOf: "2026-03-31")
        let later = ReadPack.Inventory(name: "admins", sha256: "22", owner: "IT", asOf: "2026-06-30")
        let same = ReadPack.Inventory(name: "roles", sha256: "33", owner: "IT", asOf: "2026-03-31")
        let comparison = PackComparison(Made.pack(1, [Made.report(inventories: [file, same])]), Made.pack(2, [Made.report(inventories: [later, same])]))
        #expect(comparison.reports[0].inventories == [PackComparison.InventoryChange(name: "admins", old: file, new: later)])
    }

    @Test func `the page and the text hold nothing that a reader's program would obey`() {
        let evil = Made.exception("K-<b>", text: "<script>alert('x')</script>\u{1b}[2J")
        let comparison = PackComparison(Self.old, Made.pack(2, [Made.report("EP-03", "exceptions", [evil])]))
        let page = ComparisonPage(comparison, css: "p{}").html
        #expect(!page.contains("<script") && page.contains("&lt;script&gt;alert(&#39;x&#39;)") && page.contains("K-&lt;b&gt;"))
        #expect(!ComparisonText(comparison).text.contains("\u{1b}"))
        #expect(ComparisonDocument(comparison).json["worse"]?.array?.count == 2)
    }
}

struct GrowthTests {
    private let old = Made.pack(1)

    private func growth(_ new: ReadPack, stored: ConsistencyProof? = nil) -> Growth { PackComparison(old, new, stored: stored).growth }

    @Test func `the newer pack proves growth where its proof begins at the older one's end`() {
        let new = Made.pack(2, growth: (Made.head(4), Made.tree.consistencyProof(from: 4)))
        #expect(growth(new) == .proven(.pack, from: 4, to: 10))
    }

    @Test func `a proof from elsewhere shows nothing, a store's proof does`() {
        let new = Made.pack(2, growth: (Made.head(2), Made.tree.consistencyProof(from: 2)))
        guard case .unproven(let why) = growth(new) else {
            Issue.record("a proof from another size shows nothing")
            return
        }
        #expect(why.contains("spans sizes 2 to 10") && why.contains("--store"))
        #expect(PackComparison(old, new).worse == [])
        #expect(growth(new, stored: Made.tree.consistencyProof(from: 4)) == .proven(.store, from: 4, to: 10))
    }

    @Test func `a rewritten, shrunk, forked or other log is inconsistent`() {
        let rewritten = Made.pack(2, head: Made.head(10, changed: 1))
        #expect(growth(rewritten, stored: Made.tree(10, changed: 1).consistencyProof(from: 4)).isInconsistent)
        #expect(growth(Made.pack(2, head: Made.head(3))).isInconsistent)
        #expect(growth(Made.pack(2, head: Made.head(4, changed: 1))).isInconsistent)
        #expect(growth(Made.pack(2, head: Made.head(10, origin: "other.example.org"))).isInconsistent)
        let forked = Made.pack(
            2, head: Made.head(10, changed: 1), growth: (Made.head(4, changed: 1), Made.tree(10, changed: 1).consistencyProof(from: 4)))
        #expect(growth(forked).isInconsistent)
        let broken = Made.pack(2, growth: (Made.head(4), Made.tree.consistencyProof(from: 3)))
        #expect(growth(broken).isInconsistent)
        #expect(!PackComparison(old, broken).worse.isEmpty)
    }
}
