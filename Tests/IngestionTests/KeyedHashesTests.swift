import Cryptography
import EventStore
import Testing

@testable import Collection
@testable import Ingestion

/// The definitions of docs/formats/cursor.md, store.md and seal.md, written again without any of the fast ways.
struct KeyedHashesTests {
    private static let key = Array(0..<32 as Range<UInt8>)

    @Test func `a duplicate key is what its page says, one by one and many at once`() {
        let source = DuplicateKeys(key: Self.key).keys(of: "okta")
        let ids = (0..<600).map { String(repeating: "ü", count: $0 % 70) + "\($0)" } + [""]
        let records = ids.map { SHA256.hash("record of \($0)") }
        func half(_ number: UInt8, _ message: [UInt8]) -> UInt64 {
            let key = HMACSHA256(key: Self.key).authenticate([number] + Array("okta".utf8)).bytes
            return SHA256.hash(key + [UInt8](repeating: 0, count: 32) + message).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        var found = (ids: [UInt64](repeating: 0, count: ids.count), records: [UInt64](repeating: 0, count: ids.count))
        let memory = ids.map { Array($0.utf8) }
        let digests = records.flatMap(\.bytes)
        let joined = Array(memory.joined()) + [0]
        joined.withUnsafeBytes { bytes in
            var at = 0
            let addresses: [UnsafeRawPointer?] = memory.map { id in
                defer { at += id.count }
                return bytes.baseAddress! + at
            }
            source.write(
                ids: addresses, idSizes: memory.map { UInt32($0.count) }, recordDigests: digests, count: ids.count,
                idHalves: &found.ids, recordHalves: &found.records)
        }
        for (place, id) in ids.enumerated() {
            let size = UInt32(id.utf8.count)
            let message = [UInt8(size >> 24), UInt8(size >> 16 & 255), UInt8(size >> 8 & 255), UInt8(size & 255)] + Array(id.utf8)
            #expect(found.ids[place] == half(1, message))
            #expect(found.records[place] == half(2, records[place].bytes))
            let key = source.key(eventID: id, recordDigest: records[place], now: 5)
            #expect(key == DuplicateKey(id: found.ids[place], bytes: found.records[place], expires: 5 + DuplicateKeys.lifeMicroseconds))
        }
    }

    @Test func `the example of store.md comes out`() {
        let key = DuplicateKeys(key: Self.key).keys(of: "okta").key(eventID: "7f1c", recordDigest: SHA256.hash("hello"), now: 0)
        #expect(key.id == 0x6176c29525d379b7)
        #expect(key.bytes == 0x6b12b7a81b85ff50)
    }

    @Test func `sources do not share keys`() {
        let keys = DuplicateKeys(key: Self.key)
        let digest = SHA256.hash("r")
        let a = keys.keys(of: "a").key(eventID: "1", recordDigest: digest, now: 0)
        let b = keys.keys(of: "b").key(eventID: "1", recordDigest: digest, now: 0)
        #expect(a.id != b.id && a.bytes != b.bytes)
    }

    @Test func `a cursor's hash is what its page says`() throws {
        let hashing = try KeyedContentHashing(key: Self.key)
        let hmac = HMACSHA256(key: Self.key)
        let universal = try Poly1305(key: hmac.authenticate("proofline content blocks 1").bytes)
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        for count in [0, 1, 1_024, 4_095, 4_096, 4_097, 8_192, 10_000] {
            var chain = hmac.authenticate("proofline content 2").bytes
            for start in stride(from: 0, to: count, by: 4_096) {
                chain = hmac.authenticate(chain + universal.tag(Array(bytes[start..<min(start + 4_096, count)]))).bytes
            }
            var hash = RunningHash(hashing)
            hash.update(bytes[..<count])
            #expect(hash.value.bytes == chain, "\(count) bytes")
        }
    }

    @Test func `the worked example of cursor.md comes out`() throws {
        var hash = RunningHash(try KeyedContentHashing(key: Self.key))
        hash.update((0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }[...])
        #expect(hash.anchor.hex == "37ad225ae25ef692da551fd496de3defcc1e438490b2f4c04f2204a46a557cd5")
        #expect(hash.value.hex == "c4e7f674d4b5d5e83bd90ba4e4bc71cfb679b0acaee400a6b68af90c9ba60458")
    }

    @Test func `records added one by one and many at once have one root`() {
        var one = RawRecordTree()
        var digests: [UInt8] = []
        for i in 0..<700 {
            let record = Array("record \(i)".utf8)
            digests += SHA256.hash(record).bytes
            record.withUnsafeBytes { one.add($0) }
        }
        #expect(one.count == 700)
        var many = RawRecordTree(salt: one.salt)
        digests.withUnsafeBytes { digests in
            for piece in [1, 255, 400, 44] { many.add(digests: digests.baseAddress! + 32 * many.count, count: piece) }
        }
        #expect(many.count == 700)
        #expect(one.root == many.root)
        #expect(RawRecordTree().root == nil)
    }
}
