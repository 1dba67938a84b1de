import Testing

@testable import Evidence

@Suite struct ReportDefinitionLoaderTests {
    /// A definition that loads; tests replace one line of it.
    private static let minimal = """
        version: 1
        id: T-1
        revision: 1
        title: Title
        question: Question?
        method: Method.
        sources:
          all: {parsers: ["*"], need: all, why: because}
        parameters:
          limit: {type: duration, default: 24h, about: a limit}
        sets:
          things: action:thing.*
          others: action:other.*
        population:
          each: things
        joins:
          near:
            set: others
            on: [item.tenant == row.tenant]
            from: -1d
        compute:
          lag: near.time - item.time
        exceptions:
          - {id: far, title: Far, when: lag > limit, say: "Far by {lag}."}
        columns:
          Lag: lag
        narrative:
          - "{figures.population} items, median {median(lag)}."
        """

    private func load(_ text: String) throws -> ReportDefinition {
        try ReportDefinitionLoader.load(bytes: Array(text.utf8), path: "report.yaml")
    }

    private func refusal(replacing line: String, with other: String) -> EvidenceError? {
        #expect(throws: EvidenceError.self) { try load(Self.minimal.replacing(line, with: other)) }
    }

    @Test func `the shipped reports load, and their controls and ids are those of the catalogue`() throws {
        let library = try Shipped.library()
        #expect(Set(library.definitions.map(\.id)).subtracting((1...18).map { $0 < 10 ? "EP-0\($0)" : "EP-\($0)" }).isEmpty)
        #expect(Set(library.definitions.map(\.id)) == Set((1...18).map { $0 < 10 ? "EP-0\($0)" : "EP-\($0)" }))
        for definition in library.definitions {
            #expect(definition.controls.map(\.framework) == ["soc2", "iso27001", "nist80053", "pci", "hipaa"])
            #expect(!definition.limitations.isEmpty && !definition.charts.isEmpty)
        }
    }

    @Test func `a complete definition loads`() throws {
        let definition = try load(Self.minimal)
        #expect(definition.joins.map(\.name) == ["near"])
        #expect(definition.joins[0].from == -86_400_000_000)
        #expect(definition.parameters[0].defaultText == "24h")
    }

    @Test func `an unknown key names file, line and the nearest key`() {
        let error = refusal(replacing: "method: Method.", with: "metod: Method.")
        #expect(error?.code == .definition)
        #expect(error?.line == 6)
        #expect(error?.path == "report.yaml")
        #expect(error?.message.contains("did you mean `method`?") == true)
    }

    @Test func `an unknown key inside a section is refused too`() {
        let error = refusal(replacing: "from: -1d", with: "form: -1d")
        #expect(error?.line == 20)
        #expect(error?.message.contains("`joins.near`") == true)
    }

    @Test(arguments: [
        ("lag > limit", "lagg > limit", "nothing is named `lagg`"),
        ("lag > limit", "near.tenamt == 'x'", "did you mean `tenant`?"),
        ("lag > limit", "lag >", "a value is expected"),
        ("lag > limit", "median(lag) > limit", "belong into `narrative`"),
        ("lag > limit", "presnt(near)", "did you mean `present`?"),
        ("lag > limit", "lag > 24hours", "neither a number nor a duration"),
        ("lag > limit", "lag = limit", "equality is `==`"),
        ("near.time - item.time", "lag - item.time", "nothing is named `lag`"),
        ("each: things", "each: thingz", "did you mean `things`?"),
        ("set: others", "set: other", "did you mean `others`?"),
        ("item.tenant == row.tenant", "item.tenant > row.tenant", "each line is `item… == row…`"),
        ("things: action:thing.*", "things: acton:thing.*", "there is no field named acton"),
        ("things: action:thing.*", "things: action:thing.* since:2026-01-01", "leave `since:` and `until:` out"),
        ("default: 24h", "default: soon", "is not a duration"),
        ("version: 1", "version: 2", "reads version 1"),
        ("set: others", "inventory: others", "there is no inventory `others`"),
        ("item.tenant == row.tenant", "near.tenant == row.tenant", "nothing is named `near`"),
        ("from: -1d", "from: -1d\n  far: {set: others, on: [item.tenant == near.tenant]}", "joins stand on the left"),
        ("from: -1d", "from: -1d\n  far: {set: others, on: [nearr.tenant == row.tenant]}", "did you mean `near`?"),
        ("from: -1d", "from: -1d\n  far: {set: others, on: [item.tenant == row.tenant], when: 'any(far, row.tenant == 1)'}", "has no joins to look at here"),
        ("  lag: near.time - item.time", "  nothing: near.time - item.time", "names two things"),
        ("when: lag > limit", "when: lag > limit, of: things", "there is only one population"),
        ("when: lag > limit", "when: 'any(neer, row.tenant == 1)'", "must be the name of a join"),
        ("when: lag > limit", "when: 'any(near, row.tenamt == 1)'", "did you mean `tenant`?"),
        ("when: lag > limit", "when: last.near.tyme > item.time", "did you mean `time`?"),
        ("when: lag > limit", "when: item.targets.user.nam == 'x'", "`item` has no field"),
        ("each: things", "each: [things, othres]", "did you mean `others`?"),
        ("each: things", "log: [bach]", "did you mean `batch`?"),
        ("each: things", "each_source: al", "did you mean `all`?"),
        ("each: things", "rows: jobs", "there is no inventory `jobs`"),
        ("each: things", "groups: {set: things, by: item.tenant, within: 5m}", "nothing is named `item`"),
        ("each: things", "groups: {set: things, by: row.tenant, within: limt}", "did you mean `limit`?"),
        ("each: things", "coverage: day\n  each: things", "exactly one of"),
        ("id: T-1", "id: t 1", "capital letters"),
        ("say: \\\"Far by {lag}.\\\"", "say: \\\"Far by {lag.\\\"", "never closed"),
    ])
    func `a mistake is refused with a hint`(line: String, other: String, hint: String) {
        let clean = { (text: String) in text.replacing("\\\"", with: "\"") }
        let error = refusal(replacing: clean(line), with: clean(other))
        #expect(error?.code == .definition)
        #expect(error?.message.contains(hint) == true, "\(error?.message ?? "")")
        #expect(error?.line != nil)
    }

    @Test func `names that stand for two things are refused`() {
        let error = refusal(replacing: "  lag: near.time - item.time", with: "  limit: near.time - item.time")
        #expect(error?.message.contains("names two things") == true)
    }

    @Test func `a report without a rule is refused`() {
        let error = refusal(
            replacing: "exceptions:\n  - {id: far, title: Far, when: lag > limit, say: \"Far by {lag}.\"}", with: "undecided: []")
        #expect(error?.message.contains("at least one rule") == true)
    }

    @Test func `text that is no YAML is refused`() {
        let error = #expect(throws: EvidenceError.self) { try load("a: [") }
        #expect(error?.code == .definition)
    }
}
