import Collection
import Cryptography
import EventStore
import Vault

/// HMAC-SHA-256 under the vault's key for content fingerprints.
struct KeyedContentHashing: ContentHashing {
    private let hmac: HMACSHA256

    init(vault: Vault) { hmac = HMACSHA256(key: vault.key(.contentFingerprints)) }

    func digest(_ bytes: UnsafeRawBufferPointer, into digest: UnsafeMutableRawBufferPointer) {
        digest.copyBytes(from: hmac.authenticate(bytes).bytes)
    }
}

/// Makes the keys by which a record is known again. They depend on no token, so an erasure changes none of them.
struct DuplicateKeys {
    /// How long a key is kept: longer than any delivery is repeated, shorter than for ever.
    static let lifeMicroseconds: Int64 = 400 * 86_400 * 1_000_000

    private let hmac: HMACSHA256

    init(vault: Vault) { hmac = HMACSHA256(key: vault.key(.duplicates)) }

    /// The key of a record of `source` whose first event has this id.
    func key(source: String, eventID: String, record: UnsafeRawBufferPointer, now: Int64) -> DuplicateKey {
        DuplicateKey(
            id: half(source, 1) { hasher in hasher.update(Array(eventID.utf8)) },
            bytes: half(source, 2) { hasher in hasher.update(record) },
            expires: now + Self.lifeMicroseconds)
    }

    private func half(_ source: String, _ kind: UInt8, _ rest: (inout SHA256) -> Void) -> UInt64 {
        var hasher = hmac.begin()
        hasher.update([kind, UInt8(truncatingIfNeeded: source.utf8.count)] + Array(source.utf8))
        rest(&hasher)
        return hmac.finish(hasher).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// The salted Merkle tree over a batch's raw records; its root is the seal's `rawRoot` (docs/formats/seal.md).
///
/// leafᵢ = SHA-256(0x00 ‖ saltᵢ ‖ the record's bytes), saltᵢ = the first 16 bytes of SHA-256(rawSalt ‖ i as 8 bytes, big-endian), i counting
/// all records received in the batch from 0, whatever became of them.
struct RawRecordTree {
    /// 32 random bytes, kept in the vault under the root.
    let salt = SecureRandom.bytes(32)
    private(set) var leaves: [SHA256Digest] = []

    /// Adds the next record: its bytes without the line end; of one beyond the size limit the beginning that is kept.
    mutating func add(_ record: UnsafeRawBufferPointer) {
        var index = salt
        withUnsafeBytes(of: UInt64(leaves.count).bigEndian) { index.append(contentsOf: $0) }
        var leaf = SHA256()
        leaf.update(0 as UInt8)
        leaf.update(Array(SHA256.hash(index).bytes.prefix(16)))
        leaf.update(record)
        leaves.append(leaf.finalize())
    }
}
