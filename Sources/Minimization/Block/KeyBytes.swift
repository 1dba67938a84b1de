/// The key of a memory, put together from a kind and values: which of them are there, how long each is, and its bytes.
///
/// Safety: `base` has `capacity` bytes; ``bytes`` are valid until the next call that adds. Not thread-safe.
final class KeyBytes {
    @exclusivity(unchecked) private var base = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 8)
    @exclusivity(unchecked) private var capacity = 256
    @exclusivity(unchecked) private var count = 0

    deinit { base.deallocate() }

    /// The key so far.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Begins a key.
    func begin(_ kind: UInt8) {
        base.storeBytes(of: kind, as: UInt8.self)
        count = 1
    }

    /// Adds a value; nil for one that is not there.
    func append(_ value: UnsafeRawBufferPointer?) {
        let size = value?.count ?? 0
        if count &+ size &+ 5 > capacity { grow(by: size &+ 5) }
        guard let value else {
            base.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
            count &+= 1
            return
        }
        base.storeBytes(of: 1, toByteOffset: count, as: UInt8.self)
        base.storeBytes(of: UInt32(truncatingIfNeeded: size), toByteOffset: count &+ 1, as: UInt32.self)
        if let start = value.baseAddress { (base + count + 5).copyMemory(from: start, byteCount: size) }
        count &+= 5 &+ size
    }

    private func grow(by more: Int) {
        let larger = UnsafeMutableRawPointer.allocate(byteCount: 2 * (count + more), alignment: 8)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        (base, capacity) = (larger, 2 * (count + more))
    }
}
