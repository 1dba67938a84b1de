import AuditModel
import Foundation
import Testing
import Vault

@testable import Minimization

/// A vault in a folder of its own, and a minimizer with the shipped policy.
final class MinimizerFixture {
    let directory: String
    let vault: Vault
    let minimizer: Minimizer

    init(policy: String? = nil) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "minimizer-\(UUID().uuidString)").path
        vault = try Vault.create(directory: directory)
        let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../parsers/policy.yaml").path
        minimizer = Minimizer(
            policy: try policy.map { try MinimizationPolicy.parse(Array($0.utf8), path: "p.yaml") }
                ?? MinimizationPolicy.load(path: Self.existing(shipped)),
            vault: vault)
    }

    /// The shipped policy, also where the sources lie behind a link.
    static func existing(_ path: String) -> String {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return FileManager.default.fileExists(atPath: resolved)
            ? resolved : FileManager.default.currentDirectoryPath + "/parsers/policy.yaml"
    }

    func run(_ event: Event, _ classes: ClassAssignment = ClassAssignment(attributes: [:])) throws -> (event: Event, counts: [String: Int])
    {
        let batch = try minimizer.minimize([ParsedEvent(event: event, classes: classes)])
        return (try #require(batch.events.first), batch.counts)
    }

    func token(_ value: String) throws -> String { try #require(try vault.lookup(value).first, "no token for a value") }

    deinit { try? FileManager.default.removeItem(atPath: directory) }
}

struct MinimizerTests {
    private func event(_ fields: [EventField: String]) -> Event {
        var event = Event()
        event[.source] = "okta"
        for (field, value) in fields { event[field] = value }
        return event
    }

    @Test func `identities become tokens of one person, and repeat`() throws {
        let fixture = try MinimizerFixture()
        let (first, _) = try fixture.run(
            event([.actorID: "00u1", .actorName: "Alice Example", .actorEmail: "Alice@Example.com", .action: "auth.session.create"]))
        let (second, _) = try fixture.run(event([.actorEmail: "alice@example.com", .approvalBy: "alice@example.com"]))
        #expect(first[.actorEmail] == second[.actorEmail])
        #expect(second[.approvalBy] == second[.actorEmail])
        #expect(first[.action] == "auth.session.create")
        #expect(try fixture.vault.tokens(ofPersonWith: "00u1").count == 3)
        for field in [EventField.actorID, .actorName, .actorEmail] { #expect(Token(first[field] ?? "")?.kind == .user) }
    }

    @Test(arguments: [
        ("203.0.113.7", "203.0.113.0/24"), ("203.0.113.7:51234", "203.0.113.0/24"), ("2001:DB8::1", "2001:db8::/48"),
        ("[2001:db8::1]:443", "2001:db8::/48"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"), ("fe80::1%eth0", "fe80::/48"),
    ])
    func `an address becomes a token beside its prefix`(value: String, prefix: String) throws {
        let (event, _) = try MinimizerFixture().run(event([.originIP: value]))
        #expect(Token(event[.originIP] ?? "")?.kind == .address)
        #expect(event[.originNet] == prefix)
    }

    @Test func `a service's name stays, an unknown host does not`() throws {
        let fixture = try MinimizerFixture()
        let (service, _) = try fixture.run(event([.originIP: "cloudtrail.amazonaws.com", .originHost: "ec2.amazonaws.com"]))
        #expect(service[.originIP] == "cloudtrail.amazonaws.com")
        #expect(service[.originHost] == "ec2.amazonaws.com")
        let (other, _) = try fixture.run(event([.originIP: "alices-laptop", .originHost: "alices-laptop.local"]))
        #expect(Token(other[.originIP] ?? "")?.kind == .address)
        #expect(other[.originNet] == nil)
        #expect(Token(other[.originHost] ?? "")?.kind == .host)
    }

    @Test(arguments: [
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on macOS"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
            "Edge on Windows"
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari on iOS"
        ),
        ("aws-cli/2.15.30 Python/3.11.8 Linux/5.10 exe/x86_64", "AWS CLI"), ("curl/8.5.0", "curl"), ("OktaADAgent/3.18", "other"),
        ("Okta AD Agent/3.18", "Okta agent"),
        ("PlantedAgent-of-alice@example.com", "other"), ("-", "none"), ("", "none"), ("Go-http-client/1.1", "Go"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", "bot"),
    ])
    func `a user agent becomes family and system`(value: String, family: String) throws {
        let (event, _) = try MinimizerFixture().run(event([.originUserAgent: value]))
        #expect(event[.originUserAgent] == family)
    }

    @Test func `free text keeps its meaning and loses its persons`() throws {
        let fixture = try MinimizerFixture()
        let (event, counts) = try fixture.run(
            event([
                .actorEmail: "alice@example.com",
                .message: "alice@example.com from 203.0.113.7 gave bob@example.org card 4111 1111 1111 1111",
            ]))
        let alice = try fixture.token("alice@example.com")
        let bob = try fixture.token("bob@example.org")
        let address = try fixture.token("203.0.113.7")
        #expect(event[.message] == "\(alice) from \(address) gave \(bob) card [card]")
        #expect(event[.actorEmail] == alice)
        #expect(counts == ["scrub.email": 2, "scrub.ip": 1, "scrub.card": 1])
    }

    @Test func `an event's own identities go wherever they occur in it`() throws {
        let fixture = try MinimizerFixture()
        var raw = event([
            .actorID: "arn:aws:iam::123456789012:user/carol7", .actorName: "Dana Whitfield", .actorEmail: "dana.w@example.com",
            .message: "sudo: CAROL7 ran chage for Dana; Whitfield's grant (dana.w) by grantor", .tenant: "acme", .request: "req-carol7",
        ])
        raw.targets = [
            Event.Target(type: "bucket", id: "arn:aws:s3:::dana.w-private", name: "of Dana Whitfield"),
            Event.Target(type: "user", id: "u77x", name: "Erik"),
        ]
        raw.changes = [Event.Change(field: "owner", before: "erik", after: "carol7")]
        raw.setAttribute("note", "u77x/erik")
        let (event, counts) = try fixture.run(raw, ClassAssignment(attributes: ["note": .public]))
        let rendered = "\(event)".lowercased()
        for gone in ["carol7", "dana", "whitfield", "erik", "u77x"] { #expect(!rendered.contains(gone), "\(gone)") }
        #expect(event[.message]?.contains("grant (") == true)
        #expect(event[.tenant] == "acme")
        #expect(counts["scrub.known_identity"] ?? 0 > 6)
    }

    @Test func `a user name that the message gives away goes from the other fields too`() throws {
        let fixture = try MinimizerFixture()
        var raw = event([.message: "new group: name=carol7, GID=1009"])
        raw.targets = [Event.Target(type: "group", id: "1009", name: "carol7")]
        let (event, _) = try fixture.run(raw)
        #expect(event.targets == [Event.Target(type: "group", id: "1009", name: try fixture.token("carol7"))])
        #expect(event[.message] == "new group: name=\(try fixture.token("carol7")), GID=1009")
    }

    @Test func `a service that belongs to nobody keeps its name as an actor`() throws {
        let fixture = try MinimizerFixture()
        let (event, _) = try fixture.run(
            event([.actorID: "config.amazonaws.com", .actorName: "Dana Whitfield", .actorOnBehalfOf: "ec2.amazonaws.com"]))
        #expect(event[.actorID] == "config.amazonaws.com" && event[.actorOnBehalfOf] == "ec2.amazonaws.com")
        #expect(Token(event[.actorName] ?? "") != nil)
    }

    @Test func `names of nobody stay in texts, numbers of somebody go`() throws {
        let fixture = try MinimizerFixture()
        let (event, _) = try fixture.run(
            event([.actorID: "16301208", .actorName: "vagrant", .message: "vagrant (16301208) in /home/vagrant, uid 16301208"]))
        let id = try #require(event[.actorID])
        #expect(event[.message] == "vagrant (\(id)) in /home/vagrant, uid \(id)")
        #expect(Token(event[.actorName] ?? "") != nil)
    }

    @Test func `public fields are guarded`() throws {
        let fixture = try MinimizerFixture()
        let secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
        var raw = event([
            .sourceAction: "invite carl@example.com", .session: secret, .request: "4111111111111111",
            .correlation: "550e8400-e29b-41d4-a716-446655440000",
        ])
        raw.roles = ["admin", "owner:carl@example.com"]
        raw.targets = [Event.Target(type: "repository", id: "42", name: "x \(secret)")]
        raw.setAttribute("mfa", "carl@example.com")
        let (event, counts) = try fixture.run(raw, ClassAssignment(attributes: ["mfa": .public]))
        let carl = try fixture.token("carl@example.com")
        #expect(event[.sourceAction] == "invite \(carl)")
        #expect(event[.session] == "[api-token]")
        // A long number in an id is no card.
        #expect(event[.request] == "4111111111111111")
        #expect(event[.correlation] == raw[.correlation])
        #expect(event.roles == ["admin", "owner:\(carl)"])
        #expect(event.targets[0].name == "x [api-token]")
        #expect(event.attribute("mfa") == carl)
        #expect(counts == ["scrub.email": 3, "scrub.api_token": 2])
    }

    @Test func `attributes are treated by their class`() throws {
        let fixture = try MinimizerFixture()
        var raw = event([:])
        for (name, value) in [
            ("who", "zoe"), ("peer", "198.51.100.9"), ("agent", "curl/8"), ("key", "hunter2"), ("text", "mail zoe@example.com"),
            ("kind", "x"),
        ] {
            raw.setAttribute(name, value)
        }
        let classes = ClassAssignment(attributes: [
            "who": .identity, "peer": .networkIdentity, "agent": .quasi, "key": .secret, "text": .freeText, "kind": .public,
        ])
        let (event, counts) = try fixture.run(raw, classes)
        #expect(event.attribute("who") == (try fixture.token("zoe")))
        #expect(event.attribute("peer") == (try fixture.token("198.51.100.9")))
        #expect(event.attribute("agent") == "curl")
        #expect(event.attribute("key") == nil)
        #expect(event.attribute("text") == "mail \(try fixture.token("zoe@example.com"))")
        #expect(event.attribute("kind") == "x")
        #expect(counts["drop.secret"] == 1)
    }

    @Test func `changes are treated by the class of their field, unknown ones as text`() throws {
        let fixture = try MinimizerFixture()
        var raw = event([:])
        raw.changes = [
            Event.Change(field: "owner", before: "zoe", after: "yan"), Event.Change(field: "password", before: "a1b2", after: "c3d4"),
            Event.Change(field: "other", before: "x zoe@example.com"),
        ]
        let (event, _) = try fixture.run(raw, ClassAssignment(attributes: [:], changes: ["owner": .identity, "password": .secret]))
        #expect(event.changes[0] == Event.Change(field: "owner", before: try fixture.token("zoe"), after: try fixture.token("yan")))
        #expect(event.changes[1] == Event.Change(field: "password"))
        #expect(event.changes[2].before == "x \(try fixture.token("zoe@example.com"))")
    }

    @Test func `an override of a field's class is followed`() throws {
        let fixture = try MinimizerFixture()
        let (event, _) = try fixture.run(
            event([.tenant: "Zoe Private", .session: "s3ss10n"]),
            ClassAssignment(attributes: [:], overrides: [.tenant: .identity, .session: .secret]))
        #expect(event[.tenant] == (try fixture.token("Zoe Private")))
        #expect(event[.session] == nil)
    }

    @Test func `an attribute without a class stops everything`() throws {
        let fixture = try MinimizerFixture()
        var raw = event([.actorID: "00u1"])
        raw.setAttribute("stray", "planted")
        #expect { try fixture.run(raw) } throws: { error in
            guard let error = error as? MinimizationError else { return false }
            return error.code == .unclassified && !error.description.contains("planted")
        }
        #expect(try fixture.vault.lookup("00u1") == [])
    }

    @Test func `a vault that cannot write stops everything`() throws {
        let fixture = try MinimizerFixture()
        let reader = try Vault.open(directory: fixture.directory, access: .reader, environment: [:])
        let minimizer = Minimizer(policy: fixture.minimizer.policy, vault: reader)
        #expect { try minimizer.minimize([]) } throws: { ($0 as? MinimizationError)?.code == .vault }
    }

    @Test func `nothing that a failed batch or an erased person left in memory comes back`() throws {
        let fixture = try MinimizerFixture()
        let good = ParsedEvent(event: event([.actorEmail: "zoe@example.com"]), classes: ClassAssignment(attributes: [:]))
        var raw = event([:])
        raw.setAttribute("stray", "x")
        let bad = ParsedEvent(event: raw, classes: ClassAssignment(attributes: [:]))
        #expect(throws: MinimizationError.self) { try fixture.minimizer.minimize([good, bad]) }
        let first = try fixture.minimizer.minimize([good]).events[0][.actorEmail]
        #expect(first == (try fixture.token("zoe@example.com")))
        _ = try fixture.vault.erase(personWith: "zoe@example.com", now: Timestamp(microseconds: 1))
        let second = try fixture.minimizer.minimize([good]).events[0][.actorEmail]
        #expect(second != first)
        #expect(second == (try fixture.token("zoe@example.com")))
    }

    @Test func `a long message is cut between characters and marked, after it was scrubbed`() throws {
        let fixture = try MinimizerFixture()
        let text = String(repeating: "é", count: 4_090) + " password=" + String(repeating: "s", count: 200)
        let (event, counts) = try fixture.run(event([.message: text, .reason: String(repeating: "x", count: 2_048)]))
        let message = try #require(event[.message])
        #expect(message.utf8.count <= 8_192 && message.utf8.count > 8_188)
        #expect(!message.contains("sss"))
        #expect(event.flags == [Event.Flag.truncated])
        #expect(event[.reason]?.utf8.count == 2_048)
        #expect(counts["truncated"] == 1)
    }

    @Test func `bindings come once, with the tokens that are new`() throws {
        let fixture = try MinimizerFixture()
        let item = ParsedEvent(event: event([.actorID: "00u1", .originIP: "203.0.113.7"]), classes: ClassAssignment(attributes: [:]))
        let first = try fixture.minimizer.minimize([item, item])
        #expect(first.bindings.count == 2)
        #expect(Set(first.bindings.map(\.token)) == [first.events[0][.actorID], first.events[0][.originIP]])
        #expect(try fixture.minimizer.minimize([item]).bindings == [])
    }

    @Test func `a typed text becomes one with tokens`() throws {
        let fixture = try MinimizerFixture()
        let token = try fixture.vault.token(for: Identity(.user, "alice@example.com"))
        #expect(
            try Minimizer.minimize(text: "actor:alice@example.com since:2026-07-01", vault: fixture.vault)
                == "actor:\(token) since:2026-07-01")
    }
}
