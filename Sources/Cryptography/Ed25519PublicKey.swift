internal import COpenSSL

/// An Ed25519 public key (RFC 8032): 32 bytes.
public struct Ed25519PublicKey: Hashable, Sendable {
    public static let sizeBytes = 32

    /// The 32 bytes of RFC 8032 §5.1.2.
    public let bytes: [UInt8]

    /// - Throws: ``CryptographyError`` with code `wrongSize` unless there are 32 bytes.
    public init(_ bytes: [UInt8]) throws {
        guard bytes.count == Self.sizeBytes else {
            throw CryptographyError(.wrongSize, "an Ed25519 public key has 32 bytes, this one has \(bytes.count)")
        }
        self.bytes = bytes
    }

    /// Whether `signature` (64 bytes) is this key's signature of `message`. Anything else about it, a wrong length included, is a no.
    public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
        guard signature.count == 64,
            let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
        else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        defer { ERR_clear_error() }
        return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// SubjectPublicKeyInfo in DER (RFC 8410 §4).
    public var spki: [UInt8] {
        [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00] + bytes
    }

    /// The key as a PEM block "PUBLIC KEY", which `openssl pkeyutl -pubin` reads.
    public var pem: String { PEM.encode(spki, label: "PUBLIC KEY") }
}
