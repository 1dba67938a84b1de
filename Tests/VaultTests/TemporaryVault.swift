import Foundation

@testable import Vault

/// A vault in a folder of its own that goes with it.
final class TemporaryVault {
    let directory: String
    private(set) var vault: Vault

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "vault-\(UUID().uuidString)").path
        vault = try Vault.create(directory: directory)
    }

    /// What a process after a crash or a stop finds.
    func reopen() throws {
        vault = try Vault.open(directory: directory, environment: [:])
    }

    /// All bytes of the folder's files.
    func bytes() throws -> [UInt8] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted().flatMap { name -> [UInt8] in
            Array(FileManager.default.contents(atPath: directory + "/" + name) ?? Data())
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }
}

extension [UInt8] {
    /// Whether these bytes hold the others.
    func holds(_ needle: [UInt8]) -> Bool {
        guard let first = needle.first, needle.count <= count else { return false }
        return indices.dropLast(needle.count - 1).contains { self[$0] == first && self[$0..<($0 + needle.count)].elementsEqual(needle) }
    }
}
