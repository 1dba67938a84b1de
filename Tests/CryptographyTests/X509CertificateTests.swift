import Cryptography
import Testing

struct X509CertificateTests {
    let people = People.shared

    @Test func `a certificate says what was put into it`() throws {
        let bob = people.bob
        #expect(bob.subject == "CN=Bob,O=Muster AG")
        #expect(bob.issuer == people.authority.certificate.subject)
        #expect(bob.notBefore == People.notBefore)
        #expect(bob.notAfter == People.notAfter)
        #expect(bob.spki == people.bobKey.publicKey.spki)
        #expect(bob.isForSigning)
        #expect(!bob.isAuthority)
        #expect(people.authority.certificate.isAuthority)
        #expect(!people.authority.certificate.isForSigning)
        #expect(bob.serial.count == 38)
    }

    @Test func `a chain reads back from PEM`() throws {
        let text = "Some words\n" + people.alice.pem + "\n" + people.authority.certificate.pem
        #expect(try X509Certificate.read(pem: text) == [people.alice, people.authority.certificate])
    }

    @Test func `text without a certificate, a cut block and other DER are malformed`() {
        #expect(code { try X509Certificate.read(pem: "") } == .malformed)
        #expect(code { try X509Certificate.read(pem: String(people.alice.pem.dropLast(40))) } == .malformed)
        #expect(code { try X509Certificate(der: people.alice.der + [0]) } == .malformed)
        #expect(code { try X509Certificate(der: Array(people.alice.der.dropLast())) } == .malformed)
        #expect(code { try X509Certificate(der: []) } == .malformed)
    }

    @Test func `only the holder of an authority's key is that authority`() throws {
        #expect(code { try CertificateAuthority(certificate: people.authority.certificate, key: people.bobKey) } == .invalidKey)
        #expect(code { try CertificateAuthority(certificate: people.bob, key: people.bobKey) } == .invalidKey)
    }
}
