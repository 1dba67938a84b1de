internal import COpenSSL

/// Seals many small values with AES-256-GCM: one context for all of them, given a new key or only a new nonce each time.
///
/// The boxes are those of ``AESGCM``: nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes). Making a context per box costs more than the
/// encryption of a short value. Not thread-safe: one sealer per owner.
public final class AESGCMSealer {
    private let context: OpaquePointer
    private let nonces: RandomPool

    /// - Parameter key: 32 bytes that ``seal(_:aad:into:)`` uses until another key is given; nil when every box brings its own.
    /// - Throws: ``CryptographyError`` `wrongSize` for another length, `libraryFailure`.
    public init(key: [UInt8]? = nil) throws {
        guard let context = EVP_CIPHER_CTX_new() else { throw AESGCM.refused() }
        self.context = context
        nonces = RandomPool()
        guard EVP_EncryptInit_ex(context, AESGCM.cipher, nil, nil, nil) == 1 else { throw AESGCM.refused() }
        if let key {
            guard key.count == AESGCM.keySizeBytes else {
                throw CryptographyError(.wrongSize, "an AES-256 key has \(AESGCM.keySizeBytes) bytes, this one has \(key.count)")
            }
            guard EVP_EncryptInit_ex(context, nil, nil, key, nil) == 1 else { throw AESGCM.refused() }
        }
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Encrypts and authenticates under a random nonce.
    ///
    /// - Parameters:
    ///   - key: 32 bytes, or nil for the key of the box before.
    ///   - aad: Bytes that are authenticated, not encrypted.
    ///   - target: Takes ``AESGCM/overheadBytes`` more than the plaintext.
    /// - Throws: ``CryptographyError`` `libraryFailure`; the target then holds nothing of use.
    public func seal(
        _ plaintext: UnsafeRawBufferPointer, key: UnsafeRawPointer? = nil, aad: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer
    ) throws {
        let out = target.assumingMemoryBound(to: UInt8.self)
        nonces.fill(target, count: AESGCM.nonceSizeBytes)
        let body = out + AESGCM.nonceSizeBytes
        var written: Int32 = 0
        guard EVP_EncryptInit_ex(context, nil, nil, key?.assumingMemoryBound(to: UInt8.self), out) == 1,
            aad.count == 0 || EVP_EncryptUpdate(context, nil, &written, aad.baseAddress, Int32(aad.count)) == 1,
            plaintext.count == 0 || EVP_EncryptUpdate(context, body, &written, plaintext.baseAddress, Int32(plaintext.count)) == 1,
            EVP_EncryptFinal_ex(context, body + plaintext.count, &written) == 1,
            proofline_gcm_get_tag(context, Int32(AESGCM.tagSizeBytes), body + plaintext.count) == 1
        else { throw AESGCM.refused() }
    }
}

extension AESGCMSealer {
    /// The same with arrays, for callers that seal few boxes.
    public func seal(_ plaintext: [UInt8], key: [UInt8], aad: [UInt8]) throws -> [UInt8] {
        guard key.count == AESGCM.keySizeBytes else {
            throw CryptographyError(.wrongSize, "an AES-256 key has \(AESGCM.keySizeBytes) bytes, this one has \(key.count)")
        }
        var box = [UInt8](repeating: 0, count: plaintext.count + AESGCM.overheadBytes)
        try box.withUnsafeMutableBytes { target in
            try plaintext.withUnsafeBytes { plaintext in
                try key.withUnsafeBytes { key in
                    try aad.withUnsafeBytes { try seal(plaintext, key: key.baseAddress, aad: $0, into: target.baseAddress!) }
                }
            }
        }
        return box
    }
}
