import Testing

@testable import Vault

struct TokenTests {
    @Test(arguments: [
        (UInt64(0), "usr_aaaaaaaaaaaaa"), (UInt64.max, "usr_7777777777776"), (0x0102_0304_0506_0708, "usr_aebagbafaydqq"),
    ])
    func `the spelling is RFC 4648 base32 of eight bytes`(bits: UInt64, text: String) {
        #expect(Token(kind: .user, bits: bits).description == text)
        #expect(Token(text) == Token(kind: .user, bits: bits))
    }

    @Test func `every kind reads what it writes`() {
        for kind in IdentityKind.allCases {
            let token = Token(kind: kind, bits: UInt64.random(in: 0...UInt64.max))
            #expect(Token(token.description) == token)
        }
    }

    @Test(arguments: [
        "", "usr_", "usr_aaaaaaaaaaaa", "usr_aaaaaaaaaaaaaa", "usr_aaaaaaaaaaaab", "USR_aaaaaaaaaaaaa", "usr_Aaaaaaaaaaaaa",
        "usr_aaaaaaaaaaaa1",
        "xyz_aaaaaaaaaaaaa", "usraaaaaaaaaaaaa", "usr-aaaaaaaaaaaaa", "usr_aaaaaaaaaaaaé",
    ])
    func `anything else is no token`(text: String) {
        #expect(Token(text) == nil)
    }
}

struct NetworkAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", "192.0.2.0/24"), ("010.001.002.003", "10.1.2.3", "10.1.2.0/24"),
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.0/24"),
        ("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a", "2001:db8::/48"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::1", "::1", "::/48"), ("fe80::1", "fe80::1", "fe80::/48"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3", "1::/48"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "2001:db8::/48"),
    ])
    func `an address has one spelling and one prefix`(text: String, canonical: String, prefix: String) {
        #expect(NetworkAddress(text)?.description == canonical)
        #expect(NetworkAddress(text)?.prefix == prefix)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.256", "1.2.3.4.5", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::",
        "1:2:3:4:5:6:7:", "fe80::1%eth0", "[::1]",
    ])
    func `what is no address is refused`(text: String) {
        #expect(NetworkAddress(text) == nil)
    }
}

struct IdentityTests {
    @Test(arguments: [
        (" Alice@Example.COM\n", "alice@example.com"), ("Root", "Root"), ("Jose\u{301}", "José"), ("a b@c.d", "a b@c.d"),
        ("DOMAIN\\Bob", "DOMAIN\\Bob"), ("AROAX:Alice@Example.com", "AROAX:Alice@Example.com"),
    ])
    func `values are normalized`(raw: String, normalized: String) {
        #expect(Identity(.user, raw).value == normalized)
    }

    @Test func `an address that looks like one gets the role of an e-mail`() {
        #expect(Identity(.user, "a@b.example", role: .id).role == .email)
        #expect(Identity(.address, "2001:DB8::1").value == "2001:db8::1")
    }

    @Test(arguments: ["root", "ROOT", "Unknown", "dependabot[bot]", "-", "admin"])
    func `values of nobody are shared`(value: String) {
        #expect(Identity(.user, value).isShared)
        #expect(!Identity(.user, value + "-alice").isShared || value.hasSuffix("[bot]"))
    }
}
