internal import COpenSSL

/// A private key on the curve P-256, held by OpenSSL: what people sign packs with.
///
/// The object is immutable; OpenSSL allows several threads to sign with one key.
public final class P256PrivateKey: @unchecked Sendable {
    /// The key that belongs to it.
    public let publicKey: P256PublicKey
    /// OpenSSL's `EVP_PKEY`, freed with this object.
    let handle: OpaquePointer

    /// Takes ownership of `handle`.
    private init(owning handle: OpaquePointer) throws {
        self.handle = handle
        publicKey = try P256PublicKey(spki: try MemoryBIO.der { i2d_PUBKEY(handle, $0) })
    }

    deinit { EVP_PKEY_free(handle) }

    /// A new random key.
    public static func generate() throws -> P256PrivateKey {
        guard let handle = proofline_p256_generate() else {
            throw CryptographyError.openSSL(.libraryFailure, "OpenSSL made no P-256 key")
        }
        return try P256PrivateKey(owning: handle)
    }

    /// Reads a key from PEM: PKCS #8, encrypted or not, or SEC 1.
    ///
    /// - Throws: ``CryptographyError`` with code `wrongPassphrase` when it is encrypted and the passphrase is missing or wrong, `invalidKey`
    ///   when it is no private key or one of another kind.
    public static func read(pem: String, passphrase: String? = nil) throws -> P256PrivateKey {
        let handle = try MemoryBIO.reading(Array(pem.utf8)) { bio -> OpaquePointer? in
            guard let passphrase else { return proofline_read_private_key(bio, nil) }
            return passphrase.withCString { proofline_read_private_key(bio, $0) }
        }
        guard let handle else {
            let isEncrypted = pem.contains("ENCRYPTED")
            throw isEncrypted
                ? CryptographyError.openSSL(
                    .wrongPassphrase,
                    passphrase == nil ? "the key is encrypted: give its passphrase" : "the passphrase does not open the key")
                : CryptographyError.openSSL(.invalidKey, "this is no private key in PEM")
        }
        guard P256PublicKey.isP256(handle) else {
            EVP_PKEY_free(handle)
            throw CryptographyError(.invalidKey, "the key is not on the curve P-256; make one with `proofline key create`")
        }
        return try P256PrivateKey(owning: handle)
    }

    /// The key as PEM: PKCS #8 encrypted with AES-256-CBC under scrypt (N = 2^14, r = 8, p = 5).
    ///
    /// OpenSSL reads scrypt keys only up to 32 MiB of memory, so the work factor grows by p, not by N.
    public func pem(passphrase: String) throws -> String {
        let bytes = try MemoryBIO.written { bio in
            guard proofline_write_private_key(bio, handle, passphrase, 1 << 14, 8, 5) == 1 else {
                throw CryptographyError.openSSL(.libraryFailure, "OpenSSL could not encrypt the key")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The key as PEM without encryption: for demos and tests, and for places that are sealed otherwise.
    public func unencryptedPEM() throws -> String {
        let bytes = try MemoryBIO.written { bio in
            guard PEM_write_bio_PKCS8PrivateKey(bio, handle, nil, nil, 0, nil, nil) == 1 else {
                throw CryptographyError.openSSL(.libraryFailure, "OpenSSL could not write the key")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The ECDSA signature in DER over the SHA-256 of `message`.
    public func sign(_ message: [UInt8]) throws -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else {
            throw CryptographyError.openSSL(.libraryFailure, "OpenSSL refused to sign with P-256")
        }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 80)
        var size = signature.count
        guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, handle) == 1,
            EVP_DigestSign(context, &signature, &size, message, message.count) == 1
        else { throw CryptographyError.openSSL(.libraryFailure, "OpenSSL refused to sign with P-256") }
        return Array(signature.prefix(size))
    }
}
