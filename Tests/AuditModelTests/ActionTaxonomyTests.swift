import AuditModel
import Testing

struct ActionTaxonomyTests {
    @Test func `every action is domain, noun, verb and stands once`() {
        var seen: Set<String> = []
        for entry in ActionTaxonomy.entries {
            #expect(entry.action.wholeMatch(of: /[a-z]+\.[a-z_]+\.[a-z_]+/) != nil, "\(entry.action)")
            #expect(seen.insert(entry.action).inserted, "\(entry.action) stands twice")
        }
    }

    @Test func `every domain has its other`() {
        for domain in ActionTaxonomy.domains {
            let other = ActionTaxonomy.other(in: domain)
            #expect(ActionTaxonomy.entry(for: other) != nil, "\(other)")
        }
    }
}
