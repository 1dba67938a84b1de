import Cryptography
import Foundation
import Testing

/// The openssl program accepts what this module makes, and refuses it changed.
struct OpenSSLInteropTests {
    let people = People.shared

    @Test func `openssl cms verifies a signature and refuses other content`() throws {
        let folder = try ScratchFolder()
        let content = Array("SHA256SUMS\n".utf8)
        try folder.write("content", content)
        try folder.write("changed", content + [0x0a])
        try folder.write("root.pem", Array(people.authority.certificate.pem.utf8))
        try folder.write(
            "signature.p7s",
            CMS.signDetached(content, certificate: people.alice, key: people.aliceKey, time: People.now))
        func verify(_ file: String) throws -> Int32 {
            try folder.run([
                "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature.p7s", "-content", file, "-CAfile",
                "root.pem", "-attime", "\(People.now)", "-cades", "-out", "/dev/null",
            ])
        }
        #expect(try verify("content") == 0)
        #expect(try verify("changed") != 0)
    }

    @Test func `a signature by openssl cms verifies here`() throws {
        let folder = try ScratchFolder()
        let content = Array("SHA256SUMS\n".utf8)
        try folder.write("content", content)
        try folder.write("alice.pem", Array(people.alice.pem.utf8))
        try folder.write("alice.key", Array(people.aliceKey.pem(passphrase: "secret").utf8))
        #expect(
            try folder.run([
                "openssl", "cms", "-sign", "-binary", "-in", "content", "-signer", "alice.pem", "-inkey", "alice.key", "-passin",
                "pass:secret", "-md", "sha256", "-cades", "-outform", "DER", "-out", "signature.p7s",
            ]) == 0)
        let signer = try CMS.verifyDetached(
            folder.read("signature.p7s"), content: content, roots: [people.authority.certificate], at: People.now)
        #expect(signer.certificate == people.alice)
    }

    @Test func `openssl ts verifies an answer and refuses other data`() throws {
        let folder = try ScratchFolder()
        let data = Array("signature".utf8)
        let request = try TimestampRequest(data: data)
        try folder.write("data", data)
        try folder.write("changed", data + [1])
        try folder.write("root.pem", Array(people.authority.certificate.pem.utf8))
        try folder.write("request.tsq", request.der)
        try folder.write("answer.tsr", TimestampTests.authority.respond(to: request.der, time: People.now))
        func verify(_ arguments: [String]) throws -> Int32 {
            try folder.run(
                ["openssl", "ts", "-verify", "-in", "answer.tsr", "-CAfile", "root.pem", "-attime", "\(People.now)"] + arguments)
        }
        #expect(try verify(["-data", "data"]) == 0)
        #expect(try verify(["-queryfile", "request.tsq"]) == 0)
        #expect(try verify(["-data", "changed"]) != 0)
        #expect(try folder.run(["openssl", "ts", "-reply", "-in", "answer.tsr", "-text"]) == 0)
    }

    @Test func `openssl verifies an Ed25519 and a P-256 signature`() throws {
        let folder = try ScratchFolder()
        let message = Array("message".utf8)
        try folder.write("message", message)
        let p256 = try P256PrivateKey.generate()
        try folder.write("p256.pem", Array(p256.publicKey.pem.utf8))
        try folder.write("p256.sig", p256.sign(message))
        #expect(
            try folder.run(["openssl", "dgst", "-sha256", "-verify", "p256.pem", "-signature", "p256.sig", "message"]) == 0)
        let ed25519 = Ed25519PrivateKey()
        try folder.write("ed25519.pem", Array(ed25519.publicKey.pem.utf8))
        try folder.write("ed25519.sig", ed25519.sign(message))
        #expect(
            try folder.run([
                "openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "ed25519.pem", "-sigfile", "ed25519.sig", "-in",
                "message",
            ]) == 0)
    }
}

/// A folder that is gone when the test ends.
final class ScratchFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "proofline-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: url.appending(path: name))
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url.appending(path: name)))
    }

    /// Runs a program found on the path, in this folder, and gives its exit code.
    func run(_ words: [String], environment: [String: String] = [:]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.currentDirectoryURL = url
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
