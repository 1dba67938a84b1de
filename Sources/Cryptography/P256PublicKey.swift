internal import COpenSSL

/// A public key on the curve P-256 (FIPS 186-5), for signatures that `openssl` and CMS know.
public struct P256PublicKey: Hashable, Sendable {
    /// SubjectPublicKeyInfo in DER (RFC 5480).
    public let spki: [UInt8]

    /// - Throws: ``CryptographyError`` with code `invalidKey` unless it is a SubjectPublicKeyInfo with a point of P-256.
    public init(spki: [UInt8]) throws {
        guard let key = Self.parse(spki) else {
            throw CryptographyError(.invalidKey, "this is not the public key of a P-256 pair")
        }
        EVP_PKEY_free(key)
        self.spki = spki
    }

    /// Hex SHA-256 of ``spki``: a name for the key.
    public var keyID: String { SHA256.hash(spki).hex }

    /// The key as a PEM block "PUBLIC KEY".
    public var pem: String { PEM.encode(spki, label: "PUBLIC KEY") }

    /// Whether `signature` is an ECDSA signature in DER by this key over the SHA-256 of `message`.
    public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
        guard let key = Self.parse(spki) else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        defer { ERR_clear_error() }
        return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    private static func parse(_ spki: [UInt8]) -> OpaquePointer? {
        let key = MemoryBIO.parse(spki, { d2i_PUBKEY(nil, $0, $1) }, free: { EVP_PKEY_free($0) })
        guard let key else { return nil }
        guard isP256(key) else {
            EVP_PKEY_free(key)
            return nil
        }
        return key
    }

    /// Whether OpenSSL's key is on the curve P-256.
    static func isP256(_ key: OpaquePointer) -> Bool {
        defer { ERR_clear_error() }
        var name = [CChar](repeating: 0, count: 64)
        var size = 0
        guard EVP_PKEY_get_group_name(key, &name, name.count, &size) == 1 else { return false }
        return String(decoding: name.prefix(size).map { UInt8(bitPattern: $0) }, as: UTF8.self) == "prime256v1"
    }
}
