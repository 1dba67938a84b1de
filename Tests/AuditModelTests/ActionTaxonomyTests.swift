import AuditModel
import Testing

struct ActionTaxonomyTests {
    private func entry(_ action: String, activity: Int = 1) -> ActionTaxonomy.Entry {
        ActionTaxonomy.Entry(action: action, category: "authentication", classUID: 3002, activityID: activity, meaning: "m")
    }

    @Test func `an action stands once, and again only as it is`() {
        var taxonomy = ActionTaxonomy(schemaVersion: "1.6.0")
        let results = [entry("a.b.c"), entry("d.e.f", activity: 2), entry("a.b.c"), entry("a.b.c", activity: 2)].map { taxonomy.add($0) }
        #expect(results == [true, true, true, false])
        #expect(taxonomy.entries.map(\.action) == ["a.b.c", "d.e.f"] && taxonomy.domains == ["a", "d"])
        #expect(taxonomy.entry(for: "a.b.c")?.activityID == 1 && taxonomy.entry(for: "a.b.d") == nil)
        #expect(ActionTaxonomy.other(in: "a") == "a.activity.other")
    }
}
