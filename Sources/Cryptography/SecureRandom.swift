internal import COpenSSL

/// Random bytes from OpenSSL's generator, seeded by the operating system.
public enum SecureRandom {
    /// `count` unpredictable bytes.
    ///
    /// A process that cannot get randomness must not go on to make keys, so a refusal ends it.
    public static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            fill(UnsafeMutableRawBufferPointer(buffer), count: count)
            initialized = count
        }
    }

    /// 64 unpredictable bits.
    public static func uint64() -> UInt64 {
        var value: UInt64 = 0
        withUnsafeMutableBytes(of: &value) { fill($0, count: 8) }
        return value
    }

    static func fill(_ buffer: UnsafeMutableRawBufferPointer, count: Int) {
        var filled = 0
        while filled < count {
            let piece = min(count - filled, 1 << 20)
            let status = RAND_bytes(
                buffer.baseAddress!.advanced(by: filled).assumingMemoryBound(to: UInt8.self), Int32(piece))
            precondition(status == 1, "the random generator of OpenSSL is not seeded; nothing secret can be made")
            filled += piece
        }
    }
}
