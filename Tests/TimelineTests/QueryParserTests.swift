import AuditModel
import Testing

@testable import Timeline

struct QueryParserTests {
    private let now = Timestamp(rfc3339: "2026-10-01T00:00:00Z")!

    private func parse(_ query: String) throws -> Filter { try QueryParser.parse(query, now: now) }

    private func field(_ name: String, _ value: String) -> Filter { .field(FieldSelector(name: name)!, TextPattern(value)) }

    @Test func `terms side by side are joined and bind closer than OR`() throws {
        let filter = try parse("actor:a action:b OR NOT tenant:c (d -outcome:failure)")
        #expect(
            filter
                == .or([
                    .and([field("actor", "a"), field("action", "b")]),
                    .and([.not(field("tenant", "c")), .and([.word("d"), .not(field("outcome", "failure"))])]),
                ]))
    }

    @Test func `AND is the same as nothing between`() throws {
        #expect(try parse("a AND b") == parse("a b"))
    }

    @Test func `an empty query is every event`() throws {
        #expect(try parse("  ") == .all)
    }

    @Test(arguments: [
        ("since:2026-08-14", "2026-08-14T00:00:00.000000Z"), ("since:2026-08-14T09:30", "2026-08-14T09:30:00.000000Z"),
        ("since:2026-08-14T09:30:00+02:00", "2026-08-14T07:30:00.000000Z"), ("since:24h", "2026-09-30T00:00:00.000000Z"),
        ("since:2w", "2026-09-17T00:00:00.000000Z"),
    ])
    func `times are dates, moments and spans back`(query: String, expected: String) throws {
        #expect(try parse(query) == .time(from: Timestamp(rfc3339: expected), until: nil))
    }

    @Test(arguments: [
        ("actr:x", "there is no field named actr; did you mean actor?", 0),
        ("a (b", "this parenthesis is never closed; add )", 2), ("a ) b", "this parenthesis was never opened; remove it", 2),
        ("message:\"x", "the quotation mark is never closed; add \" at its end", 8),
        ("actor:", "actor: has no value; write actor:value, or actor:* for any value", 5),
        ("since:yesterdayish", "yesterdayish is not a time", 0), ("a OR", "something is missing at the end; add a term", 4),
        ("OR a", "a term is expected here", 0),
    ])
    func `a query that cannot be read says where and how to mend it`(query: String, message: String, position: Int) {
        let error = #expect(throws: QuerySyntaxError.self) { try parse(query) }
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
        #expect(error?.position == position)
    }

    @Test func `nesting is limited`() {
        #expect(throws: QuerySyntaxError.self) { try parse(String(repeating: "(", count: 10_000) + "a") }
    }

    @Test func `a clock time and an address are words and a quoted star is a star`() throws {
        #expect(try parse("10:30") == .word("10:30"))
        #expect(try parse("message:\"50*2\"") == .field(.fields([.message]), TextPattern("50*2", isLiteral: true)))
    }

    @Test func `time bounds are the narrowest that AND allows and the widest that OR needs`() throws {
        let both = try parse("since:2026-08-01 until:2026-09-01 (since:2026-08-05 OR since:2026-08-10) x").timeBounds
        #expect(both.from == Timestamp(rfc3339: "2026-08-05T00:00:00Z"))
        #expect(both.until == Timestamp(rfc3339: "2026-09-01T00:00:00Z"))
        let open = try parse("since:2026-08-01 OR action:x").timeBounds
        #expect(open.from == nil)
        #expect(open.until == nil)
    }
}
