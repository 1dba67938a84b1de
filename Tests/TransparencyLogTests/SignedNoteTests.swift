import Cryptography
import Testing
import TransparencyLog

struct SignedNoteTests {
    /// The key and note of the documentation of Go's golang.org/x/mod/sumdb/note.
    static let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    static let skey = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    static let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    static let note =
        text + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

    @Test func `the note of Go's documentation is made and accepted byte for byte`() throws {
        let signer = try NoteSigner(encoded: Self.skey)
        #expect(signer.verifier.vkey == Self.vkey)
        #expect(signer.encoded == Self.skey)
        let note = try SignedNote(text: Array(Self.text.utf8), signers: [signer])
        #expect(String(decoding: note.bytes, as: UTF8.self) == Self.note)
        let parsed = try SignedNote(parsing: Array(Self.note.utf8))
        #expect(parsed == note)
        #expect(try parsed.verify([NoteVerifier(vkey: Self.vkey)]).map(\.verifier.vkey) == [Self.vkey])
    }

    @Test func `every flipped bit is refused or leaves the note unsigned`() throws {
        let verifier = try NoteVerifier(vkey: Self.vkey)
        let bytes = Array(Self.note.utf8)
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                #expect(throws: TransparencyLogError.self) { try SignedNote(parsing: changed).verify([verifier]) }
            }
        }
    }

    @Test func `lines of unknown keys are passed over, a false line of a known key spoils the note`() throws {
        let known = try NoteSigner.generate(name: "known.example")
        let stranger = try NoteSigner.generate(name: "stranger.example")
        let text = Array("text\n".utf8)
        let note = try SignedNote(text: text, signers: [stranger, known])
        #expect(try note.verify([known.verifier]).map(\.verifier) == [known.verifier])
        #expect(code { try note.verify([]) } == .unsigned)
        let other = try SignedNote(text: Array("other\n".utf8), signers: [known])
        let spoiled = try SignedNote(text: text, signers: [stranger]).adding(other.signatures[0])
        #expect(code { try spoiled.verify([known.verifier, stranger.verifier]) } == .signatureInvalid)
    }

    @Test(arguments: [
        "", "\n", "\n\n", "text\n", "text\n\n", "text\n\n— name AAAAAAA=", "text\n\n— name\n", "text\n\n— name AAAA\n",
        "text\n\n- name AAAAAAA=\n", "te\u{01}xt\n\n— name AAAAAAA=\n", "text\r\n\n— name AAAAAAA=\n", "text\n\n— na+me AAAAAAA=\n",
        "text\n\n— name AAAAAAA=\nmore\n", "text\n\n—  AAAAAAA=\n", "text\n\n— name AAAAAAA= \n",
    ])
    func `text that is no note is refused`(text: String) {
        #expect(code { try SignedNote(parsing: Array(text.utf8)) } == .malformedNote)
    }

    @Test func `invalid UTF-8, a giant and too many signatures are refused`() {
        #expect(code { try SignedNote(parsing: [0xff] + Array("\n\n— name AAAAAAA=\n".utf8)) } == .malformedNote)
        let giant = [UInt8](repeating: 0x61, count: SignedNote.maximumSizeBytes) + Array("\n\n— name AAAAAAA=\n".utf8)
        #expect(code { try SignedNote(parsing: giant) } == .malformedNote)
        let many = "text\n\n" + String(repeating: "— name AAAAAAA=\n", count: 101)
        #expect(code { try SignedNote(parsing: Array(many.utf8)) } == .malformedNote)
    }

    @Test(arguments: [
        "", "name", "name+00000000", "name+00000000+AAAA", "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ])
    func `a verifier key that was copied wrongly is refused`(vkey: String) {
        #expect(code { try NoteVerifier(vkey: vkey) } == .malformedKey)
    }

    @Test func `a cosignature holds for its time alone`() throws {
        let witness = try NoteSigner.generate(name: "witness.example", algorithm: .cosignatureV1)
        let text = Array("log.example\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".utf8)
        let note = try SignedNote(text: text, signers: [witness], time: 1_800_000_000)
        let parsed = try SignedNote(parsing: note.bytes)
        let found = try parsed.verify([NoteVerifier(vkey: witness.verifier.vkey)])
        #expect(found.map(\.signature.cosignatureTime) == [1_800_000_000])
        // The same key as an ordinary note key has another id, so its line is not taken for one.
        let plain = try NoteVerifier(name: "witness.example", algorithm: .ed25519, publicKey: witness.verifier.publicKey)
        #expect(code { try parsed.verify([plain]) } == .unsigned)
    }
}

/// The code of the error that `body` throws, or nil when it throws none of this module's.
func code(_ body: () throws -> some Any) -> TransparencyLogError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? TransparencyLogError)?.code
    }
}
