public import Cryptography

/// A private key that signs notes, with its name.
public struct NoteSigner: Sendable {
    /// What checks this signer's signatures.
    public let verifier: NoteVerifier
    private let privateKey: Ed25519PrivateKey

    /// - Throws: ``TransparencyLogError`` with code `malformedKey` when the name may not be a key name.
    public init(name: String, algorithm: NoteKey.Algorithm = .ed25519, privateKey: Ed25519PrivateKey) throws(TransparencyLogError) {
        self.privateKey = privateKey
        verifier = try NoteVerifier(name: name, algorithm: algorithm, publicKey: privateKey.publicKey)
    }

    /// A new random key.
    public static func generate(name: String, algorithm: NoteKey.Algorithm = .ed25519) throws(TransparencyLogError) -> NoteSigner {
        try NoteSigner(name: name, algorithm: algorithm, privateKey: Ed25519PrivateKey())
    }

    private static let encodedPrefix = "PRIVATE+KEY+"

    /// Reads a signer key string, `PRIVATE+KEY+name+id+base64(type ‖ seed)`: the form of Go's note package.
    ///
    /// - Throws: ``TransparencyLogError`` with code `malformedKey`; the message never repeats the key.
    public init(encoded: String) throws(TransparencyLogError) {
        let refusal = TransparencyLogError(
            .malformedKey, "a signer key is PRIVATE+KEY+name+hash+base64 on one line; this is not, or it was cut")
        guard encoded.hasPrefix(Self.encodedPrefix) else { throw refusal }
        let parts = encoded.dropFirst(Self.encodedPrefix.count)
            .split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let data = Base64.decode(parts[2]), data.count == 33,
            let algorithm = NoteKey.Algorithm(rawValue: data[0]),
            let privateKey = try? Ed25519PrivateKey(seed: Array(data[1...]))
        else { throw refusal }
        try self.init(name: String(parts[0]), algorithm: algorithm, privateKey: privateKey)
        guard verifier.key.idHex == parts[1] else { throw refusal }
    }

    /// The key as one line of text. Secret.
    public var encoded: String {
        let key = verifier.key
        return "\(Self.encodedPrefix)\(key.name)+\(key.idHex)+\(Base64.encode([key.algorithm.rawValue] + privateKey.seed))"
    }

    /// Signs the text of a note, newline included.
    ///
    /// - Parameter time: Seconds since 1970-01-01; only a cosignature carries it.
    public func sign(_ text: [UInt8], time: UInt64 = 0) throws -> NoteSignature {
        let bytes: [UInt8]
        switch verifier.key.algorithm {
        case .ed25519:
            bytes = try privateKey.sign(text)
        case .cosignatureV1:
            precondition(time <= UInt64(Int64.max), "the time of a cosignature is below 2^63")
            bytes = withUnsafeBytes(of: time.bigEndian) { Array($0) }
                + (try privateKey.sign(NoteSignature.cosignedMessage(text, time: time)))
        }
        return NoteSignature(name: verifier.key.name, keyID: verifier.key.id, bytes: bytes)
    }
}
