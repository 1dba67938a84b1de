import Collection
import Cryptography
import Vault

/// The keyed hashes by which contents are known again: HMAC-SHA-256 under the vault's key for content fingerprints, and Poly1305 under a key made
/// from it (docs/formats/cursor.md).
struct KeyedContentHashing: ContentHashing {
    private let hmac: HMACSHA256
    private let universal: Poly1305

    /// - Throws: ``CryptographyError`` where OpenSSL has no Poly1305.
    init(vault: Vault) throws { try self.init(key: vault.key(.contentFingerprints)) }

    init(key: [UInt8]) throws {
        hmac = HMACSHA256(key: key)
        universal = try Poly1305(key: hmac.authenticate("proofline content blocks 1").bytes)
    }

    func digest(_ bytes: UnsafeRawBufferPointer, into digest: UnsafeMutableRawBufferPointer) {
        hmac.authenticate(bytes).withUnsafeBytes { digest.copyMemory(from: $0) }
    }

    func tag(_ bytes: UnsafeRawBufferPointer, into tag: UnsafeMutableRawBufferPointer) {
        universal.tag(bytes, into: tag.baseAddress!)
    }
}
