/// HMAC with SHA-256 (RFC 2104) under one key.
///
/// The two padded key blocks are hashed once, when the value is made; each authentication then forks those states. For short
/// inputs that takes about a tenth of OpenSSL's one-shot call.
public struct HMACSHA256: Sendable {
    private let inner: SHA256
    private let outer: SHA256

    /// - Parameter key: Any length; keys over 64 bytes are hashed first, as the RFC says.
    public init(key: [UInt8]) {
        let blockSizeBytes = 64
        var block = key.count > blockSizeBytes ? SHA256.hash(key).bytes : key
        block += [UInt8](repeating: 0, count: blockSizeBytes - block.count)
        var inner = SHA256()
        inner.update(block.map { $0 ^ 0x36 })
        var outer = SHA256()
        outer.update(block.map { $0 ^ 0x5c })
        self.inner = inner
        self.outer = outer
    }

    /// The authentication code of these bytes.
    public func authenticate(_ bytes: UnsafeRawBufferPointer) -> SHA256Digest {
        var inner = inner
        inner.update(bytes)
        var outer = outer
        outer.update(inner.finalize())
        return outer.finalize()
    }

    /// The authentication code of these bytes.
    public func authenticate(_ bytes: [UInt8]) -> SHA256Digest {
        bytes.withUnsafeBytes { authenticate($0) }
    }

    /// The authentication code of this text's UTF-8.
    public func authenticate(_ text: String) -> SHA256Digest {
        var text = text
        return text.withUTF8 { authenticate(UnsafeRawBufferPointer($0)) }
    }

    /// Writes the authentication code of every message to `codes`, 32 bytes each, one after another: two at a time where the machine can.
    ///
    /// - Parameter codes: 32 × `messages.count` bytes that overlap no message.
    public func authenticateMany(_ messages: SHA256Messages, into codes: UnsafeMutableRawPointer) {
        SHA256.hashMany(messages.continuing(inner), into: codes)
        let digests = [UInt8](UnsafeRawBufferPointer(start: codes, count: SHA256Digest.sizeBytes * messages.count))
        digests.withUnsafeBytes { digests in
            guard let base = digests.baseAddress else { return }
            let size = SHA256Digest.sizeBytes
            let seconds = SHA256Messages(base: base, sizeBytes: size, strideBytes: size, count: messages.count)
            SHA256.hashMany(seconds.continuing(outer), into: codes)
        }
    }

    /// A hasher that has taken the inner key block: for messages of several pieces. End it with ``finish(_:)``.
    public func begin() -> SHA256 { inner }

    /// The authentication code of what `hasher`, from ``begin()``, was given.
    public func finish(_ hasher: SHA256) -> SHA256Digest {
        var outer = outer
        outer.update(hasher.finalize())
        return outer.finalize()
    }
}
