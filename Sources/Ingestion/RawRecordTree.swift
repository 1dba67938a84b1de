import Cryptography
import TransparencyLog

/// The salted Merkle tree over a batch's raw records; its root is the seal's `rawRoot` (docs/formats/seal.md).
///
/// leafᵢ = SHA-256(0x00 ‖ saltᵢ ‖ SHA-256(record)), saltᵢ = the first 16 bytes of SHA-256(rawSalt ‖ i as 8 bytes, big-endian), i counting all
/// records received in the batch from 0, whatever became of them.
struct RawRecordTree {
    /// 32 random bytes, kept in the vault under the root.
    let salt: [UInt8]
    /// Number of records.
    private(set) var count = 0
    /// Leaves, 32 bytes each.
    private var leaves: [UInt8] = []

    init(salt: [UInt8] = SecureRandom.bytes(32)) { self.salt = salt }

    /// The root, nil without records.
    var root: MerkleHash? { count == 0 ? nil : leaves.withUnsafeBytes { MerkleTree.root(ofDigests: $0) } }

    /// Adds the next record: its bytes without the line end; of one beyond the size limit the beginning that is kept.
    mutating func add(_ record: UnsafeRawBufferPointer) {
        SHA256.hash(record).withUnsafeBytes { add(digests: $0.baseAddress!, count: 1) }
    }

    /// Adds the next records by their SHA-256 digests, 32 bytes each, one behind the other.
    mutating func add(digests: UnsafeRawPointer, count more: Int) {
        let first = count
        count += more
        if leaves.isEmpty { leaves.reserveCapacity(32 * more) }
        withUnsafeTemporaryAllocation(byteCount: 48 * Self.atOnce, alignment: 16) { scratch in
            let salts = scratch.baseAddress!
            let made = UnsafeMutableRawBufferPointer(rebasing: scratch[(16 * Self.atOnce)...])
            var done = 0
            while done < more {
                let here = min(Self.atOnce, more - done)
                salt.withUnsafeBytes { SHA256.salts(seed: $0, first: UInt64(first + done), count: here, into: salts) }
                SHA256.saltedLeaves(
                    salts: UnsafeRawPointer(salts), digests: digests + 32 * done, count: here, into: made.baseAddress!)
                leaves.append(contentsOf: made[..<(32 * here)])
                done += here
            }
        }
    }

    private static let atOnce = 256
}
