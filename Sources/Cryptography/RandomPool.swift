/// Random bytes fetched from the generator many at a time: a call for eight bytes costs a microsecond, four kilobytes cost two.
///
/// What was given out is overwritten in the pool at once. Not thread-safe: one pool per owner.
public final class RandomPool {
    private static let sizeBytes = 4_096

    /// Invariant: `pool` points to `sizeBytes` bytes for the life of the object; bytes from `next` on were never given.
    private let pool: UnsafeMutableRawPointer
    private var next = RandomPool.sizeBytes

    public init() {
        pool = .allocate(byteCount: Self.sizeBytes, alignment: 16)
        pool.initializeMemory(as: UInt8.self, repeating: 0, count: Self.sizeBytes)
    }

    deinit {
        pool.initializeMemory(as: UInt8.self, repeating: 0, count: Self.sizeBytes)
        pool.deallocate()
    }

    /// Writes `count` unpredictable bytes, at most 4,096, to `target`.
    public func fill(_ target: UnsafeMutableRawPointer, count: Int) {
        precondition(count >= 0 && count <= Self.sizeBytes, "a pool gives at most \(Self.sizeBytes) bytes at a time")
        if next &+ count > Self.sizeBytes {
            SecureRandom.fill(UnsafeMutableRawBufferPointer(start: pool, count: Self.sizeBytes), count: Self.sizeBytes)
            next = 0
        }
        target.copyMemory(from: pool + next, byteCount: count)
        (pool + next).initializeMemory(as: UInt8.self, repeating: 0, count: count)
        next &+= count
    }

    /// 64 unpredictable bits.
    public func uint64() -> UInt64 {
        var value: UInt64 = 0
        withUnsafeMutableBytes(of: &value) { fill($0.baseAddress!, count: 8) }
        return value
    }
}
