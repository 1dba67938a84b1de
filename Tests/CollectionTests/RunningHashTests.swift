import Testing

@testable import Collection

struct RunningHashTests {
    @Test func `the hash does not depend on how the bytes arrive`() {
        let bytes = (0..<140_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var whole = RunningHash(TestHashing())
        whole.update(bytes[...])
        var pieces = RunningHash(TestHashing())
        var at = 0
        while at < bytes.count {
            let next = min(bytes.count, at + 1 + at % 7_001)
            pieces.update(bytes[at..<next])
            at = next
        }
        #expect(whole.value == pieces.value)
        #expect(whole.waypoints == pieces.waypoints)
    }

    @Test(arguments: [0, 1, 1_023, 1_024, 1_025, 2_048, 4_095, 4_096, 4_097, 8_192, 19_999])
    func `it goes on from an anchor and the bytes after it`(cut: Int) {
        let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var whole = RunningHash(TestHashing())
        whole.update(bytes[..<cut])
        let start = RunningHash.anchorOffset(of: UInt64(cut))
        var resumed = bytes[Int(start)..<cut].withUnsafeBytes {
            RunningHash(TestHashing(), anchor: whole.anchor, at: start, waypoints: whole.waypoints, rest: $0)
        }
        #expect(resumed.value == whole.value)
        whole.update(bytes[cut...])
        resumed.update(bytes[cut...])
        #expect(resumed.value == whole.value)
        #expect(resumed.waypoints == whole.waypoints)
    }

    @Test func `waypoints stay few and lie at or below any offset`() {
        var hash = RunningHash(TestHashing())
        let block = [UInt8](repeating: 1, count: 1_024)
        for _ in 0..<200 { hash.update(block[...]) }
        #expect(hash.waypoints.values.count < Waypoints.limit)
        #expect(hash.waypoints.spacing == 8 * 1_024)
        #expect(hash.waypoints.last(upTo: 8_191) == nil)
        #expect(hash.waypoints.last(upTo: 20_000)?.offset == 16_384)
    }

    @Test func `a cursor survives being written and read`() throws {
        var hash = RunningHash(TestHashing())
        hash.update(Array("abc".utf8)[...])
        var cursor = FileCursor(
            contentID: "00ff", offset: 3, hash: hash.value, anchor: hash.anchor, prefixLength: 3, prefixHash: hash.value)
        cursor.parserState = [1, 2, 255]
        cursor.place = .init(device: .max, inode: 7, sizeBytes: 9, modifiedMicroseconds: -1, isCompressed: true, isRead: false)
        let stored = CollectorCursor(source: "s", contentID: "00ff", offset: 3, text: cursor.text)
        #expect(try FileCursor(stored) == cursor)
        #expect(throws: CollectionError.self) { try FileCursor(CollectorCursor(source: "s", contentID: "x", offset: 0, text: "{}")) }
    }
}
