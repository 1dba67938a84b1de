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

    /// The leaves of rows whose indexes in their batch are given, by row.
    ///
    /// - Parameter batchSalt: 32 bytes.
    static func leaves(_ block: EventBlock, indexes: [Int], batchSalt: [UInt8]) -> [MerkleHash] {
        guard !indexes.isEmpty else { return [] }
        let leaves = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 * indexes.count, alignment: 16)
        defer { leaves.deallocate() }
        forLines(block, rows: 0..<indexes.count, index: { indexes[$0] }, batchSalt: batchSalt, opening: 0) { rows, buffer in
            hash(buffer, into: leaves.baseAddress! + 32 * rows.lowerBound)
        }
        return hashes(UnsafeRawBufferPointer(leaves))
    }

    /// The canonical lines of such rows, by row, without line feeds.
    static func lines(_ block: EventBlock, indexes: [Int], batchSalt: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        lines.reserveCapacity(indexes.count)
        forLines(block, rows: 0..<indexes.count, index: { indexes[$0] }, batchSalt: batchSalt, opening: nil) { rows, buffer in
            for line in 0..<rows.count { lines.append(Array(buffer[line])) }
        }
        return lines
    }

    private static func digests(_ block: EventBlock, rows: Range<Int>, batchSalt: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let leaves = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 * rows.count, alignment: 16)
        // The zero byte of a leaf stands before each line.
        forLines(block, rows: rows, index: { $0 - rows.lowerBound }, batchSalt: batchSalt, opening: 0) { some, buffer in
            hash(buffer, into: leaves.baseAddress! + 32 * (some.lowerBound - rows.lowerBound))
        }
        return leaves
    }

    private static func hash(_ buffer: LineBuffer, into digests: UnsafeMutableRawPointer) {
        let messages = SHA256Messages(base: buffer.bytes.baseAddress!, offsets: buffer.offsets.baseAddress!, count: buffer.count)
        SHA256.hashMany(messages, into: digests)
    }

    /// Writes the lines of rows, a few at a time, each with the salt of its index.
    private static func forLines(
        _ block: EventBlock, rows: Range<Int>, index: (Int) -> Int, batchSalt: [UInt8], opening: UInt8?, _ body: (Range<Int>, LineBuffer) -> Void
    ) {
        let lines = CanonicalLines(block, rows: rows)
        let buffer = LineBuffer(opening: opening, capacityBytes: 128 * 1024)
        withUnsafeTemporaryAllocation(byteCount: 16 * rowsAtOnce, alignment: 16) { salts in
            var row = rows.lowerBound
            while row < rows.upperBound {
                let end = min(row + rowsAtOnce, rows.upperBound)
                // Salts of neighbours are made together.
                var first = row
                while first < end {
                    var next = first + 1
                    while next < end, index(next) == index(first) + next - first { next += 1 }
                    batchSalt.withUnsafeBytes {
                        SHA256.salts(
                            seed: $0, first: UInt64(index(first)), count: next - first, into: salts.baseAddress! + 16 * (first - row))
                    }
                    first = next
                }
                buffer.removeAll()
                lines.write(row..<end, salts: UnsafeRawPointer(salts.baseAddress!), to: buffer)
                body(row..<end, buffer)
                row = end
            }
        }
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
