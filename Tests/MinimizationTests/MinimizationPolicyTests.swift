import AuditModel
import Testing

@testable import Minimization

struct MinimizationPolicyTests {
    private static let valid = """
        format: 1
        id: strict
        version: "7"
        classes:
          public: scrub
          identity: token
          network_identity: drop
          quasi: drop
          free_text: drop
          secret: drop
        limits:
          message_bytes: 100
          text_bytes: 64
        servers: ["db-*.example.com"]
        """

    private func parse(_ text: String) throws -> MinimizationPolicy { try MinimizationPolicy.parse(Array(text.utf8), path: "p.yaml") }

    @Test func `a policy says its name, version and hash`() throws {
        let policy = try parse(Self.valid)
        #expect(policy.id == "strict" && policy.version == "7")
        #expect(policy.treatment(of: .networkIdentity) == .drop)
        #expect(policy.sha256 != (try parse(Self.valid + "\n")).sha256)
    }

    @Test(arguments: [
        ("version: \"7\"", "version: \"7\"\nversoin: 1", 4), ("  secret: drop\n", "", 5),
        ("identity: token\n  net", "identity: keep\n  net", 6),
        ("free_text: drop", "free_text: keep", 9), ("secret: drop", "secret: scrub", 10), ("message_bytes: 100", "message_bytes: 0", 12),
        ("format: 1", "format: 2", 1),
        ("servers: [\"db-*.example.com\"]", "servers: [\"*\"]", 14), ("  public: scrub", "  publik: scrub", 5),
    ])
    func `what is wrong is said with its line`(old: String, new: String, line: Int) throws {
        let text = Self.valid.replacing(old, with: new)
        try #require(text != Self.valid)
        #expect { try parse(text) } throws: { error in
            guard let error = error as? MinimizationError else { return false }
            return error.code == .policyInvalid && error.path == "p.yaml" && error.line == line
        }
    }

    @Test(arguments: ["", "- a", "a: [", "a: 1\na: 2"])
    func `what is no policy is refused`(text: String) {
        #expect { try parse(text) } throws: { ($0 as? MinimizationError)?.code == .policyInvalid }
    }

    @Test func `a missing file is said`() {
        #expect { try MinimizationPolicy.load(path: "/nowhere/p.yaml") } throws: { ($0 as? MinimizationError)?.code == .policyUnreadable }
    }

    @Test(arguments: [
        ("db-1.example.com", true), ("DB-1.Example.com", true), ("db-.example.com", true), ("alice.example.com", false),
        ("db-1.example.com.evil", false),
    ])
    func `a star stands for any characters`(name: String, isServer: Bool) throws {
        #expect(try parse(Self.valid).isServer(name) == isServer)
    }

    @Test func `stricter treatments are carried out`() throws {
        let fixture = try MinimizerFixture(policy: Self.valid)
        var event = Event()
        event[.originIP] = "203.0.113.7"
        event[.message] = "hello"
        event[.originUserAgent] = "curl"
        let (out, counts) = try fixture.run(event)
        #expect(out[.originIP] == nil && out[.message] == nil && out[.originUserAgent] == nil && out[.originNet] == nil)
        #expect(counts == ["drop.policy": 3])
    }
}
