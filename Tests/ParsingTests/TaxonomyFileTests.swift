import AuditModel
import Testing

@testable import Parsing

@Suite struct TaxonomyFileTests {
    private func error(_ yaml: String, over base: ActionTaxonomy? = nil) -> String? {
        do {
            _ = try TaxonomyFile.read(yaml, path: "t.yaml", over: base)
            return nil
        } catch {
            return error.description
        }
    }

    private func file(_ actions: [String], ocsf: String = "1.6.0") -> String {
        "version: 1\nocsf: \(ocsf)\nclasses:\n  authentication:\n    uid: 3002\n    actions:\n"
            + actions.map { "      \($0)\n" }.joined()
    }

    @Test func `the shipped taxonomy reads, and names what proofline itself does`() throws {
        let taxonomy = try TestParser.taxonomy.get()
        #expect(taxonomy.entries.count > 250)
        #expect(taxonomy.entry(for: "auth.session.start")?.category == "authentication")
        let own = taxonomy.entries.filter { $0.action.hasPrefix("proofline.") }
        #expect(own.count > 5 && own.allSatisfy { $0.category == ActionTaxonomy.ownCategory })
    }

    @Test func `a later file adds actions and changes none`() throws {
        let base = try TaxonomyFile.read(
            file(["a.b.c: {activity: 1, means: x}", "a.activity.other: {activity: 99, means: x}"]), path: "t.yaml")
        let more = try TaxonomyFile.read(
            file(["a.b.c: {activity: 1, means: x}", "a.b.d: {activity: 2, means: y}"]), path: "u.yaml", over: base)
        #expect(more.entries.map(\.action) == ["a.b.c", "a.activity.other", "a.b.d"])
        #expect(error(file(["a.b.c: {activity: 2, means: x}"]), over: base)?.contains("t.yaml:7:7") == true)
        #expect(error(file([], ocsf: "1.7.0"), over: base)?.contains("1.6.0") == true)
    }

    @Test func `what is no taxonomy is refused with its place`() {
        #expect(error(file(["a.b.c: {activity: 1, means: x}"]))?.contains("a.activity.other") == true)
        #expect(error(file(["a.b: {activity: 1, means: x}"]))?.contains("t.yaml:7:7") == true)
        #expect(error(file(["a.b.C: {activity: 1, means: x}"]))?.contains("domain.noun.verb") == true)
        #expect(error(file(["a.b.c: {activity: one, means: x}"]))?.contains("whole number") == true)
        #expect(error(file(["a.b.c: {activty: 1, means: x}"]))?.contains("'activity'") == true)
        #expect(error("version: 2\nocsf: 1.6.0\nclasses: {}\n")?.contains("version 1") == true)
    }
}
