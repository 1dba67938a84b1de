public import AuditModel
import Cryptography
public import TransparencyLog

/// Writes a pack's release into the log, so that every byte of it, signatures included, is under a checkpoint from then on.
public struct PackRelease {
    let pack: PackFolder

    public init(_ pack: PackFolder) { self.pack = pack }

    /// Releases the pack.
    ///
    /// - Parameters:
    ///   - append: Appends a `release` entry with these members to the log and gives its place.
    ///   - proof: Gives the entry's exact bytes and its proof under a checkpoint that covers it.
    /// - Throws: ``EvidenceError``: `separation` before the approval or after a release.
    /// - Returns: The entry's place in the log.
    @discardableResult
    public func release(
        append: ([String: JSONValue]) throws -> UInt64, proof: (UInt64) throws -> (entry: [UInt8], proof: TLogProof)
    ) throws -> UInt64 {
        guard pack.has(PackFolder.approver) else {
            throw EvidenceError(.separation, "the pack is not approved; only an approved pack is released", path: pack.path)
        }
        guard !pack.has(PackFolder.release) else { throw EvidenceError(.separation, "the pack is released already", path: pack.path) }
        let files = try pack.signatureHashes()
        let logIndex = try append([
            "packId": .string(pack.packID), "name": .string(pack.name), "revision": .integer(pack.revision),
            "sha256sums": .string(pack.sumsSHA256),
            "files": .object(files.mapValues { .string($0) }),
        ])
        let (entry, tlogProof) = try proof(logIndex)
        try pack.write(PackFolder.release, entry)
        try pack.write(PackFolder.releaseProof, tlogProof.bytes)
        return logIndex
    }
}
