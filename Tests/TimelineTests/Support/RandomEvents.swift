import AuditModel
import EventStore

@testable import Timeline

/// Random events and queries over few values, so that they meet.
struct RandomEvents {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(state: seed) }

    mutating func pick<T>(_ values: [T]) -> T { values[Int(random.next() % UInt64(values.count))] }

    mutating func number(below bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    static let firstTime: Int64 = 1_780_000_000_000_000

    mutating func event() -> Event {
        var event = Event()
        if number(below: 20) > 0 { event.time = Timestamp(microseconds: Self.firstTime + Int64(number(below: 2_000)) * 600_000_000) }
        event[.source] = pick(["s0", "s1"])
        event[.action] = pick(["iam.role.grant", "iam.role.revoke", "auth.session.start", "data.export.run", "IAM.Role.Grant"])
        event[.outcome] = pick(["success", "failure", nil])
        event[.actorEmail] = pick(["usr_aaaaaaaaaaaaa", "usr_bbbbbbbbbbbbb", "usr_ccccccccccccc", nil])
        event[.actorID] = pick(["usr_aaaaaaaaaaaaa", "", nil, nil])
        event[.tenant] = pick(["acme", "globex", "Initech", nil])
        event[.eventID] = "e\(number(below: 500))"
        event[.correlation] = pick([nil, "c\(number(below: 50))"])
        event[.message] = pick(["Exported 12 rows", "rôle changed", "", nil, "role of usr_aaaaaaaaaaaaa changed", "ab|cd \"quoted\""])
        if number(below: 2) == 0 {
            event.targets = [Event.Target(type: "file", id: pick(["f1", "f2"])), Event.Target(type: "user", name: "usr_aaaaaaaaaaaaa")]
        }
        if number(below: 2) == 0 { event.roles = pick([["admin"], ["support", "admin"]]) }
        if number(below: 3) == 0 { event.changes = [Event.Change(field: pick(["role", "plan"]), before: nil, after: "x")] }
        if number(below: 2) == 0 { event.setAttribute("region", pick(["eu-west-1", "us-east-1"])) }
        if number(below: 4) == 0 { event.setAttribute("Region", "elsewhere") }
        if number(below: 3) == 0 { event.setFlag(Event.Flag.truncated) }
        event.timeBoundMicroseconds = pick([nil, 1_000, 2_000])
        return event
    }

    /// A random query of the filter language.
    mutating func query(depth: Int = 3) -> String {
        if depth > 0, number(below: 3) > 0 {
            let count = 2 + number(below: 2)
            let parts = (0..<count).map { _ in query(depth: depth - 1) }
            return "(" + parts.joined(separator: pick([" ", " OR ", " AND ", " NOT ", " -"])) + ")"
        }
        let day = 86_400_000_000
        let moment = Timestamp(microseconds: Self.firstTime + Int64(number(below: 16)) * Int64(day) - Int64(day))
        return pick([
            "action:iam.*", "action:iam.role.grant", "outcome:success", "outcome:*", "NOT outcome:*", "tenant:ACME", "tenant:initech",
            "tenant:*e*", "tenant:g*x", "actor:usr_aaaaaaaaaaaaa", "actor.id:\"\"", "actor:usr_*", "event_id:e\(number(below: 500))",
            "event_id:e1*", "correlation:c\(number(below: 50))", "message:*role*", "message:*ROWS", "message:Exp*", "message:\"\"",
            "message:*1*rows*", "role:admin", "role:support", "flag:truncated", "change:plan", "attributes.region:eu-*",
            "attributes.Region:*", "attributes.absent:*", "target:f1", "target.type:user", "target.name:usr_a*", "target.id:f2", "exported",
            "RÔLE", "us-east-1", "e4", "since:\(moment)", "until:\(moment)", "absent-word", "ip:10.0.0.1",
        ])
    }

    /// Events in segments of random shapes, with positions as a store would give them.
    mutating func segments(events count: Int) -> (sources: [SegmentSource], visible: [StoredEvent]) {
        var sources: [SegmentSource] = []
        var visible: [StoredEvent] = []
        var seq: Int64 = 0
        for id in 0..<4 {
            var events = (0..<count / 4).map { _ in self.event() }
            // Some segments are sorted by time, as compaction leaves them; most logs nearly are.
            if number(below: 2) == 0 { events.sort { ($0.time ?? .latest) < ($1.time ?? .latest) } }
            var stored = events.map { event -> StoredEvent in
                defer { seq += 1 }
                return StoredEvent(seq: seq, event: event)
            }
            var shape = BlockSegment.Shape()
            shape.groupRows = pick([32, 64, 100])
            shape.pageRows = pick([8, 16, 70])
            shape.localFields = pick([[], [.eventID], [.eventID, .message, .correlation]])
            shape.isIndexed = number(below: 4) > 0
            if number(below: 3) == 0 {
                shape.isInSeqOrder = false
                stored.shuffle(using: &random)
                if id == 3 { shape.seqEnd = seq - 20 }
            }
            visible += stored.filter { $0.seq < shape.seqEnd ?? .max }
            let salt = random.next()
            let segment = BlockSegment(id: Int64(id), stored, shape) { page, term in
                (UInt64(page) &* 31 &+ UInt64(term.count) &+ salt) % 7 == 0
            }
            let times = stored.compactMap(\.event.time?.microseconds)
            let hasAllTimes = times.count == stored.count
            sources.append(SegmentSource(times: hasAllTimes ? times.min()!...times.max()! : nil, open: { segment }))
        }
        return (sources, visible)
    }
}

struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
