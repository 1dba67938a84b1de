import Cryptography
import DurableIO
import Foundation
import Testing
import TransparencyLog

/// The worked example of docs/formats/log.md, byte for byte. Its figures were computed without this library.
struct WorkedExampleTests {
    let page = try! String(
        contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/formats/log.md"), encoding: .utf8)
    let entries = ["{\"n\":0}", "{\"n\":1}", "{\"n\":2}"].map { Array($0.utf8) }

    @Test func `keys, tree, files and checkpoint are those on the page`() throws {
        let log = try NoteSigner(name: "log.example.org/demo", privateKey: Ed25519PrivateKey(seed: Array(0..<32)))
        let witness = try NoteSigner(
            name: "witness.example.org/w1", algorithm: .cosignatureV1, privateKey: Ed25519PrivateKey(seed: Array(32..<64)))
        let tree = MerkleTree(leaves: entries.map { .leaf($0) })
        let note = try Checkpoint(origin: "log.example.org/demo", size: 3, root: tree.root).signed(by: log)
        let cosigned = note.adding(try witness.sign(note.text, time: 1_790_000_000))
        let disk = SimulatedFileSystem()
        var writer = try LogTileWriter(fileSystem: disk, directory: "/log", size: 0)
        try writer.append(entries)
        let bundle = try disk.readFile("/log/tile/entries/000.p/3")

        #expect(page.contains("vkey                    \(log.verifier.vkey)\n"))
        #expect(page.contains("witness's vkey          \(witness.verifier.vkey)\n"))
        for leaf in tree.leaves { #expect(page.contains(leaf.base64)) }
        #expect(page.contains("first two   \(MerkleTree.root(of: tree.leaves.prefix(2)).base64)\n"))
        #expect(tree.inclusionPath(index: 1) == [tree.leaves[0], tree.leaves[2]])
        #expect(tree.consistencyProof(from: 2).hashes == [tree.leaves[2]])
        #expect(page.contains("000.p/3    \(Hex.encode(bundle))\n"))
        #expect(try disk.readFile("/log/tile/0/000.p/3") == tree.leaves.flatMap(\.bytes))
        #expect(page.contains("```\n\(String(decoding: cosigned.bytes, as: UTF8.self))```\n"))
    }
}
