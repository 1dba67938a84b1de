/// Text signed by one or more keys (c2sp.org/signed-note).
///
/// A parsed note says nothing yet: trust ``text`` only after ``verify(_:)`` with keys that came from elsewhere.
public struct SignedNote: Hashable, Sendable {
    /// The largest note that is read, in bytes.
    public static let maximumSizeBytes = 1_000_000
    /// The most signature lines that are read.
    public static let maximumSignatureCount = 100

    /// The signed text: UTF-8 that ends in a newline.
    public let text: [UInt8]
    /// The signature lines in order.
    public private(set) var signatures: [NoteSignature]

    /// Signs a text with each signer.
    ///
    /// - Throws: ``TransparencyLogError`` with code `malformedNote` when the text cannot be one.
    public init(text: [UInt8], signers: [NoteSigner], time: UInt64 = 0) throws {
        guard text.last == 0x0a, Self.isAllowed(text) else {
            throw TransparencyLogError(
                .malformedNote, "a note's text is UTF-8 without control characters and ends in a newline")
        }
        self.text = text
        signatures = try signers.map { try $0.sign(text, time: time) }
    }

    /// Reads a note.
    ///
    /// - Throws: ``TransparencyLogError`` with code `malformedNote` naming the rule that the bytes break.
    public init(parsing bytes: [UInt8]) throws(TransparencyLogError) {
        func refuse(_ why: String) -> TransparencyLogError { TransparencyLogError(.malformedNote, why) }
        guard bytes.count <= Self.maximumSizeBytes else { throw refuse("a note has at most a million bytes") }
        guard Self.isAllowed(bytes) else { throw refuse("a note is UTF-8 without control characters; this is not") }
        guard let split = Self.lastBlankLine(bytes) else { throw refuse("a note has an empty line before its signatures") }
        text = Array(bytes[...split])
        signatures = []
        var rest = bytes[(split + 2)...]
        guard rest.last == 0x0a else { throw refuse("a note ends with a signature line and a newline") }
        while let end = rest.firstIndex(of: 0x0a) {
            guard let signature = NoteSignature(line: rest[..<end]) else { throw refuse("a signature line cannot be read") }
            signatures.append(signature)
            guard signatures.count <= Self.maximumSignatureCount else { throw refuse("a note has at most 100 signatures") }
            rest = rest[(end + 1)...]
        }
    }

    /// The note's bytes: text, empty line, signature lines.
    public var bytes: [UInt8] {
        text + [0x0a] + signatures.flatMap(\.line)
    }

    /// The note with one more signature, in place of an earlier one of the same key.
    public func adding(_ signature: NoteSignature) -> SignedNote {
        var note = self
        note.signatures.removeAll { $0.keyID == signature.keyID && $0.name == signature.name }
        note.signatures.append(signature)
        return note
    }

    /// The signatures that known keys made, each checked; lines of unknown keys are passed over.
    ///
    /// - Returns: For each verifier that signed, its signature, in the order of the lines.
    /// - Throws: ``TransparencyLogError`` with code `signatureInvalid` when a line of a known key does not hold,
    ///   `unsigned` when no known key signed.
    public func verify(_ verifiers: [NoteVerifier]) throws(TransparencyLogError) -> [(verifier: NoteVerifier, signature: NoteSignature)] {
        var found: [(verifier: NoteVerifier, signature: NoteSignature)] = []
        for signature in signatures {
            guard let verifier = verifiers.first(where: { $0.matches(signature) }) else { continue }
            if found.contains(where: { $0.verifier == verifier }) { continue }
            guard verifier.isValid(signature, for: text) else {
                throw TransparencyLogError(.signatureInvalid, "the signature of \(verifier.key.name) does not hold")
            }
            found.append((verifier, signature))
        }
        guard !found.isEmpty else { throw TransparencyLogError(.unsigned, "no key that is trusted signed this") }
        return found
    }

    /// Whether the bytes are UTF-8 whose only control character is the newline.
    private static func isAllowed(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 || $0 == 0x0a } && String(validating: bytes, as: UTF8.self) != nil
    }

    /// Index of the first of the last two newlines in a row.
    private static func lastBlankLine(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 2 else { return nil }
        return (0...(bytes.count - 2)).last { bytes[$0] == 0x0a && bytes[$0 + 1] == 0x0a }
    }
}
