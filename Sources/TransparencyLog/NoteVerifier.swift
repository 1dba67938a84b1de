public import Cryptography

/// A public key that checks signatures of notes, with its name.
public struct NoteVerifier: Hashable, Sendable {
    public let key: NoteKey
    public let publicKey: Ed25519PublicKey

    /// - Throws: ``TransparencyLogError`` with code `malformedKey` when the name may not be a key name.
    public init(name: String, algorithm: NoteKey.Algorithm, publicKey: Ed25519PublicKey) throws(TransparencyLogError) {
        self.publicKey = publicKey
        key = try NoteKey(name: name, algorithm: algorithm, publicKey: publicKey.bytes)
    }

    /// Reads a verifier key string, `name+id+base64(type ‖ key)` (c2sp.org/signed-note, "Verifier keys").
    ///
    /// - Throws: ``TransparencyLogError`` with code `malformedKey`.
    public init(vkey: String) throws(TransparencyLogError) {
        let parts = vkey.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let data = Base64.decode(parts[2]), data.count == 33 else {
            throw TransparencyLogError(.malformedKey, "a verifier key is name+hash+base64; \(vkey.debugDescription) is not")
        }
        guard let algorithm = NoteKey.Algorithm(rawValue: data[0]) else {
            throw TransparencyLogError(
                .malformedKey, "the key \(parts[0]) is of type \(data[0]); only 1 (Ed25519) and 4 (cosignature) are supported")
        }
        guard let publicKey = try? Ed25519PublicKey(Array(data[1...])) else {
            throw TransparencyLogError(.malformedKey, "the key \(parts[0]) has no 32 bytes")
        }
        try self.init(name: String(parts[0]), algorithm: algorithm, publicKey: publicKey)
        guard key.idHex == parts[1] else {
            throw TransparencyLogError(
                .malformedKey, "the key \(parts[0]) should have the hash \(key.idHex), not \(parts[1]): it was copied wrongly")
        }
    }

    /// The key as one line of text, to give to others: `name+id+base64(type ‖ key)`.
    public var vkey: String {
        "\(key.name)+\(key.idHex)+\(Base64.encode([key.algorithm.rawValue] + publicKey.bytes))"
    }

    /// Whether this signature line claims to be of this key: same name and id.
    public func matches(_ signature: NoteSignature) -> Bool {
        signature.keyID == key.id && signature.name.utf8.elementsEqual(key.name.utf8)
    }

    /// Whether the signature holds for the text of a note.
    public func isValid(_ signature: NoteSignature, for text: [UInt8]) -> Bool {
        guard matches(signature) else { return false }
        switch key.algorithm {
        case .ed25519:
            return publicKey.isValid(signature: signature.bytes, for: text)
        case .cosignatureV1:
            guard let time = signature.cosignatureTime else { return false }
            return publicKey.isValid(
                signature: Array(signature.bytes.dropFirst(8)), for: NoteSignature.cosignedMessage(text, time: time))
        }
    }
}
