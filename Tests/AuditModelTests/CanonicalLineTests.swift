@testable import AuditModel
import Testing

struct CanonicalLineTests {
    private func example() -> Event {
        var event = Event()
        event.time = Timestamp(rfc3339: "2026-07-01T09:30:00.123456Z")
        event[.actorID] = "usr_aaaaaaaaaaaaa"
        event[.actorType] = "user"
        event.roles = ["support", "on-call"]
        event[.action] = "auth.session.start"
        event[.outcome] = "success"
        event[.message] = "tab\there \"quoted\" \u{1} ü 😀"
        event.targets = [Event.Target(type: "user", id: "usr_bbbbbbbbbbbbb"), Event.Target(name: "")]
        event.changes = [Event.Change(field: "role", after: "admin")]
        event.setAttribute("zeta", "1")
        event.setAttribute("alpha", "2")
        event.setFlag(Event.Flag.truncated)
        event[.originNet] = "192.0.2.0/24"
        event.approvalExpires = Timestamp(microseconds: -1)
        return event
    }

    @Test func `a canonical line is the golden one`() {
        let expected = #"""
            {"action":"auth.session.start","actor":{"id":"usr_aaaaaaaaaaaaa","roles":["support","on-call"],"type":"user"},"approval":{"expires":"1969-12-31T23:59:59.999999Z"},"attributes":{"alpha":"2","zeta":"1"},"changes":[{"after":"admin","field":"role"}],"flags":["truncated"],"message":"tab\there \"quoted\" \u0001 ü 😀","origin":{"net":"192.0.2.0/24"},"outcome":"success","salt":"00112233445566778899aabbccddeeff","schema":1,"targets":[{"id":"usr_bbbbbbbbbbbbb","type":"user"},{"name":""}],"time":"2026-07-01T09:30:00.123456Z"}
            """#
        let line = String(decoding: example().canonicalLine(salt: "00112233445566778899aabbccddeeff"), as: UTF8.self)
        #expect(line == expected)
    }

    @Test func `an event read back from its line is the same event`() throws {
        let event = example()
        #expect(try Event(json: event.json) == event)
    }

    @Test func `every field reaches the line and comes back`() throws {
        for field in EventField.allCases {
            var event = Event()
            event[field] = "x-\(field.name)"
            #expect(try Event(json: event.json) == event, "\(field.name)")
            #expect(EventField(name: field.name) == field)
        }
    }

    @Test func `the line has its members in canonical order whatever is set`() throws {
        var event = example()
        for field in EventField.allCases { event[field] = "v" }
        event.observed = Timestamp(microseconds: 0)
        event.timeBoundMicroseconds = 5
        event.replaces = 7
        let line = event.canonicalLine(salt: "00")
        #expect(try JSONValue(parsing: line).canonicalBytes == line)
    }

    @Test func `an unknown member is refused by name`() throws {
        let json = try JSONValue(parsing: #"{"schema":1,"actor":{"shoe_size":"44"}}"#)
        #expect(throws: Event.FormatError(message: "unknown member actor.shoe_size")) { try Event(json: json) }
    }

    @Test func `attribute names are ordered by UTF-16 code units`() {
        var event = Event()
        event.setAttribute("\u{FF61}", "after")
        event.setAttribute("😀", "before")
        #expect(event.attributes.map(\.name) == ["😀", "\u{FF61}"])
    }
}
