internal import COpenSSL

/// Authenticates pages of bytes with AES-256-GMAC (NIST SP 800-38D): a seal of 28 bytes for each, several gigabytes a second.
///
/// A seal is a random nonce (12 bytes) ‖ tag (16 bytes). It covers a place and the bytes, so that a page cannot be moved or exchanged; it does not
/// hide them. Not thread-safe: one per owner.
public final class GMAC {
    /// Bytes of a seal.
    public static let sealSizeBytes = AESGCM.nonceSizeBytes + AESGCM.tagSizeBytes

    private let context: OpaquePointer
    private let nonces = RandomPool()

    /// - Parameter key: 32 bytes that serve nothing else.
    /// - Throws: ``CryptographyError`` `wrongSize`, `libraryFailure`.
    public init(key: [UInt8]) throws {
        guard key.count == AESGCM.keySizeBytes else {
            throw CryptographyError(.wrongSize, "an AES-256 key has \(AESGCM.keySizeBytes) bytes, this one has \(key.count)")
        }
        guard let context = EVP_CIPHER_CTX_new() else { throw AESGCM.refused() }
        self.context = context
        guard EVP_EncryptInit_ex(context, AESGCM.cipher, nil, key, nil) == 1 else { throw AESGCM.refused() }
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Writes the seal of `bytes` at `place` to `target`, ``sealSizeBytes`` long.
    ///
    /// - Parameter place: Where the bytes belong; always of one length under one key.
    /// - Throws: ``CryptographyError`` `libraryFailure`.
    public func seal(_ bytes: UnsafeRawBufferPointer, place: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer) throws {
        nonces.fill(target, count: AESGCM.nonceSizeBytes)
        try tag(bytes, place, nonce: target, into: target + AESGCM.nonceSizeBytes)
    }

    /// Whether `seal` is that of these bytes at this place.
    ///
    /// - Throws: ``CryptographyError`` `libraryFailure`.
    public func isGenuine(_ bytes: UnsafeRawBufferPointer, place: UnsafeRawBufferPointer, seal: UnsafeRawPointer) throws -> Bool {
        try withUnsafeTemporaryAllocation(byteCount: AESGCM.tagSizeBytes, alignment: 8) { computed in
            try tag(bytes, place, nonce: seal, into: computed.baseAddress!)
            return CRYPTO_memcmp(computed.baseAddress!, seal + AESGCM.nonceSizeBytes, AESGCM.tagSizeBytes) == 0
        }
    }

    private func tag(
        _ bytes: UnsafeRawBufferPointer, _ place: UnsafeRawBufferPointer, nonce: UnsafeRawPointer, into target: UnsafeMutableRawPointer
    ) throws {
        var written: Int32 = 0
        // The spare byte is where nothing is written at the end.
        var spare: UInt8 = 0
        guard EVP_EncryptInit_ex(context, nil, nil, nil, nonce.assumingMemoryBound(to: UInt8.self)) == 1,
            place.count == 0 || EVP_EncryptUpdate(context, nil, &written, place.baseAddress, Int32(place.count)) == 1,
            bytes.count == 0 || EVP_EncryptUpdate(context, nil, &written, bytes.baseAddress, Int32(bytes.count)) == 1,
            EVP_EncryptFinal_ex(context, &spare, &written) == 1,
            proofline_gcm_get_tag(context, Int32(AESGCM.tagSizeBytes), target) == 1
        else { throw AESGCM.refused() }
    }
}
