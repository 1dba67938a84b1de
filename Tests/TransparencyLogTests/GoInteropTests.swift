import Cryptography
import Foundation
import Testing
import TransparencyLog

/// Go's note and tlog packages accept our checkpoints and proofs, and refuse them changed.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog"), "needs golang-golang-x-mod-dev"))
struct GoInteropTests {
    let log = try! NoteSigner.generate(name: "log.example/muster")
    let witness = try! NoteSigner.generate(name: "witness.example", algorithm: .cosignatureV1)
    let entries = (0..<77).map { Array("entry \($0)".utf8) }

    @Test func `Go accepts records, trees and cosignatures, and refuses them changed`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "proofline-go-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = folder.appending(path: "checklog").path
        let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "interop/go/checklog/main.go").path
        try #require(try run(["go", "build", "-o", program, source], folder) == 0, "the Go program does not build")

        func write(_ name: String, _ bytes: [UInt8]) throws -> String {
            let url = folder.appending(path: name)
            try Data(bytes).write(to: url)
            return url.path
        }
        func changed(_ bytes: [UInt8], at offset: Int) -> [UInt8] {
            var bytes = bytes
            bytes[offset] ^= 1
            return bytes
        }
        let vkey = log.verifier.vkey
        let tree = MerkleTree(leaves: entries.map { .leaf($0) })
        let new = try Checkpoint(origin: "log.example/muster", size: tree.size, root: tree.root).signed(by: log)
        let newFile = try write("new", new.bytes)
        for index in [0, 1, 63, 64, 76] {
            let proof = TLogProof(index: UInt64(index), siblings: tree.inclusionPath(index: UInt64(index)), checkpoint: new)
            let proofFile = try write("proof", proof.bytes)
            let entryFile = try write("entry", entries[index])
            #expect(try run([program, "record", vkey, proofFile, entryFile], folder) == 0)
            #expect(try run([program, "record", vkey, proofFile, write("other", entries[index] + [0])], folder) == 1)
            let offset = proof.bytes.count / 4
            #expect(try run([program, "record", vkey, write("bad", changed(proof.bytes, at: offset)), entryFile], folder) == 1)
        }
        for oldSize in [1, 32, 33, 77] {
            let old = try Checkpoint(
                origin: "log.example/muster", size: UInt64(oldSize), root: MerkleTree.root(of: tree.leaves.prefix(oldSize))
            ).signed(by: log)
            let oldFile = try write("old", old.bytes)
            let proof = ConsistencyFile.bytes(tree.consistencyProof(from: UInt64(oldSize)))
            #expect(try ConsistencyFile.parse(proof) == tree.consistencyProof(from: UInt64(oldSize)))
            #expect(try run([program, "tree", vkey, oldFile, newFile, write("consistency", proof)], folder) == 0)
            #expect(try run([program, "tree", vkey, write("bad", changed(old.bytes, at: 0)), newFile, write("consistency", proof)], folder) == 1)
            if oldSize < 77 {
                let bad = try write("bad", changed(proof, at: proof.count - 10))
                #expect(try run([program, "tree", vkey, oldFile, newFile, bad], folder) == 1)
            }
        }
        let cosigned = new.adding(try witness.sign(new.text, time: 1_800_000_000)).bytes
        #expect(try run([program, "cosignature", witness.verifier.vkey, write("cosigned", cosigned)], folder) == 0)
        #expect(try run([program, "cosignature", witness.verifier.vkey, write("bad", changed(cosigned, at: 3))], folder) == 1)
        #expect(try run([program, "cosignature", witness.verifier.vkey, newFile], folder) == 1)
    }

    private func run(_ words: [String], _ folder: URL) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging([
            "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "GOCACHE": folder.appending(path: "cache").path,
        ]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
