public import AuditModel
import Cryptography
import TransparencyLog

/// Salts, lines and leaves of a batch: how an event becomes 32 bytes under `rowsRoot` (docs/formats/event.md).
public enum BatchLeaves {
    /// The `salt` member of the event at `index`: the first 16 bytes, in hex, of SHA-256(batchSalt ‖ index as 8 bytes, big-endian).
    public static func salt(batchSalt: [UInt8], index: Int) -> String {
        var bytes = batchSalt
        withUnsafeBytes(of: UInt64(index).bigEndian) { bytes.append(contentsOf: $0) }
        return Hex.encode(Array(SHA256.hash(bytes).bytes.prefix(16)))
    }

    /// The canonical line of the event at `index`, without a line feed.
    public static func line(_ event: Event, batchSalt: [UInt8], index: Int) -> [UInt8] {
        event.canonicalLine(salt: salt(batchSalt: batchSalt, index: index))
    }

    /// The tree over the leaves of a batch whose events are rows of a block.
    ///
    /// Lines are written a few at a time into a scratch buffer and hashed there: memory is 32 bytes an event and some tens of KiB. Any number
    /// of threads may do this for row ranges of one block.
    ///
    /// - Parameters:
    ///   - rows: One row at least; the first has index 0.
    ///   - batchSalt: 32 bytes.
    public static func tree(_ block: EventBlock, rows: Range<Int>, batchSalt: [UInt8]) -> BatchTree {
        let leaves = digests(block, rows: rows, batchSalt: batchSalt)
        defer { leaves.deallocate() }
        let width = StoreLimits.subtreeLeaves
        let roots = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 * ((rows.count + width - 1) / width), alignment: 16)
        defer { roots.deallocate() }
        MerkleTree.subtreeRoots(ofDigests: leaves.baseAddress!, count: rows.count, width: width, into: roots.baseAddress!)
        return BatchTree(subtreeRoots: hashes(UnsafeRawBufferPointer(roots)), count: rows.count)
    }

    /// The leaves of a batch whose events are rows of a block, in index order.
    static func leaves(_ block: EventBlock, rows: Range<Int>, batchSalt: [UInt8]) -> [MerkleHash] {
        guard !rows.isEmpty else { return [] }
        let leaves = digests(block, rows: rows, batchSalt: batchSalt)
        defer { leaves.deallocate() }
        return hashes(UnsafeRawBufferPointer(leaves))
    }

    /// Rows whose lines are in the scratch buffer together: enough to keep the kernel busy, few enough to stay in the nearest caches.
    private static let rowsAtOnce = 128

    private static func digests(_ block: EventBlock, rows: Range<Int>, batchSalt: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let leaves = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 * rows.count, alignment: 16)
        let lines = CanonicalLines(block, rows: rows)
        // The zero byte of a leaf stands before each line.
        let buffer = LineBuffer(opening: 0, capacityBytes: 128 * 1024)
        withUnsafeTemporaryAllocation(byteCount: 16 * rowsAtOnce, alignment: 16) { salts in
            var row = rows.lowerBound
            while row < rows.upperBound {
                let end = min(row + rowsAtOnce, rows.upperBound)
                let index = row - rows.lowerBound
                batchSalt.withUnsafeBytes {
                    SHA256.salts(seed: $0, first: UInt64(index), count: end - row, into: salts.baseAddress!)
                }
                buffer.removeAll()
                lines.write(row..<end, salts: UnsafeRawPointer(salts.baseAddress!), to: buffer)
                let messages = SHA256Messages(
                    base: buffer.bytes.baseAddress!, offsets: buffer.offsets.baseAddress!, count: end - row)
                SHA256.hashMany(messages, into: leaves.baseAddress! + 32 * index)
                row = end
            }
        }
        return leaves
    }

    private static func hashes(_ digests: UnsafeRawBufferPointer) -> [MerkleHash] {
        (0..<digests.count / 32).map { MerkleHash(SHA256Digest(UnsafeRawBufferPointer(rebasing: digests[32 * $0..<32 * $0 + 32]))!) }
    }

    /// The leaves of all events in index order, one by one: for tests and single batches.
    static func leaves(_ events: [Event], batchSalt: [UInt8]) -> [MerkleHash] {
        var line: [UInt8] = []
        line.reserveCapacity(4_096)
        var leaves: [MerkleHash] = []
        leaves.reserveCapacity(events.count)
        for (index, event) in events.enumerated() {
            line.removeAll(keepingCapacity: true)
            event.writeCanonical(salt: salt(batchSalt: batchSalt, index: index), to: &line)
            leaves.append(.leaf(line))
        }
        return leaves
    }
}
