import Cryptography
import EventStore
import Vault

/// Makes the keys by which a record is known again. They depend on no token, so an erasure changes none of them.
struct DuplicateKeys: Sendable {
    /// How long a key is kept: longer than any delivery is repeated, shorter than for ever.
    static let lifeMicroseconds: Int64 = 400 * 86_400 * 1_000_000

    private let hmac: HMACSHA256

    init(vault: Vault) { self.init(key: vault.key(.duplicates)) }

    init(key: [UInt8]) { hmac = HMACSHA256(key: key) }

    /// The keys of the records of one source.
    func keys(of source: String) -> SourceDuplicateKeys { SourceDuplicateKeys(source: source, hmac) }

    /// The key of a record of `source` whose first event has this id.
    func key(source: String, eventID: String, record: UnsafeRawBufferPointer, now: Int64) -> DuplicateKey {
        keys(of: source).key(eventID: eventID, recordDigest: SHA256.hash(record), now: now)
    }
}

/// The keys of the records of one source, two halves each (docs/formats/store.md).
///
/// A half is the first eight bytes, big-endian, of SHA-256(Kₖ ‖ 32 zero bytes ‖ m), with Kₖ = HMAC(key, k ‖ source) for the half k = 1 or 2,
/// m₁ = the id's size as four bytes, big-endian ‖ id, and m₂ = SHA-256(record). K and zeros are one block, hashed once per source, so a short id costs
/// one block and a record's digest another. No m is the beginning of another: docs/decisions/0028-record-digests.md.
struct SourceDuplicateKeys: Sendable {
    private let idState: SHA256
    private let recordState: SHA256

    fileprivate init(source: String, _ hmac: HMACSHA256) {
        func state(_ half: UInt8) -> SHA256 {
            var hasher = SHA256()
            hasher.update(hmac.authenticate([half] + Array(source.utf8)))
            hasher.update([UInt8](repeating: 0, count: 32))
            return hasher
        }
        idState = state(1)
        recordState = state(2)
    }

    /// The halves of many records' keys.
    ///
    /// - Parameters:
    ///   - ids: Where each record's id lies, the one of its first event.
    ///   - idSizes: How many bytes each id has.
    ///   - recordDigests: SHA-256 of each record, 32 bytes each, one behind the other.
    ///   - idHalves: Room for `count` numbers.
    ///   - recordHalves: Room for `count` numbers.
    func write(
        ids: UnsafePointer<UnsafeRawPointer?>, idSizes: UnsafePointer<UInt32>, recordDigests: UnsafeRawPointer, count: Int,
        idHalves: UnsafeMutablePointer<UInt64>, recordHalves: UnsafeMutablePointer<UInt64>
    ) {
        let atOnce = 256
        withUnsafeTemporaryAllocation(byteCount: 36 * atOnce, alignment: 8) { scratch in
            let digests = UnsafeMutableRawPointer(scratch.baseAddress!)
            let prefixes = digests + 32 * atOnce
            var first = 0
            while first < count {
                let here = min(atOnce, count - first)
                for i in 0..<here {
                    prefixes.storeBytes(of: idSizes[first + i].bigEndian, toByteOffset: 4 * i, as: UInt32.self)
                }
                let idMessages = SHA256Messages(pointers: ids + first, sizes: idSizes + first, count: here)
                SHA256.hashMany(
                    idMessages.prefixed(each: UnsafeRawPointer(prefixes), sizeBytes: 4, strideBytes: 4).continuing(idState), into: digests)
                Self.takeHalves(of: digests, here, into: idHalves + first)
                let records = SHA256Messages(base: recordDigests + 32 * first, sizeBytes: 32, strideBytes: 32, count: here)
                SHA256.hashMany(records.continuing(recordState), into: digests)
                Self.takeHalves(of: digests, here, into: recordHalves + first)
                first += here
            }
        }
    }

    /// The key of one record.
    func key(eventID: String, recordDigest: SHA256Digest, now: Int64) -> DuplicateKey {
        var eventID = eventID
        var idHalf: UInt64 = 0
        var recordHalf: UInt64 = 0
        eventID.withUTF8 { id in
            recordDigest.withUnsafeBytes { digest in
                var address = id.baseAddress.map { UnsafeRawPointer($0) }
                var size = UInt32(id.count)
                write(
                    ids: &address, idSizes: &size, recordDigests: digest.baseAddress!, count: 1, idHalves: &idHalf,
                    recordHalves: &recordHalf)
            }
        }
        return DuplicateKey(id: idHalf, bytes: recordHalf, expires: now + DuplicateKeys.lifeMicroseconds)
    }

    private static func takeHalves(of digests: UnsafeMutableRawPointer, _ count: Int, into halves: UnsafeMutablePointer<UInt64>) {
        for i in 0..<count { halves[i] = UInt64(bigEndian: digests.load(fromByteOffset: 32 * i, as: UInt64.self)) }
    }
}
