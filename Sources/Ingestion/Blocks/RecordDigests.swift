import Cryptography
import Parsing

/// The digests of the records of one block in the order of reading, 32 bytes each: what is left of a record's bytes once they are gone.
///
/// Not thread-safe while it is being filled.
final class RecordDigests: @unchecked Sendable {
    /// Number of digests.
    private(set) var count = 0
    private var base: UnsafeMutableRawPointer
    private var capacity: Int

    /// - Parameter capacity: Records to make room for.
    init(capacity: Int = 1_024) {
        self.capacity = max(1_024, capacity)
        base = .allocate(byteCount: 32 * self.capacity, alignment: 64)
    }

    deinit { base.deallocate() }

    /// Where a digest lies, valid until more are added.
    func pointer(_ index: Int) -> UnsafeRawPointer { UnsafeRawPointer(base + 32 * index) }

    /// Hashes records, many side by side.
    func add(_ records: UnsafeBufferPointer<BlockRecord>) {
        guard !records.isEmpty else { return }
        if count + records.count > capacity { grow(to: count + records.count) }
        let target = base + 32 * count
        withUnsafeTemporaryAllocation(of: UnsafeRawPointer?.self, capacity: records.count) { pointers in
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: records.count) { sizes in
                var at = 0
                while at < records.count {
                    pointers[at] = UnsafeRawPointer(records[at].address)
                    sizes[at] = UInt32(truncatingIfNeeded: records[at].length)
                    at &+= 1
                }
                SHA256.hashMany(
                    SHA256Messages(pointers: pointers.baseAddress!, sizes: sizes.baseAddress!, count: records.count), into: target)
            }
        }
        count += records.count
    }

    private func grow(to needed: Int) {
        capacity = max(needed, capacity * 2)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: 32 * capacity, alignment: 64)
        larger.copyMemory(from: base, byteCount: 32 * count)
        base.deallocate()
        base = larger
    }
}
