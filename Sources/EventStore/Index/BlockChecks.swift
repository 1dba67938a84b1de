import Parquet
import Synchronization

/// Checksums of a file's blocks, compared when a block is touched first.
///
/// Safety: the bytes and the table must outlive this object. Several threads may find the same block unchecked and compare it twice.
final class BlockChecks: @unchecked Sendable {
    private let bytes: UnsafeRawBufferPointer
    /// One XXH64 for each block of ``IndexFormat/blockBytes``.
    private let table: UnsafeRawBufferPointer
    private let blockCount: Int
    /// A bit for each block that was found right.
    private let seen: UnsafeMutablePointer<Atomic<UInt64>>
    private let wordCount: Int

    /// - Returns: nil when the table has another length than the bytes ask for.
    init?(_ bytes: UnsafeRawBufferPointer, table: UnsafeRawBufferPointer) {
        blockCount = (bytes.count + IndexFormat.blockBytes - 1) / IndexFormat.blockBytes
        guard table.count == blockCount * 8 else { return nil }
        (self.bytes, self.table) = (bytes, table)
        wordCount = (blockCount + 63) / 64
        seen = .allocate(capacity: max(1, wordCount))
        for word in 0..<wordCount { (seen + word).initialize(to: Atomic(0)) }
    }

    deinit {
        seen.deinitialize(count: wordCount)
        seen.deallocate()
    }

    /// Whether every block that a range of bytes touches is as it was written.
    func areRight(_ range: Range<Int>) -> Bool {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return false }
        guard !range.isEmpty else { return true }
        var block = range.lowerBound / IndexFormat.blockBytes
        let last = (range.upperBound - 1) / IndexFormat.blockBytes
        while block <= last {
            if !isRight(block) { return false }
            block &+= 1
        }
        return true
    }

    @inline(__always)
    private func isRight(_ block: Int) -> Bool {
        let bit: UInt64 = 1 &<< UInt64(block & 63)
        if seen[block >> 6].load(ordering: .relaxed) & bit != 0 { return true }
        let start = block * IndexFormat.blockBytes
        let content = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + IndexFormat.blockBytes, bytes.count)])
        guard XXH64.hash(content) == UInt64(littleEndian: table.loadUnaligned(fromByteOffset: 8 * block, as: UInt64.self)) else {
            return false
        }
        seen[block >> 6].bitwiseOr(bit, ordering: .relaxed)
        return true
    }
}
