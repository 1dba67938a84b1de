import Cryptography
import Testing

/// An authority with two people, valid from 2026 to 2036.
struct People {
    static let notBefore: Int64 = 1_767_225_600
    static let notAfter: Int64 = 2_082_758_400
    static let now: Int64 = 1_800_000_000

    let authority: CertificateAuthority
    let aliceKey: P256PrivateKey
    let alice: X509Certificate
    let bobKey: P256PrivateKey
    let bob: X509Certificate

    static let shared = try! People()

    init() throws {
        authority = try CertificateAuthority.create(
            name: X509Name(commonName: "Muster AG Root", organization: "Muster AG"), key: .generate(), notBefore: Self.notBefore,
            notAfter: Self.notAfter)
        aliceKey = try .generate()
        bobKey = try .generate()
        alice = try authority.issue(
            to: X509Name(commonName: "Alice Müller", organization: "Muster AG", email: "alice@example.com"),
            publicKey: aliceKey.publicKey, notBefore: Self.notBefore, notAfter: Self.notAfter)
        bob = try authority.issue(
            to: X509Name(commonName: "Bob", organization: "Muster AG"), publicKey: bobKey.publicKey, notBefore: Self.notBefore,
            notAfter: Self.notAfter)
    }
}

struct CMSTests {
    let people = People.shared
    let content = Array("SHA256SUMS\n".utf8)

    func sign() throws -> [UInt8] {
        try CMS.signDetached(content, certificate: people.alice, key: people.aliceKey, time: People.now)
    }

    @Test func `a signature verifies and names its signer`() throws {
        let signer = try CMS.verifyDetached(
            try sign(), content: content, roots: [people.authority.certificate], at: People.now)
        #expect(signer.certificate == people.alice)
        #expect(signer.certificate.commonName == "Alice Müller")
        #expect(signer.certificate.subject == "emailAddress=alice@example.com,CN=Alice Müller,O=Muster AG")
        #expect(signer.claimedTime == People.now)
    }

    @Test func `every flipped bit of a signature is refused`() throws {
        let signature = try sign()
        var accepted: [String] = []
        for index in signature.indices {
            for bit in 0..<8 {
                var changed = signature
                changed[index] ^= 1 << bit
                if (try? CMS.verifyDetached(
                    changed, content: content, roots: [people.authority.certificate], at: People.now)) != nil
                {
                    accepted.append("\(index).\(bit)")
                }
            }
        }
        #expect(accepted == [])
    }

    @Test func `cut and lengthened signatures are malformed`() throws {
        let signature = try sign()
        for count in stride(from: 0, to: signature.count, by: 7) {
            #expect(code { try verify(Array(signature.prefix(count))) } == .malformed)
        }
        #expect(code { try verify(signature + [0]) } == .malformed)
        #expect(code { try verify([]) } == .malformed)
    }

    @Test func `other content, another root, and another time have their own refusals`() throws {
        let signature = try sign()
        let other = try People()
        #expect(
            code { try CMS.verifyDetached(signature, content: content + [1], roots: [people.authority.certificate], at: People.now) }
                == .signatureInvalid)
        #expect(
            code { try CMS.verifyDetached(signature, content: content, roots: [other.authority.certificate], at: People.now) }
                == .certificateRejected)
        #expect(code { try CMS.verifyDetached(signature, content: content, roots: [], at: People.now) } == .certificateRejected)
        #expect(
            code {
                try CMS.verifyDetached(
                    signature, content: content, roots: [people.authority.certificate], at: People.notAfter + 1)
            } == .certificateRejected)
    }

    @Test func `a certificate that is not for signing is refused`() throws {
        let key = try P256PrivateKey.generate()
        let clock = try people.authority.issue(
            to: X509Name(commonName: "Clock"), publicKey: key.publicKey, for: .timestamping, notBefore: People.notBefore,
            notAfter: People.notAfter)
        let signature = try CMS.signDetached(content, certificate: clock, key: key, time: People.now)
        #expect(code { try verify(signature) } == .certificateRejected)
    }

    @Test func `a key signs only under its own certificate`() {
        #expect(
            code { try CMS.signDetached(content, certificate: people.alice, key: people.bobKey) } == .invalidKey)
    }

    private func verify(_ signature: [UInt8]) throws -> CMS.Signer {
        try CMS.verifyDetached(signature, content: content, roots: [people.authority.certificate], at: People.now)
    }
}
