import AuditModel
import Testing

@testable import Timeline

struct PipeParserTests {
    private let now = Timestamp(rfc3339: "2026-10-01T00:00:00Z")!

    private func question(_ query: String) throws -> Query { try QueryParser.question(query, now: now) }

    @Test func `a filter alone asks for events`() throws {
        let question = try question("action:iam.* OR tenant:acme")
        #expect(question.aggregation == nil && question.limit == nil)
        #expect(question.filter == (try QueryParser.parse("action:iam.* OR tenant:acme", now: now)))
    }

    @Test(arguments: [
        ("| count", Aggregation(.count)),
        ("| count by outcome", Aggregation(.count, by: [.outcome])),
        ("| count by outcome, tenant", Aggregation(.count, by: [.outcome, .tenant])),
        ("|count by outcome,tenant", Aggregation(.count, by: [.outcome, .tenant])),
        ("| histogram 1h by outcome", Aggregation(.count, by: [.outcome], bucket: TimeBucket("1h"))),
        ("| count by tenant, 1d", Aggregation(.count, by: [.tenant], bucket: TimeBucket("1d"))),
        ("| top 20 actor.id", Aggregation(.count, by: [.actorID], limit: 20, skipsAbsentKeys: true)),
        ("| top 5 ip", Aggregation(.count, by: [.originIP], limit: 5, skipsAbsentKeys: true)),
        ("| distinct tenant", Aggregation(.distinct(.tenant))),
        ("| distinct tenant by actor.email, 1w", Aggregation(.distinct(.tenant), by: [.actorEmail], bucket: TimeBucket("1w"))),
        ("| min time", Aggregation(.minimum(.integer(.time)), order: .byKey)),
        ("| max severity by host", Aggregation(.maximum(.field(.severity)), by: [.originHost], order: .byKey)),
    ])
    func `a stage says what is counted`(stage: String, expected: Aggregation) throws {
        #expect(try question("tenant:acme \(stage)").aggregation == expected)
        #expect(try question(stage).filter == .all)
    }

    @Test func `first may stand alone or behind a count`() throws {
        #expect(try question("tenant:acme | first 10").limit == 10)
        #expect(try question("tenant:acme | limit 10").limit == 10)
        let both = try question("| count by tenant | first 3")
        #expect(both.aggregation == Aggregation(.count, by: [.tenant]) && both.limit == 3)
    }

    @Test func `a bar in quotation marks or inside a word is text`() throws {
        #expect(try question("message:\"a | count\"").filter == .field(.fields([.message]), TextPattern("a | count", isLiteral: true)))
        #expect(try question("\"x \\\" | y\"").filter == .word("x \" | y"))
        #expect(try question("a||b").filter == .word("a||b"))
        #expect(try question("a || b").filter == .or([.word("a"), .word("b")]))
        #expect(try question("it\"s | count").aggregation == Aggregation(.count))
    }

    @Test(arguments: [
        ("a | cont", "there is no stage named cont; did you mean count?", 4),
        ("a |", "a stage is missing behind |", 3),
        ("a | top x tenant", "x does not say how many values", 8),
        ("a | top 5", "a field is missing", 9),
        ("a | top 5 tenent", "there is no field named tenent; did you mean tenant?", 10),
        ("a | top 5 actor", "actor stands for several fields; write one of actor.id, actor.name", 10),
        ("a | count by role", "role may have several values", 13),
        ("a | count by tenant, tenant", "tenant stands here twice", 21),
        ("a | histogram tenant", "tenant is no width of time", 14),
        ("a | count | count", "count must stand right behind the filter", 12),
        ("a | first 3 | count", "count must stand right behind the filter", 14),
        ("a | count tenant", "nothing is expected here; remove tenant", 10),
        ("actr:x | count", "there is no field named actr; did you mean actor?", 0),
    ])
    func `a stage that cannot be read says where and how to mend it`(query: String, message: String, position: Int) {
        let error = #expect(throws: QuerySyntaxError.self) { try question(query) }
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
        #expect(error?.position == position, "\(error?.message ?? "")")
        #expect(error?.query == query)
    }

    @Test func `buckets begin where clocks and weeks do`() throws {
        let moment = Timestamp(rfc3339: "2026-08-14T09:30:00Z")!.microseconds  // a Friday
        func begin(_ width: String) throws -> String {
            let bucket = try #require(TimeBucket(width))
            return Timestamp(microseconds: bucket.begin(bucket.number(moment))).description
        }
        #expect(try begin("1h") == "2026-08-14T09:00:00.000000Z")
        #expect(try begin("1d") == "2026-08-14T00:00:00.000000Z")
        #expect(try begin("1w") == "2026-08-10T00:00:00.000000Z")
        #expect(try begin("7d") == "2026-08-10T00:00:00.000000Z")
        for wrong in ["", "h", "0h", "1y", "400d", "-1h", "1.5h"] { #expect(TimeBucket(wrong) == nil, "\(wrong)") }
    }
}
