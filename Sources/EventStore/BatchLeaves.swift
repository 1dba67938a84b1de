import AuditModel
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

    /// The leaves of all events in index order.
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
