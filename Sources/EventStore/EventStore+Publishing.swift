import AuditModel
import DurableIO
import TransparencyLog

extension EventStore {
    /// Steps 3 and 4 of a commit: tiles, then the signed checkpoint.
    ///
    /// The commit is durable before, so a failure here is kept in ``publishFailure`` and repaired by the next operation or the next
    /// start, never reported as a failed commit.
    func publish() {
        do {
            try publishOrThrow()
            publishFailure = nil
        } catch {
            publishFailure = error
            writer?.publisher = nil
        }
    }

    private func publishOrThrow() throws {
        guard let state = writer, let signer else { return }
        let frontier = state.position.frontier
        let files = options.fileSystem
        var tiles: LogTileWriter
        if let known = state.publisher {
            tiles = known
        } else {
            let size = try LogTileWriter.published(fileSystem: files, directory: layout.log).map { try Checkpoint(note: $0).size } ?? 0
            tiles = try LogTileWriter(fileSystem: files, directory: layout.log, size: size)
        }
        writer?.publisher = nil
        while tiles.size < frontier.size {
            let end = min(frontier.size, tiles.size + 4_096)
            let entries = try catalogue.entries(in: tiles.size..<end)
            guard UInt64(entries.count) == end - tiles.size else {
                throw StoreError(.damaged, "the catalogue lacks log entries: run `proofline fsck`", path: layout.catalogue)
            }
            try tiles.append(entries)
        }
        let note = try Checkpoint(origin: manifest.origin, size: frontier.size, root: frontier.root).signed(by: signer)
        try tiles.publish(note)
        writer?.publisher = tiles
    }

    /// What a start does for the log: checks that the published checkpoint belongs to this catalogue, redoes tiles and checkpoint,
    /// and writes damaged or missing tiles again from the catalogue.
    func recoverLog() throws {
        guard let frontier = writer?.position.frontier else { return }
        let note = try LogTileWriter.published(fileSystem: options.fileSystem, directory: layout.log)
        if let note {
            _ = try note.verify([verifier])
            let checkpoint = try Checkpoint(note: note)
            guard checkpoint.size <= frontier.size else {
                throw StoreError(
                    .damaged,
                    "the checkpoint covers \(checkpoint.size) log entries and the catalogue only \(frontier.size): an older catalogue was put in place; restore the newer one",
                    path: layout.catalogue)
            }
            guard try catalogueRoot(at: checkpoint.size, frontier) == checkpoint.root else {
                throw StoreError(
                    .damaged, "the catalogue's log entries do not lead to the checkpoint: run `proofline fsck`", path: layout.catalogue)
            }
        }
        publish()
        if publishFailure is TransparencyLogError { try rewriteTiles() }
        if let publishFailure {
            throw Self.ioError(publishFailure, "the log's files cannot be written", layout.log)
        }
    }

    /// Root over the first `size` entries of the catalogue.
    func catalogueRoot(at size: UInt64, _ frontier: MerkleFrontier) throws -> MerkleHash {
        if size == frontier.size { return frontier.root }
        var part = MerkleFrontier()
        while part.size < size {
            let entries = try catalogue.entries(in: part.size..<min(size, part.size + 4_096))
            guard !entries.isEmpty else { break }
            for entry in entries { part.append(.leaf(entry)) }
        }
        return part.root
    }

    /// Writes every tile again from the entries in the catalogue.
    private func rewriteTiles() throws {
        writer?.publisher = try LogTileWriter(fileSystem: options.fileSystem, directory: layout.log, size: 0)
        publish()
    }
}
