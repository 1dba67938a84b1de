internal import COpenSSL
private import Synchronization

/// Poly1305 (RFC 8439 §2.5) as a universal hash: for what goes into a pseudorandom function and is never shown.
///
/// Under a random key that nobody knows, two different messages of at most n bytes have the same tag with a probability of at most
/// 8⌈n / 16⌉ / 2^106, however they were chosen. That is all it promises here: the key is used for many messages, so a tag that somebody sees
/// gives the key away, and as a message authentication code it would be broken. 10 GB/s at 4 KiB on a processor with AVX-512, several times
/// what SHA-256 does. Any thread may ask at any time.
public final class Poly1305: Sendable {
    public static let keySizeBytes = 32
    public static let tagSizeBytes = 16

    private let key: [UInt8]
    /// Contexts that nobody uses at the moment.
    private let idle = Mutex<[Context]>([])

    // Fetched once; the object is immutable and may be shared by threads (crypto(7)).
    private nonisolated(unsafe) static let algorithm = EVP_MAC_fetch(nil, "POLY1305", nil)

    private struct Context: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// - Parameter key: 32 bytes.
    /// - Throws: ``CryptographyError`` with `wrongSize`, or `libraryFailure` where OpenSSL has no Poly1305.
    public init(key: [UInt8]) throws {
        guard key.count == Self.keySizeBytes else {
            throw CryptographyError(.wrongSize, "a Poly1305 key has \(Self.keySizeBytes) bytes, not \(key.count)")
        }
        self.key = key
        guard let context = Self.context() else {
            throw CryptographyError.openSSL(.libraryFailure, "this OpenSSL has no Poly1305; proofline needs its default provider")
        }
        idle.withLock { $0.append(context) }
    }

    deinit {
        idle.withLock { contexts in
            for context in contexts { EVP_MAC_CTX_free(context.pointer) }
        }
    }

    private static func context() -> Context? {
        guard let algorithm, let pointer = EVP_MAC_CTX_new(algorithm) else { return nil }
        return Context(pointer: pointer)
    }

    /// Writes the 16-byte tag of `bytes` to `tag`.
    public func tag(_ bytes: UnsafeRawBufferPointer, into tag: UnsafeMutableRawPointer) {
        guard let context = idle.withLock({ $0.popLast() }) ?? Self.context() else { preconditionFailure("no memory for a context") }
        var size = 0
        let isDone =
            EVP_MAC_init(context.pointer, key, key.count, nil) == 1
            && (bytes.count == 0
                || EVP_MAC_update(context.pointer, bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), bytes.count) == 1)
            && EVP_MAC_final(context.pointer, tag.assumingMemoryBound(to: UInt8.self), &size, Self.tagSizeBytes) == 1
        precondition(isDone && size == Self.tagSizeBytes, "Poly1305 over memory does not fail")
        idle.withLock { $0.append(context) }
    }

    /// The 16-byte tag of these bytes.
    public func tag(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.tagSizeBytes) { output, count in
            bytes.withUnsafeBytes { tag($0, into: UnsafeMutableRawPointer(output.baseAddress!)) }
            count = Self.tagSizeBytes
        }
    }
}
