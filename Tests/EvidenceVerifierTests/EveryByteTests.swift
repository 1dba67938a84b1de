import Foundation
import Testing

@testable import EvidenceVerifier

/// No byte of a pack can change unnoticed.
struct EveryByteTests {
    /// The smallest pack that has every kind of file.
    static func smallPack() throws -> PackFixture {
        var log = FixtureLog()
        log.batch("okta", count: 2)
        log.heartbeat()
        var pack = PackFixture(log: log)
        try pack.build(nonce: "7", startSize: 1, used: { $1 == 0 })
        try pack.sign()
        try pack.release()
        return pack
    }

    /// Bytes of the body are checked by step 1 alone, which all else follows; every 25th, and every byte of what is signed last,
    /// goes through the whole verification, which takes ten times as long.
    @Test func `every flipped byte of a small pack is refused, in body, signatures and release`() async throws {
        let pack = try Self.smallPack()
        try #require(try pack.verify().findings == [])
        let unnoticed = try await withThrowingTaskGroup(of: [String].self) { group in
            for part in 0..<2 {
                group.addTask { try Self.unnoticed(pack, part: part, of: 2) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(unnoticed == [])
    }

    /// Flips each byte of every `count`-th place in a copy of the pack and names the places that nobody noticed.
    private static func unnoticed(_ pack: PackFixture, part: Int, of count: Int) throws -> [String] {
        let folder = try TemporaryFolder()
        try pack.write(to: folder.url)
        let verifier = PackVerifier(trust: pack.trust)
        var unnoticed: [String] = []
        for path in pack.files.keys.sorted() {
            let good = pack.files[path]!
            let isBody = !path.hasPrefix("sig/")
            let url = folder.url.appending(path: path)
            for offset in stride(from: part, to: good.count, by: count) {
                var bad = good
                bad[offset] ^= UInt8(1 << (offset % 8))
                try Data(bad).write(to: url)
                let isRefused =
                    isBody && offset % 25 != 0
                    ? try BodyCheck(PackFolder(path: folder.url.path)).hashes.state == .refused
                    : try verifier.verify(folder.url.path).exitCode != 0
                if !isRefused { unnoticed.append("\(path) at \(offset)") }
            }
            try Data(good).write(to: url)
        }
        return unnoticed
    }
}
