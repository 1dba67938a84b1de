internal import COpenSSL

/// An Ed25519 private key (RFC 8032), for signed notes: checkpoints and cosignatures.
public struct Ed25519PrivateKey: Sendable {
    public static let seedSizeBytes = 32

    /// The 32-byte seed. Secret: it is the whole key.
    public let seed: [UInt8]

    /// The key that belongs to it.
    public let publicKey: Ed25519PublicKey

    /// A new random key.
    public init() {
        // A random seed of the right size is always a key.
        try! self.init(seed: SecureRandom.bytes(Self.seedSizeBytes))
    }

    /// - Throws: ``CryptographyError`` with code `wrongSize` unless the seed has 32 bytes.
    public init(seed: [UInt8]) throws {
        guard seed.count == Self.seedSizeBytes else {
            throw CryptographyError(.wrongSize, "an Ed25519 seed has 32 bytes, this one has \(seed.count)")
        }
        guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else {
            throw CryptographyError.openSSL(.libraryFailure, "OpenSSL refused an Ed25519 seed")
        }
        defer { EVP_PKEY_free(key) }
        var publicBytes = [UInt8](repeating: 0, count: Ed25519PublicKey.sizeBytes)
        var size = publicBytes.count
        guard EVP_PKEY_get_raw_public_key(key, &publicBytes, &size) == 1 else {
            throw CryptographyError.openSSL(.libraryFailure, "OpenSSL gave no public key for an Ed25519 seed")
        }
        self.seed = seed
        self.publicKey = try Ed25519PublicKey(publicBytes)
    }

    /// The 64-byte signature of `message`. The same message always gives the same signature.
    public func sign(_ message: [UInt8]) throws -> [UInt8] {
        guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count),
            let context = EVP_MD_CTX_new()
        else { throw CryptographyError.openSSL(.libraryFailure, "OpenSSL refused to sign with Ed25519") }
        defer {
            EVP_MD_CTX_free(context)
            EVP_PKEY_free(key)
        }
        var signature = [UInt8](repeating: 0, count: 64)
        var size = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            EVP_DigestSign(context, &signature, &size, message, message.count) == 1
        else { throw CryptographyError.openSSL(.libraryFailure, "OpenSSL refused to sign with Ed25519") }
        return signature
    }
}
