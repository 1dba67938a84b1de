import AuditModel

/// Random events whose texts are full of their own identities, findings, escapes and near misses.
struct HostileEvents {
    /// A linear congruential generator: the same events for the same seed.
    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let high = state >> 32
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return high << 32 | state >> 32
        }
    }

    var dice: Dice

    init(seed: UInt64) { dice = Dice(state: seed) }

    static let people = [
        "alice@example.com", "Alice@Example.com", "carol7", "CAROL7", "Dana Whitfield", "dana.w@example.com", "Grant Hill", "grant", "root",
        "unknown", "00u1a2b3c4", "16301208", "17", "arn:aws:iam::123456789012:user/erik.m", "CORP\\zoe", "Zoë Müller", "zoë", "  bob.b  ",
        "AROA123:session-x", "", "x", "deadbeef", "4123", "beef", "config.amazonaws.com", "dependabot[bot]", "Person 77", "worKer", "E1042",
        "(unknown)", "-dash-first", "o'brien@example.org", "name with  two spaces", "ａlice＠example.com", "3f2504e04f89",
        "usr_aebagbafaydqq",
    ]
    static let addresses = [
        "203.0.113.7", "203.0.113.7:51234", "2001:DB8::1", "[2001:db8::1]:443", "::ffff:203.0.113.7", "cloudtrail.amazonaws.com",
        "alices-laptop",
        "010.1.2.3", "10.0.0.0", "256.1.1.1", "fe80::1%eth0", "", "127.0.0.1", "1.2.3", "Zoë",
    ]
    static let agents = [
        "curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "", "-", "strange alice@example.com",
    ]
    static let pieces = [
        "mail bob@example.org", "from 198.51.100.9", "card 4111 1111 1111 1111", "user=carol7", "user=mallory", "/home/zoe/x",
        "/home/carol7",
        "password=hunter2", "\\ncarol7", "\\tDana", "\\n\\n", "ssn 123-45-6789", "+49 30 1234567", "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "user 'trudy'", "new group: name=carol7, GID=1009", "Bearer abc123def456", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "%40", "é",
        "漢字",
        "ip-10-0-0-1", "v1.2.3.4", "-", "\"", "'", "(", ")", ";", "\u{0}", "DE89370400440532013000", "eyJhbGciOiJIUzI1NiJ9.e30",
        "AKIAIOSFODNN7EXAMPLE",
        "usr_aebagbafaydqq", "name [at] example [dot] com", "grantor", "xcarol7", "carol7x", "Whitfield's", "dana.w", "session-x", "erik.m",
    ]
    static let ids = [
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "deadbeef-4123-beef-9a0c-3f2504e04f89", "ad120001-2030-2003-5910-0100aaaabbbb",
        "4111111111111111",
        "idx00ff11", "req-carol7", "deadbeef", "16301208", "be685390-0754-7034-be68-539007547034", "x", "abc", "A1", "eyJhbGciOiJIUzI1NiJ9",
        "DE89370400440532013000", "card4111111111111111", "MIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu",
        "550e8400-e29b-41d4-a716-446655440000",
    ]

    mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &dice)] }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &dice) < percent }

    /// A text of pieces, identities in any case, and random bytes between.
    mutating func text() -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...6, using: &dice) {
            switch Int.random(in: 0..<6, using: &dice) {
            case 0: text += pick(Self.pieces)
            case 1: text += pick(Self.people)
            case 2: text += pick(Self.people).uppercased()
            case 3: text += pick(Self.ids)
            case 4: text += pick(Self.people).split(whereSeparator: { " @/\\".contains($0) }).first.map(String.init) ?? "-"
            default:
                text += pick([
                    "User login to Okta", "granted", "by", "Mail sent to", "of", "12", "policy", String(repeating: "y", count: 90),
                ])
            }
            text += pick([" ", "", "/", ".", "\\n", "_", ",", ":", "=", "@", " ", " "])
        }
        return text
    }

    static let classes: [ClassAssignment] = [
        ClassAssignment(
            attributes: [
                "who": .identity, "peer": .networkIdentity, "agent": .quasi, "key": .secret, "text": .freeText, "kind": .public,
                "zone": .public,
            ], changes: ["owner": .identity, "password": .secret, "peer": .networkIdentity, "agent": .quasi]),
        ClassAssignment(
            attributes: [
                "who": .public, "peer": .secret, "agent": .freeText, "key": .public, "text": .identity, "kind": .secret, "zone": .quasi,
            ],
            overrides: [
                .tenant: .identity, .session: .secret, .actorName: .public, .originIP: .identity, .originHost: .public, .message: .public,
                .originUserAgent: .networkIdentity, .reason: .identity, .actorOnBehalfOf: .networkIdentity,
            ]),
        ClassAssignment(
            attributes: [
                "who": .identity, "peer": .public, "agent": .public, "key": .public, "text": .public, "kind": .public, "zone": .public,
            ],
            overrides: [.actorEmail: .freeText, .originNet: .freeText, .source: .public, .message: .identity]),
    ]

    mutating func event(source: String) -> ParsedEvent {
        var event = Event()
        event[.source] = source
        if chance(90) { event[.actorID] = pick(Self.people) }
        if chance(70) { event[.actorEmail] = pick(Self.people) }
        if chance(70) { event[.actorName] = pick(Self.people) }
        if chance(20) { event[.actorOnBehalfOf] = pick(Self.people) }
        if chance(10) { event[.approvalBy] = pick(Self.people) }
        if chance(80) { event[.originIP] = pick(Self.addresses) }
        if chance(20) { event[.originHost] = pick(Self.addresses + Self.people) }
        if chance(50) { event[.originUserAgent] = pick(Self.agents) }
        if chance(10) { event[.originNet] = "192.0.2.0/24" }
        if chance(80) { event[.message] = text() }
        if chance(30) { event[.reason] = text() }
        for field in [EventField.eventID, .session, .request, .correlation, .approvalRef] where chance(60) {
            event[field] = chance(80) ? pick(Self.ids) : text()
        }
        for field in [EventField.action, .sourceAction, .tenant, .outcome, .actorType, .severity, .instance] where chance(50) {
            event[field] = chance(50) ? pick(["auth.session.create", "success", "acme", "user", "carol7"]) : text()
        }
        if chance(30) { event.roles = (0..<Int.random(in: 1...3, using: &dice)).map { _ in chance(50) ? "admin" : text() } }
        if chance(70) {
            event.targets = (0..<Int.random(in: 1...3, using: &dice)).map { _ in
                Event.Target(
                    type: chance(90) ? pick(["user", "person", "device", "mailbox", "bucket", "carol7"]) : nil,
                    id: chance(80) ? (chance(50) ? pick(Self.people) : pick(Self.ids)) : nil,
                    name: chance(80) ? (chance(50) ? pick(Self.people) : text()) : nil)
            }
        }
        if chance(30) {
            event.changes = (0..<Int.random(in: 1...3, using: &dice)).map { _ in
                Event.Change(
                    field: pick(["owner", "password", "peer", "agent", "other", "carol7", ""]),
                    before: chance(70) ? pick(Self.people) : nil,
                    after: chance(70) ? (chance(50) ? text() : pick(Self.addresses)) : nil)
            }
        }
        for name in ["who", "peer", "agent", "key", "text", "kind", "zone"] where chance(25) {
            event.setAttribute(name, chance(40) ? text() : chance(50) ? pick(Self.people) : pick(Self.addresses))
        }
        event.time = Timestamp(microseconds: Int64(event.targets.count))
        return ParsedEvent(event: event, classes: pick(Self.classes))
    }
}
