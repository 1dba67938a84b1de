internal import COpenSSL

/// AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce.
///
/// A sealed box is nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes). One key may seal at most 2^32 boxes before random nonces
/// are likely enough to meet; the vault has a key per subject and stays far below.
public enum AESGCM {
    public static let keySizeBytes = 32
    public static let nonceSizeBytes = 12
    public static let tagSizeBytes = 16
    /// Bytes that a sealed box is longer than its plaintext.
    public static let overheadBytes = nonceSizeBytes + tagSizeBytes

    // Fetched once; the object is immutable and may be shared by threads (crypto(7)).
    nonisolated(unsafe) static let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

    /// Encrypts and authenticates.
    ///
    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - aad: Bytes that are authenticated, not encrypted: name the place the box belongs to, so that it cannot be moved.
    /// - Throws: ``CryptographyError`` with code `wrongSize` for another key length.
    public static func seal(_ plaintext: [UInt8], key: [UInt8], aad: [UInt8] = []) throws -> [UInt8] {
        try seal(plaintext, key: key, nonce: SecureRandom.bytes(nonceSizeBytes), aad: aad)
    }

    /// Encrypts under a nonce the caller has: for test vectors. A nonce used twice under one key gives both plaintexts away.
    static func seal(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], aad: [UInt8]) throws -> [UInt8] {
        try checkKey(key)
        guard let context = EVP_CIPHER_CTX_new() else { throw refused() }
        defer { EVP_CIPHER_CTX_free(context) }
        guard EVP_EncryptInit_ex(context, cipher, nil, key, nonce) == 1 else { throw refused() }
        var written: Int32 = 0
        if !aad.isEmpty {
            guard EVP_EncryptUpdate(context, nil, &written, aad, Int32(aad.count)) == 1 else { throw refused() }
        }
        var box = nonce
        box += [UInt8](repeating: 0, count: plaintext.count + tagSizeBytes)
        let status = box.withUnsafeMutableBufferPointer { buffer -> Bool in
            let body = buffer.baseAddress! + nonceSizeBytes
            if !plaintext.isEmpty {
                guard EVP_EncryptUpdate(context, body, &written, plaintext, Int32(plaintext.count)) == 1 else { return false }
            }
            return EVP_EncryptFinal_ex(context, body + plaintext.count, &written) == 1
                && proofline_gcm_get_tag(context, Int32(tagSizeBytes), body + plaintext.count) == 1
        }
        guard status else { throw refused() }
        return box
    }

    /// Decrypts a box made by ``seal(_:key:aad:)`` under the same key and context.
    ///
    /// - Throws: ``CryptographyError`` with code `authenticationFailed` when key, context or a byte of the box differ,
    ///   `wrongSize` when the key has not 32 bytes or the box is too short to be one.
    public static func open(_ box: [UInt8], key: [UInt8], aad: [UInt8] = []) throws -> [UInt8] {
        try checkKey(key)
        guard box.count >= overheadBytes, box.count <= Int(Int32.max) else {
            throw CryptographyError(.wrongSize, "a sealed box has at least \(overheadBytes) bytes, this one has \(box.count)")
        }
        guard let context = EVP_CIPHER_CTX_new() else { throw refused() }
        defer { EVP_CIPHER_CTX_free(context) }
        let size = box.count - overheadBytes
        var tag = Array(box.suffix(tagSizeBytes))
        guard EVP_DecryptInit_ex(context, cipher, nil, key, box) == 1,
            proofline_gcm_set_tag(context, Int32(tagSizeBytes), &tag) == 1
        else { throw refused() }
        var written: Int32 = 0
        if !aad.isEmpty {
            guard EVP_DecryptUpdate(context, nil, &written, aad, Int32(aad.count)) == 1 else { throw refused() }
        }
        // One spare byte gives the empty plaintext an address to "write" to.
        var plaintext = [UInt8](repeating: 0, count: size + 1)
        let authentic = box.withUnsafeBufferPointer { input in
            plaintext.withUnsafeMutableBufferPointer { output -> Bool in
                if size > 0 {
                    guard
                        EVP_DecryptUpdate(
                            context, output.baseAddress!, &written, input.baseAddress! + nonceSizeBytes, Int32(size)) == 1
                    else { return false }
                }
                return EVP_DecryptFinal_ex(context, output.baseAddress! + size, &written) == 1
            }
        }
        guard authentic else {
            ERR_clear_error()
            throw CryptographyError(
                .authenticationFailed,
                "a sealed value does not open: it was sealed under another key or for another place, or its bytes changed")
        }
        plaintext.removeLast()
        return plaintext
    }

    private static func checkKey(_ key: [UInt8]) throws {
        guard key.count == keySizeBytes else {
            throw CryptographyError(.wrongSize, "an AES-256 key has \(keySizeBytes) bytes, this one has \(key.count)")
        }
    }

    static func refused() -> CryptographyError {
        .openSSL(.libraryFailure, "OpenSSL refused an AES-256-GCM operation")
    }
}
