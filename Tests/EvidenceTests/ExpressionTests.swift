import AuditModel
import Foundation
import Testing

@testable import Evidence

@Suite struct ExpressionTests {
    private func value(_ text: String, _ event: Event = Event(), parameters: [String: Value] = [:]) throws -> Value {
        let evaluator = ExpressionEvaluator(
            people: PersonDirectory(MemoryEvidence()), parameters: parameters, period: QuarterStory.period, asOf: QuarterStory.period.end,
            seenUntil: [:], inventories: [:])
        let row = EventRow(seq: 7, logIndex: 0, index: 0, event: event)
        return try evaluator.value(try ExpressionParser.parse(text), in: .item(.bare(row)))
    }

    private func truth(_ text: String, _ event: Event = Event()) throws -> Truth {
        guard case .truth(let truth) = try value(text, event) else { throw EvidenceError(.evaluation, "no condition") }
        return truth
    }

    @Test(arguments: [
        ("starts('deploy-eu', 'deploy')", Truth.yes), ("ends('a.sql', '.sql')", .yes), ("contains('abc', 'bd')", .no),
        ("matches('db/prod/7', 'db/*/?')", .yes), ("matches('db', '*b?')", .no), ("lower('AbC') == 'abc'", .yes),
        ("overlap(split('a, b', ','), split('b;c', ';'))", .yes), ("split('a, b', ',') in (split('c', ','))", .no),
        ("time('2026-07-01') < time('2026-07-02T00:00:00Z')", .yes), ("number('12') == 12", .yes), ("missing(number('x'))", .yes),
        ("duration('2d') == 48h", .yes), ("days(50h) == 2", .yes), ("weekday(time('2026-07-01')) == 'Wed'", .yes),
        ("hour(time('2026-07-01T23:30:00Z')) == 23", .yes), ("hour(time('2026-07-01T23:30:00Z'), 'Europe/Berlin') == 1", .yes),
        ("if(1 < 2, 'a', 'b') == 'a'", .yes), ("12 == '12'", .yes), ("3 < '12'", .yes),
    ])
    func `texts, calendars and choices`(text: String, expected: Truth) throws { #expect(try truth(text) == expected) }

    @Test func `targets by type and changes by field are reached by name`() throws {
        var event = Event()
        event.targets = [.init(type: "role", name: "admin"), .init(type: "user", id: "usr_1")]
        event.changes = [.init(field: "state", before: "open", after: "closed")]
        #expect(try value("item.targets.role.name", event) == .text("admin"))
        #expect(try value("item.targets.user.person", event) == .people(["usr_1"]))
        #expect(try value("item.targets.group.id", event) == .missing)
        #expect(try value("item.changes.state", event) == .text("closed"))
        #expect(try value("item.changes.state.before", event) == .text("open"))
    }

    @Test(arguments: [
        ("0 2 * * *", "UTC", 92, "2026-07-01T02:00:00.000000Z"), ("*/30 8-9 * jul mon-fri", "UTC", 92, "2026-07-01T08:00:00.000000Z"),
        ("0 0 1 * *", "Europe/Berlin", 3, "2026-07-31T22:00:00.000000Z"), ("0 0 1 * 0", "UTC", 16, "2026-07-01T00:00:00.000000Z"),
        ("15,45 12 31 9 7", "UTC", 8, "2026-09-06T12:15:00.000000Z"),
    ])
    func `a schedule names its due times`(text: String, zone: String, count: Int, first: String) throws {
        let zone = try #require(TimeZone(identifier: zone))
        let times = try CronSchedule(text).dueTimes(in: QuarterStory.period, zone: zone, limit: 1000)
        #expect(times.count == count)
        #expect(times.first?.description == first)
    }

    @Test func `an hour that daylight saving leaves out is not due, one that comes twice is due once`() throws {
        let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
        let daily = try CronSchedule("30 2 * * *")
        #expect(daily.dueTimes(in: try Period("2026-03-28..2026-03-31"), zone: zone, limit: 9).map(\.description) == ["2026-03-28T01:30:00.000000Z", "2026-03-30T00:30:00.000000Z"])
        #expect(
            daily.dueTimes(in: try Period("2026-10-25..2026-10-27"), zone: zone, limit: 9).map(\.description) == ["2026-10-25T00:30:00.000000Z", "2026-10-26T01:30:00.000000Z"])
    }

    @Test(arguments: ["0 2 * *", "60 * * * *", "* * 0 * *", "5-1 * * * *", "*/0 * * * *", "* * * foo *", "1//2 * * * *", ", * * * *"])
    func `a schedule that makes no sense is refused`(text: String) {
        #expect(throws: CronSchedule.SyntaxError.self) { try CronSchedule(text) }
    }

    @Test(arguments: [
        ("1 + 2 == 3", Truth.yes), ("not 1 < 2", .no), ("1 < 2 and 2 < 1 or true", .yes), ("1 < 2 and (2 < 1 or false)", .no),
        ("'a' in ('b', 'a')", .yes),
        ("24h == 1d", .yes), ("90s < 2m", .yes), ("missing(item.tenant)", .yes), ("item.tenant == item.outcome", .yes),
        ("item.tenant != 'x'", .yes),
        ("item.tenant < 'x'", .no), ("first(item.tenant, 'x') == 'x'", .yes), ("same_person(item.actor.person, item.target.person)", .no),
    ])
    func `conditions follow precedence, and nothing equals only nothing`(text: String, expected: Truth) throws {
        #expect(try truth(text) == expected)
    }

    @Test func `times that lie closer than their bounds cannot be ordered`() throws {
        let event = Event.at("2026-07-01T12:00:00Z") {
            $0.timeBoundMicroseconds = 2_000_000
            $0.approvalExpires = Timestamp(rfc3339: "2026-07-01T11:59:59Z")
        }
        #expect(try truth("item.time > item.approval.expires", event) == .undecidable)
        #expect(try truth("not item.time > item.approval.expires", event) == .undecidable)
        #expect(try truth("item.time > item.approval.expires and false", event) == .no)
        #expect(try truth("item.time > item.approval.expires or true", event) == .yes)
        #expect(try truth("item.time - item.approval.expires > 3s", event) == .undecidable)
        #expect(try truth("item.time - item.approval.expires > 4s", event) == .no)
    }

    @Test func `weeks begin on Monday, also before 1970`() throws {
        #expect(try value("week(item.time)", .at("2026-07-05T23:59:59Z")) == .text("2026-06-29"))
        #expect(try value("week(item.time)", .at("2026-07-06T00:00:00Z")) == .text("2026-07-06"))
        #expect(try value("week(item.time)", .at("1969-12-30T00:00:00Z")) == .text("1969-12-29"))
    }

    @Test func `values of kinds that do not go together are an error, not a verdict`() {
        for text in ["1 < 'a'", "24h + 'a'", "item.time < 24h", "item.time + item.time"] {
            let error = #expect(throws: EvidenceError.self) { try value(text, .at("2026-07-01T00:00:00Z")) }
            #expect(error?.code == .evaluation)
        }
    }

    @Test(arguments: ["", "1 +", "(1", "'open", "f(1)", "present()", "a..b +", "1 ~ 2", "and", "x in 1"])
    func `text that is no expression is refused with a column`(text: String) {
        let error = #expect(throws: ExpressionParser.SyntaxError.self) { try ExpressionParser.parse(text) }
        #expect((error?.column ?? 0) >= 1)
    }

    @Test func `an expression beyond the limit is refused, one at the limit is worked out`() throws {
        let longest = String(repeating: "1+", count: 1_999) + "1"
        #expect(try value(longest) == .number(2_000))
        #expect(throws: ExpressionParser.SyntaxError.self) { try ExpressionParser.parse(longest + "+1") }
    }

    @Test func `deep nesting is refused`() {
        #expect(throws: ExpressionParser.SyntaxError.self) { try ExpressionParser.parse(String(repeating: "(", count: 100) + "1") }
    }

    @Test func `lengths of time read as people say them`() {
        let shown = [0, 500_000, 42_000_000, 3_600_000_000, 5_400_000_000, 86_400_000_000, 265_226_000_000, -2_847_000_000].map {
            DurationText.show($0)
        }
        #expect(shown == ["0 s", "under 1 s", "42 s", "1 h", "1 h 30 min", "24 h", "3 d 1 h", "-47 min 27 s"])
    }

    @Test func `periods are read in their short forms and refused otherwise`() throws {
        #expect(try Period("2026Q3") == QuarterStory.period)
        #expect(try Period("2026-12").end == Timestamp(rfc3339: "2027-01-01T00:00:00Z"))
        #expect(try Period("2026-07-01..2026-10-01").label == "20260701-20261001")
        #expect(try Period("2026").days.count == 365)
        for text in ["2026Q5", "2026-13", "26", "2026-10-01..2026-07-01", "Q3", "2026-07-01..x"] {
            #expect(throws: EvidenceError.self) { try Period(text) }
        }
    }

    @Test func `characters that act are shown as marks, others stay`() {
        #expect(ValueText.shown(.text("a\u{1B}[2Jb\u{202E}c\u{85}")) == "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}")
        #expect(ValueText.shown(.text("Łódź 東京 👩‍💻")) == "Łódź 東京 👩‍💻")
        #expect(ValueText.plain(.text("a\u{202E}")) == "a\u{202E}")
    }

    @Test func `numbers are grouped from five digits on`() {
        #expect(
            [1_234, 12_345, 1_234_567, -12_345].map { ValueText.grouped($0) } == [
                "1234", "12\u{202F}345", "1\u{202F}234\u{202F}567", "−12\u{202F}345",
            ])
    }
}
