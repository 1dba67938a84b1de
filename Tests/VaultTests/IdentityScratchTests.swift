import Testing

@testable import Vault

struct IdentityScratchTests {
    @Test func `bytes are normalized as texts are`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var state = seed
        func roll(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let pieces = [
            "alice", "@", "example.com", ".", " ", "Root", "root", "17", "0", "E1042", "a", "-", "[bot]", "ＡＢ", "é", "\t", "\u{a0}", "/",
            ":", "_", "Invalid user",
            "\u{0}", "\u{7f}", "65534", "\u{1c}", "\n", "K", "noreply@github.com", "192.0.2.1",
        ]
        let scratch = IdentityScratch()
        for _ in 0..<20_000 {
            let raw = (0..<roll(5)).map { _ in pieces[roll(pieces.count)] }.joined()
            for kind in [IdentityKind.user, .host, .address] {
                for role in [Identity.Role.id, .email, .login, .name] {
                    let identity = Identity(kind, raw, role: role, namespace: "okta")
                    scratch.reset()
                    Array(raw.utf8).withUnsafeBytes { scratch.add(kind, $0, role: role, namespace: "okta") }
                    scratch.add(identity)
                    #expect(scratch.areSame(0, 1), "seed \(seed): \(raw.debugDescription) \(kind) \(role)")
                    #expect(scratch.values[0].isShared == identity.isShared, "seed \(seed): \(raw.debugDescription)")
                    #expect(scratch.values[0].isDistinctive == identity.isDistinctive, "seed \(seed): \(raw.debugDescription)")
                    #expect(scratch.scopes[0] == identity.namespace, "seed \(seed): \(raw.debugDescription)")
                }
            }
        }
    }
}
