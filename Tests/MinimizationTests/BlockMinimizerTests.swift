import AuditModel
import Foundation
import Testing
import Vault

@testable import Minimization

struct BlockMinimizerTests {
    /// Minimizes the same events by rows and by columns over one vault and compares all there is.
    ///
    /// - Returns: The names of what was counted.
    @discardableResult
    private func compare(
        _ parsed: [ParsedEvent], _ fixture: MinimizerFixture, _ columns: BlockMinimizer, cuts: [Int] = []
    ) throws -> Set<String> {
        let block = EventBlock(capacity: parsed.count)
        for item in parsed { block.append(item.event, classes: item.classes) }
        let bounds = [0] + cuts + [parsed.count]
        let batches = zip(bounds, bounds.dropFirst()).map { $0..<$1 }
        let minimized = try columns.minimize(block, batches: batches)
        try fixture.vault.flush(epoch: minimized.epoch)
        var events: [Event] = []
        var counts: [[String: Int]] = []
        for batch in batches {
            let rows = try fixture.minimizer.minimize(Array(parsed[batch]))
            events += rows.events
            counts.append(rows.counts)
        }
        #expect(minimized.counts == counts)
        for row in parsed.indices where block.event(row) != events[row] {
            Issue.record("row \(row):\n\(parsed[row].event)\nby columns \(block.event(row))\nby rows \(events[row])")
            break
        }
        return Set(counts.flatMap(\.keys))
    }

    static let strict = """
        format: 1
        id: test
        version: "1"
        classes: {public: token, identity: drop, network_identity: token, quasi: token, free_text: drop, secret: drop}
        limits: {message_bytes: 96, text_bytes: 64}
        """
    static let narrow = """
        format: 1
        id: test
        version: "1"
        classes: {public: keep, identity: token, network_identity: token_and_prefix, quasi: generalize, free_text: scrub, secret: drop}
        limits: {message_bytes: 96, text_bytes: 64}
        servers: ["*.amazonaws.com", "localhost"]
        """

    @Test(arguments: [nil, narrow, strict])
    func `columns become what rows become, whatever is in them`(policy: String?) throws {
        let fixture = try MinimizerFixture(policy: policy)
        let columns = BlockMinimizer(policy: fixture.minimizer.policy, vault: fixture.vault)
        var counted: Set<String> = []
        for round in 0..<6 {
            let seed = UInt64.random(in: 0...UInt64.max)
            print("seed \(seed)")
            var hostile = HostileEvents(seed: seed)
            let events = (0..<150).map { _ in hostile.event(source: round == 5 ? hostile.pick(["a", "b"]) : "okta") }
            counted.formUnion(try compare(events, fixture, columns, cuts: [0, 40, 41]))
        }
        // The events are hostile enough to mean something.
        let expected: Set = ["scrub.known_identity", "scrub.email", "scrub.ip", "scrub.login", "scrub.card", "truncated", "drop.secret"]
        #expect(counted.isSuperset(of: policy == Self.narrow ? expected : ["drop.secret"]))
    }

    @Test func `columns become what rows become for the records of every parser`() throws {
        let fixture = try MinimizerFixture()
        let columns = BlockMinimizer(policy: fixture.minimizer.policy, vault: fixture.vault)
        let policy = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../parsers/policy.yaml").path
        let root = URL(fileURLWithPath: MinimizerFixture.existing(policy)).deletingLastPathComponent()
        var parsed: [ParsedEvent] = []
        let walk = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
        for case let file as URL in walk where file.path.hasSuffix(".expected.jsonl") {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                guard case .object(let record)? = try? JSONValue(parsing: String(line)) else { continue }
                parsed.append(Self.event(record, source: file.deletingLastPathComponent().deletingLastPathComponent().lastPathComponent))
            }
        }
        #expect(parsed.count > 100)
        try compare(parsed, fixture, columns, cuts: [parsed.count / 2])
    }

    /// The event that a line of a fixture's expectation describes.
    private static func event(_ record: [String: JSONValue], source: String) -> ParsedEvent {
        func text(_ value: JSONValue?) -> String? {
            switch value {
            case .string(let text)?: text
            case .integer(let number)?: "\(number)"
            default: nil
            }
        }
        var event = Event()
        for field in EventField.allCases {
            let path = field.name.split(separator: ".").map(String.init)
            var value: JSONValue? = .object(record)
            for key in path { if case .object(let object)? = value { value = object[key] } else { value = nil } }
            event[field] = text(value)
        }
        event[.source] = source
        if case .array(let targets)? = record["targets"] {
            event.targets = targets.compactMap { target in
                guard case .object(let target) = target else { return nil }
                return Event.Target(type: text(target["type"]), id: text(target["id"]), name: text(target["name"]))
            }
        }
        var classes: [String: DataClass] = [:]
        if case .object(let attributes)? = record["attributes"] {
            for (name, value) in attributes {
                event.setAttribute(name, text(value) ?? "")
                classes[name] = .freeText
            }
        }
        return ParsedEvent(event: event, classes: ClassAssignment(attributes: classes))
    }

    @Test func `an attribute without a class stops a block before any token is given`() throws {
        let fixture = try MinimizerFixture()
        let columns = BlockMinimizer(policy: fixture.minimizer.policy, vault: fixture.vault)
        var event = Event()
        event[.source] = "okta"
        event[.actorID] = "00u1"
        event.setAttribute("stray", "planted")
        #expect { try columns.minimize(EventBlock([event])) } throws: { error in
            guard let error = error as? MinimizationError else { return false }
            return error.code == .unclassified && !error.description.contains("planted") && error.description.contains("okta")
        }
        try fixture.vault.flush()
        #expect(try fixture.vault.lookup("00u1") == [])
    }

    @Test func `nothing of a failed flush comes back, and a block from before it is refused`() throws {
        let fixture = try MinimizerFixture()
        let columns = BlockMinimizer(policy: fixture.minimizer.policy, vault: fixture.vault)
        func block() -> EventBlock {
            var event = Event()
            event[.actorEmail] = "zoe@example.com"
            return EventBlock([event])
        }
        let (first, second) = (block(), block())
        let lost = try columns.minimize(first)
        try fixture.vault.flush(epoch: lost.epoch)
        _ = try fixture.vault.erase(personWith: "zoe@example.com", now: Timestamp(microseconds: 1))
        #expect { try fixture.vault.flush(epoch: lost.epoch) } throws: { ($0 as? VaultError)?.code == .tokensLost }
        let kept = try columns.minimize(second)
        try fixture.vault.flush(epoch: kept.epoch)
        #expect(first.event(0)[.actorEmail] != second.event(0)[.actorEmail])
        #expect(second.event(0)[.actorEmail] == (try fixture.token("zoe@example.com")))
    }

    @Test func `a vault that cannot write stops a block`() throws {
        let fixture = try MinimizerFixture()
        let reader = try Vault.open(directory: fixture.directory, access: .reader, environment: [:])
        let columns = BlockMinimizer(policy: fixture.minimizer.policy, vault: reader)
        #expect { try columns.minimize(EventBlock()) } throws: { ($0 as? MinimizationError)?.code == .vault }
    }

    @Test func `threads over one vault give a value one token`() async throws {
        let fixture = try MinimizerFixture()
        let (policy, vault) = (fixture.minimizer.policy, fixture.vault)
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var hostile = HostileEvents(seed: seed)
        let events = (0..<120).map { _ in hostile.event(source: "okta") }
        let results = try await withThrowingTaskGroup(of: [Event].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let block = EventBlock(capacity: events.count)
                    for item in events { block.append(item.event, classes: item.classes) }
                    _ = try BlockMinimizer(policy: policy, vault: vault).minimize(block)
                    return (0..<block.rowCount).map { block.event($0) }
                }
            }
            return try await group.reduce(into: [[Event]]()) { $0.append($1) }
        }
        try vault.flush()
        for result in results { #expect(result == results[0]) }
    }

    @Test func `a quick look never overlooks what the scrubber finds`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var hostile = HostileEvents(seed: seed)
        let alphabets = [
            "0123456789abcdef", "0123456789", "0123456789abcdefABCDEF-", "AKIMeyJbBSz0123456789", "deba0123456789-", "aZ 09", "a9_",
            "AKIMeyJzDE0123456789_", "0123456789_",
        ]
        .map { Array($0.utf8) }
        let scrubber = Scrubber()
        for _ in 0..<30_000 {
            let alphabet = hostile.pick(alphabets)
            var bytes = (0..<hostile.pick([4, 13, 16, 22, 27, 32, 36, 40])).map { _ in hostile.pick(alphabet) }
            if bytes.count == 36, hostile.chance(80) {
                bytes = bytes.map { $0 == 0x2d ? 0x31 : $0 }
                for place in [8, 13, 18, 23] { bytes[place] = 0x2d }
            }
            if hostile.chance(10) {
                bytes.insert(
                    contentsOf: hostile.pick(["ghp_", "x_sk_live_", "npm_", "AKIA", "_AKIA", "_eyJ", "phone_"]).utf8,
                    at: hostile.pick([0, 4]))
            }
            let findings = bytes.withUnsafeBufferPointer { scrubber.findings(in: $0) }
            for isIdentifier in [true, false] {
                let seen = findings.filter { !isIdentifier || TextTreatment.Guarding.identifiersOnly.covers($0.kind) }
                let answer = bytes.withUnsafeBytes { QuickLook.look($0, isIdentifier: isIdentifier) }
                #expect(answer == .unknown || seen.isEmpty, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            }
        }
    }
}
