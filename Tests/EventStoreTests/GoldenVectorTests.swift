import AuditModel
import Cryptography
@testable import EventStore
import Testing
import TransparencyLog

/// The worked example of docs/formats/event.md, whose hashes were computed by another program (Python's hashlib and json).
///
/// Schema version 1 must give these bytes for ever.
@Suite struct GoldenVectorTests {
    static let batchSalt = [UInt8](0..<32)

    static func events() throws -> [Event] {
        var first = Event()
        first.time = Timestamp(rfc3339: "2026-07-01T08:00:00Z")
        first.timeBoundMicroseconds = 1_000
        first.observed = Timestamp(rfc3339: "2026-10-02T09:30:00.25Z")
        let texts: [EventField: String] = [
            .source: "okta", .instance: "example.okta.com", .parser: "okta", .parserVersion: "1", .eventID: "7f1c",
            .actorType: "user", .actorID: "usr_kq3vz5hwm2t4a", .actorEmail: "usr_kq3vz5hwm2t4a",
            .action: "auth.session.create", .sourceAction: "user.session.start", .category: "authentication",
            .originIP: "ip_b5m3wzq7h2k4c", .originNet: "198.51.100.0/24", .originUserAgent: "Firefox/Linux",
            .approvalState: "approved", .approvalBy: "usr_2xn7dpb4crf6e", .policyID: "access", .policyVersion: "3",
            .outcome: "success", .message: "", .surface: "sso",
        ]
        for (field, text) in texts { first[field] = text }
        first.roles = ["admin", "auditor"]
        first.targets = [.init(type: "app", id: "0oa1", name: "Käse \"A\"\n"), .init(type: "user", id: "usr_2xn7dpb4crf6e")]
        first.approvalExpires = Timestamp(rfc3339: "2026-07-02T00:00:00Z")
        first.changes = [.init(field: "role", after: "owner")]
        first.setAttribute("risk", "low")
        first.setAttribute("region", "eu-1")
        first.setFlag(Event.Flag.eventIDReused)

        var second = Event()
        second.observed = first.observed
        second[.source] = "okta"
        second[.action] = "auth.session.end"
        second[.outcome] = "unknown"

        var third = second
        third.time = Timestamp(microseconds: -1)
        third[.outcome] = "success"
        third.replaces = 7
        return [first, second, third]
    }

    @Test func `salts are those of the format page`() {
        #expect(BatchLeaves.salt(batchSalt: Self.batchSalt, index: 0) == "a9d6e500293a88bd38cbe213d07ab71f")
        #expect(BatchLeaves.salt(batchSalt: Self.batchSalt, index: 2) == "7365a07b4571dc929c3629031f2b3b81")
    }

    @Test func `lines of schema version 1 have the hashes of the format page`() throws {
        let events = try Self.events()
        #expect(
            String(decoding: BatchLeaves.line(events[2], batchSalt: Self.batchSalt, index: 2), as: UTF8.self)
                == #"{"action":"auth.session.end","observed":"2026-10-02T09:30:00.250000Z","outcome":"success","replaces":7,"salt":"7365a07b4571dc929c3629031f2b3b81","schema":1,"source":"okta","time":"1969-12-31T23:59:59.999999Z"}"#)
        let leaves = BatchLeaves.leaves(events, batchSalt: Self.batchSalt)
        #expect(BatchLeaves.leaves(EventBlock(events), rows: 0..<events.count, batchSalt: Self.batchSalt) == leaves)
        #expect(BatchLeaves.tree(EventBlock(events), rows: 0..<events.count, batchSalt: Self.batchSalt) == BatchTree(leaves))
        #expect(leaves.map(\.hex) == [
            "209e30ef6d5441f84db6ac1abdb423a82dc2bdfdac7fad83ad7b64ed6aca235c",
            "c07c88d31bdce11b2cda0122ec5d9988eaf082d164b73b2067ef3f0cabef25dd",
            "f9914b9e923c0c63e8ef3050a60fc8fa41b278e33db8f046c862cc9a521a931f",
        ])
        #expect(MerkleTree.root(of: leaves).hex == "391f9c9ed56c1a2ecf3c5a1dcb7ad1cd13a20c54769e8c40f5be90e78ba511d3")
    }

    @Test func `events survive columns bit for bit`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/golden", options: test.options)
        var draft = TestStore.draft(count: 3)
        draft.events = try Self.events()
        draft.batchSalt = Self.batchSalt
        _ = try store.commit([draft])
        let snapshot = try store.snapshot()
        let verified = try snapshot.verifiedBatch(snapshot.batches[0], salt: Self.batchSalt)
        #expect(verified.events.map(\.event) == draft.events)
        #expect(verified.tree.root.hex == "391f9c9ed56c1a2ecf3c5a1dcb7ad1cd13a20c54769e8c40f5be90e78ba511d3")
    }

    @Test func `a seal has the bytes of the format page`() throws {
        var draft = BatchDraft(
            source: "okta", instance: "example.okta.com", parser: TestStore.parser, policy: TestStore.policy)
        draft.events = try Self.events()
        draft.batchSalt = Self.batchSalt
        draft.counts = RecordCounts(received: 4, parsed: 3, quarantined: 1)
        draft.dropped = ["debugContext.*": 3]
        draft.cursorFrom = ["offset": 0]
        draft.cursorTo = ["offset": 400]
        draft.bindings = [TokenBinding(token: "usr_kq3vz5hwm2t4a", commitment: TestStore.salt(9))]
        let place = Seal.Place(
            committed: Timestamp(rfc3339: "2026-10-02T09:30:01Z")!, epoch: 1, firstSeq: 0,
            minTime: Timestamp(microseconds: -1), maxTime: Timestamp(rfc3339: "2026-07-01T08:00:00Z"),
            rowsRoot: MerkleTree.root(of: BatchLeaves.leaves(draft.events, batchSalt: Self.batchSalt)),
            bindingsRoot: BindingsFile(draft.bindings).root, previousSeal: nil)
        let entry = try Seal.entry(draft, place)
        #expect(entry.count == 819)
        #expect(SHA256.hash(entry).hex == "81690ec053dd74e37ee52a92f6ac11d7ce05f696d46a93bb74babbba3013859c")
    }

    @Test func `names over the limit are summed as other`() throws {
        var draft = TestStore.draft(count: 0)
        draft.dropped = Dictionary(uniqueKeysWithValues: (0..<70).map { ("field\($0)", 100 - $0) })
        let place = Seal.Place(committed: Timestamp(microseconds: 0), epoch: 1, firstSeq: 0)
        let seal = try JSONValue(parsing: try Seal.entry(draft, place))
        #expect(seal["dropped"]?.object?.count == 65)
        #expect(seal["dropped"]?["field63"] == 37)
        #expect(seal["dropped"]?["other"]?.integer == (64..<70).reduce(0) { $0 + Int64(100 - $1) })
    }

    @Test func `terms and grams have the hashes of the format page`() {
        func hash(_ text: String) -> UInt64 {
            var text = text
            return text.withUTF8 { TermHash.foldedHash(UnsafeRawBufferPointer($0)) }
        }
        #expect(hash("usr_kq3vz5hwm2t4a") == 0xF312_6AE3_A7BC_AAA8)
        #expect(hash("USR_KQ3VZ5HWM2T4A") == hash("usr_kq3vz5hwm2t4a"))
        #expect(SplitBlockStripes.block(hash("usr_kq3vz5hwm2t4a"), depth: 5) == 4)
        #expect(SplitBlockStripes.mask(hash("usr_kq3vz5hwm2t4a")) == SIMD8<UInt32>([16, 1, 11, 20, 22, 31, 31, 25].map { 1 << $0 }))
        var grams: [UInt64] = []
        var text = "Mail 12ab Cdef"
        text.withUTF8 { GramHash.forEach(UnsafeRawBufferPointer($0)) { grams.append($0) } }
        #expect(grams.count == 6)
        #expect(grams[0] == 0x9AD0_6185_3545_F5DC)
        #expect(GramHash.word(grams[0], depth: 512) == 309 && GramHash.mask(grams[0]) == 1 << 20 | 1 << 13)
    }
}
