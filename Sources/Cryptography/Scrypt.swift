internal import COpenSSL

/// scrypt (RFC 7914): a key from a passphrase, slow and memory-hard on purpose.
public enum Scrypt {
    /// Derives `count` bytes.
    ///
    /// - Parameters:
    ///   - cost: CPU and memory cost N, a power of two; 2^15 takes about 0.1 s and 32 MiB.
    /// - Throws: ``CryptographyError`` with code `libraryFailure` when the parameters are out of range.
    public static func derive(
        passphrase: String, salt: [UInt8], cost: UInt64 = 1 << 15, blockSize: UInt64 = 8, parallelism: UInt64 = 1,
        count: Int = 32
    ) throws -> [UInt8] {
        let password = Array(passphrase.utf8).map { CChar(bitPattern: $0) }
        var key = [UInt8](repeating: 0, count: count)
        let maximumMemoryBytes: UInt64 = 1 << 30
        guard
            EVP_PBE_scrypt(
                password, password.count, salt, salt.count, cost, blockSize, parallelism, maximumMemoryBytes, &key, count)
                == 1
        else { throw CryptographyError.openSSL(.libraryFailure, "scrypt refused its parameters") }
        return key
    }
}
