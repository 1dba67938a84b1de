import Cryptography
import DurableIO
import Testing

@testable import TransparencyLog

struct LogTilesTests {
    let disk = SimulatedFileSystem()
    let folder = "/log"

    static func entries(_ range: Range<Int>) -> [[UInt8]] {
        range.map { Array("entry \($0)".utf8) }
    }

    @Test func `names are those of the specification`() {
        #expect(TilePath.indexPath(0) == "000")
        #expect(TilePath.indexPath(1_234_067) == "x001/x234/067")
        #expect(TilePath.indexPath(1000) == "x001/000")
        #expect(TilePath.file(.hashes(level: 2), 5, width: 256) == "tile/2/005")
        #expect(TilePath.file(.entries, 1_000_000, width: 17) == "tile/entries/x001/x000/000.p/17")
        // The specification's example of 70,000 entries.
        #expect(TilePath.width(of: .hashes(level: 0), 273, size: 70_000) == 112)
        #expect(TilePath.width(of: .hashes(level: 1), 0, size: 70_000) == 256)
        #expect(TilePath.width(of: .hashes(level: 1), 1, size: 70_000) == 17)
        #expect(TilePath.width(of: .hashes(level: 2), 0, size: 70_000) == 1)
        #expect(TilePath.width(of: .hashes(level: 2), 1, size: 70_000) == 0)
        #expect(TilePath.width(of: .hashes(level: 0), .max, size: .max) == 0)
    }

    @Test func `whatever the steps, roots and proofs are those of the tree`() throws {
        var writer = try LogTileWriter(fileSystem: disk, directory: folder, size: 0)
        let all = Self.entries(0..<700).map { MerkleHash.leaf($0) }
        var size = 0
        for step in [1, 2, 3, 250, 1, 0, 255, 1, 100, 87] {
            try writer.append(Self.entries(size..<size + step))
            size += step
            let reader = LogTileReader(fileSystem: disk, directory: folder, size: UInt64(size))
            let tree = MerkleTree(leaves: Array(all.prefix(size)))
            #expect(try reader.root() == tree.root)
            #expect(try reader.frontier().root == tree.root)
            try reader.audit(root: tree.root)
            for index in stride(from: 0, to: size, by: 37) {
                #expect(try reader.inclusionProof(index: UInt64(index)) == tree.inclusionProof(index: UInt64(index)))
                #expect(try reader.consistencyProof(from: UInt64(index)) == tree.consistencyProof(from: UInt64(index)))
                #expect(try reader.entry(UInt64(index)) == Self.entries(index..<index + 1)[0])
                let earlier = MerkleTree(leaves: Array(all.prefix(index + 1)))
                #expect(try reader.root(at: UInt64(index + 1)) == earlier.root)
                #expect(try reader.inclusionProof(index: 0, at: UInt64(index + 1)) == earlier.inclusionProof(index: 0))
            }
        }
        #expect(size == 700)
    }

    @Test func `a writer made anew goes on where the last one stopped`() throws {
        for size in 0..<20 {
            var writer = try LogTileWriter(fileSystem: disk, directory: folder, size: UInt64(size * 51))
            try writer.append(Self.entries(size * 51..<(size + 1) * 51))
        }
        let root = MerkleTree.root(of: Self.entries(0..<1020).map { .leaf($0) })
        try LogTileReader(fileSystem: disk, directory: folder, size: 1020).audit(root: root)
    }

    @Test func `full tiles take the place of partial ones`() throws {
        var writer = try LogTileWriter(fileSystem: disk, directory: folder, size: 0)
        try writer.append(Self.entries(0..<5))
        #expect(try disk.readFile("/log/tile/0/000.p/5").count == 160)
        try writer.append(Self.entries(5..<256))
        #expect(try disk.readFile("/log/tile/0/000").count == 8192)
        #expect(try disk.list("/log/tile/0") == ["000"])
        #expect(try disk.list("/log/tile/entries") == ["000"])
        #expect(try disk.readFile("/log/tile/1/000.p/1").count == 32)
        // A reader of the smaller log, opened before, still finds what it needs.
        let root = MerkleTree.root(of: Self.entries(0..<5).map { .leaf($0) })
        #expect(try LogTileReader(fileSystem: disk, directory: folder, size: 5).root() == root)
    }

    @Test func `a checkpoint is published and read back`() throws {
        let signer = try NoteSigner.generate(name: "log.example")
        #expect(try LogTileWriter.published(fileSystem: disk, directory: folder) == nil)
        var writer = try LogTileWriter(fileSystem: disk, directory: folder, size: 0)
        try writer.append(Self.entries(0..<3))
        let root = try LogTileReader(fileSystem: disk, directory: folder, size: 3).root()
        let note = try Checkpoint(origin: "log.example", size: 3, root: root).signed(by: signer)
        try writer.publish(note)
        #expect(try LogTileWriter.published(fileSystem: disk, directory: folder) == note)
    }

    @Test func `the audit names the file that was changed, cut or removed`() throws {
        var writer = try LogTileWriter(fileSystem: disk, directory: folder, size: 0)
        try writer.append(Self.entries(0..<600))
        let root = MerkleTree.root(of: Self.entries(0..<600).map { .leaf($0) })
        for (path, expected) in [
            ("/log/tile/entries/001", "/log/tile/0/001"), ("/log/tile/0/001", "/log/tile/0/001"),
            ("/log/tile/entries/002.p/88", "/log/tile/0/002.p/88"), ("/log/tile/1/000.p/2", "/log/tile/1/000.p/2"),
        ] {
            let good = try disk.readFile(path)
            var bad = good
            bad[bad.count - 1] ^= 1
            try disk.atomicReplace(path, bad)
            #expect(failure(root) == [.tileDamaged: expected])
            try disk.atomicReplace(path, Array(good.dropLast()))
            #expect(failure(root) == [.tileDamaged: path])
            try disk.remove(path)
            #expect(failure(root) == [.tileMissing: path])
            try disk.atomicReplace(path, good)
            #expect(failure(root) == [:])
        }
    }

    private func failure(_ root: MerkleHash) -> [TransparencyLogError.Code: String] {
        do {
            try LogTileReader(fileSystem: disk, directory: folder, size: 600).audit(root: root)
            return [:]
        } catch {
            guard let error = error as? TransparencyLogError else { return [:] }
            return [error.code: error.path ?? ""]
        }
    }

    @Test func `an entry of 65,536 bytes is refused, one of 65,535 kept`() throws {
        var writer = try LogTileWriter(fileSystem: disk, directory: folder, size: 0)
        let largest = [UInt8](repeating: 7, count: 65_535)
        try writer.append([largest])
        #expect(try LogTileReader(fileSystem: disk, directory: folder, size: 1).entry(0) == largest)
        #expect(code { try writer.append([largest + [7]]) } == .entryTooLarge)
    }
}
