import Cryptography
import Foundation

/// The files of a pack's body, in memory, and their way to the disk.
struct PackBody {
    /// Path to content. Paths use `/` and the characters of docs/formats/pack.md.
    private(set) var files: [String: [UInt8]] = [:]

    mutating func add(_ path: String, _ bytes: [UInt8]) {
        precondition(files[path] == nil, "a file of the body is written once: \(path)")
        files[path] = bytes
    }

    mutating func add(_ path: String, _ text: String) { add(path, Array(text.utf8)) }

    /// The file SHA256SUMS: sorted by the bytes of the path.
    var sums: [UInt8] {
        let paths = files.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        return paths.flatMap { path in Array("\(SHA256.hash(files[path] ?? []).hex)  \(path)\n".utf8) }
    }

    /// Writes body and sums into a new folder.
    ///
    /// - Throws: ``EvidenceError`` with code `file`; `usage` where the folder is there already.
    func write(to directory: String) throws(EvidenceError) {
        let manager = FileManager.default
        guard !manager.fileExists(atPath: directory) else {
            throw EvidenceError(
                .usage, "there is something at this path already; name another folder or a higher --revision", path: directory)
        }
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) + [("SHA256SUMS", sums)] {
            let target = "\(directory)/\(path)"
            do {
                try manager.createDirectory(atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try Data(bytes).write(to: URL(fileURLWithPath: target))
                if path.hasSuffix(".sh") { try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: target) }
            } catch {
                throw EvidenceError(.file, "the pack could not be written", path: target, cause: error)
            }
        }
    }
}
