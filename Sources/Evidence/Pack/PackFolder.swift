import AuditModel
import Cryptography
import Foundation
import TransparencyLog

/// A pack on the disk, for the steps that follow its building: sign, approve, timestamp, release.
///
/// It is not the verifier: it checks only that nobody signs a body other than the one that was built.
public struct PackFolder: Sendable {
    static let sumsName = "SHA256SUMS"
    static let builder = "sig/builder.json"
    static let preparer = "sig/SHA256SUMS.preparer.p7s"
    static let approver = "sig/SHA256SUMS.approver.p7s"
    static let timestamp = "sig/SHA256SUMS.approver.p7s.tsr"
    static let envelope = "sig/pack.dsse.json"
    static let release = "sig/release.json"
    static let releaseProof = "sig/release.tlog-proof"

    public let path: String
    /// The file SHA256SUMS, byte for byte.
    let sums: [UInt8]
    let manifest: JSONValue

    /// Opens a pack.
    ///
    /// - Throws: ``EvidenceError``: `file` where it is no pack, `integrity` where its body is not the one in SHA256SUMS.
    public init(path: String) throws(EvidenceError) {
        self.path = path
        guard let sums = FileManager.default.contents(atPath: "\(path)/\(Self.sumsName)") else {
            throw EvidenceError(.file, "this is no evidence pack: it has no SHA256SUMS", path: path)
        }
        self.sums = Array(sums)
        guard let bytes = FileManager.default.contents(atPath: "\(path)/manifest.json"), let json = try? JSONValue(parsing: Array(bytes))
        else {
            throw EvidenceError(.file, "the pack has no readable manifest.json", path: path)
        }
        manifest = json
        try checkBody()
    }

    public var packID: String { manifest["packId"]?.string ?? "" }
    public var name: String { manifest["name"]?.string ?? "" }
    public var revision: Int64 { manifest["revision"]?.integer ?? 0 }
    /// Hash of the file SHA256SUMS.
    public var sumsSHA256: String { SHA256.hash(sums).hex }

    /// The tree head that the pack was built at.
    public func checkpointEnd() throws -> EvidenceCheckpoint {
        let bytes = try read("proofs/checkpoint-end.txt")
        let checkpoint = try Checkpoint(note: try SignedNote(parsing: bytes))
        return EvidenceCheckpoint(
            origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root, note: String(decoding: bytes, as: UTF8.self))
    }

    func has(_ file: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(file)") }

    func read(_ file: String) throws(EvidenceError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: "\(path)/\(file)") else {
            throw EvidenceError(.file, "the file is missing or cannot be read", path: "\(path)/\(file)")
        }
        return Array(data)
    }

    func write(_ file: String, _ bytes: [UInt8]) throws(EvidenceError) {
        do {
            try FileManager.default.createDirectory(atPath: "\(path)/sig", withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(file)"), options: .atomic)
        } catch {
            throw EvidenceError(.file, "the file could not be written", path: "\(path)/\(file)", cause: error)
        }
    }

    /// Files of `sig/` but the release's own, by path, with their hashes.
    func signatureHashes() throws(EvidenceError) -> [String: String] {
        var hashes: [String: String] = [:]
        for file in [Self.builder, Self.preparer, Self.approver, Self.timestamp, Self.envelope] where has(file) {
            hashes[file] = SHA256.hash(try read(file)).hex
        }
        return hashes
    }

    /// Writes `sig/builder.json`: who built, outside the body, since another machine may build the same body.
    public func writeBuilder(binarySHA256: String, host: String, generator: GeneratorStamp) throws(EvidenceError) {
        let json: JSONValue = [
            "schema": "proofline.builder/1", "binarySha256": .string(binarySHA256), "host": .string(host),
            "builtBy": .string(generator.text),
        ]
        try write(Self.builder, json.canonicalBytes + [10])
    }

    private func checkBody() throws(EvidenceError) {
        guard let text = String(validating: sums, as: UTF8.self) else {
            throw EvidenceError(.integrity, "SHA256SUMS is not text", path: path)
        }
        for line in text.split(separator: "\n") {
            let file = String(line.dropFirst(66))
            guard line.count > 66, SHA256.hash(try read(file)).hex == line.prefix(64) else {
                throw EvidenceError(
                    .integrity, "the file is not the one that was built; build the pack again, nobody may sign this one",
                    path: "\(path)/\(file)")
            }
        }
    }
}
