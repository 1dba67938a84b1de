public import DurableIO
import Synchronization

/// Reads a log from its static files (c2sp.org/tlog-tiles): entries, roots and proofs at any size up to the present one.
///
/// It trusts nothing and checks little: a changed tile leads to a proof that no checkpoint accepts. ``audit(root:)`` recomputes
/// all of it. Safe to use from several threads and beside a ``LogTileWriter``, which only ever adds files.
public final class LogTileReader: Sendable {
    /// Tiles kept in memory, 8 KiB each.
    private static let cachedTileCount = 256

    private let fileSystem: any FileSystem
    private let directory: String
    /// Number of entries; the tiles are read as of this size.
    public let size: UInt64

    private struct TileKey: Hashable {
        let level: Int
        let index: UInt64
    }
    private let cache = Mutex<[TileKey: [MerkleHash]]>([:])

    /// - Parameter size: Number of entries, from a checkpoint or the catalogue.
    public init(fileSystem: any FileSystem, directory: String, size: UInt64) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.size = size
    }

    // MARK: Entries

    /// The bytes of one entry.
    ///
    /// - Throws: ``TransparencyLogError`` with code `tileMissing` or `tileDamaged`.
    public func entry(_ index: UInt64) throws -> [UInt8] {
        guard index < size else {
            throw TransparencyLogError(.tileMissing, "the log has \(size) entries, there is none at \(index)", path: directory)
        }
        return Array(try bundle(index / TilePath.width)[Int(index % TilePath.width)])
    }

    /// Gives every entry of a range to `body`, in order, with its index.
    public func forEachEntry(in range: Range<UInt64>, _ body: (UInt64, ArraySlice<UInt8>) throws -> Void) throws {
        precondition(range.upperBound <= size, "the range lies inside the log")
        var index = range.lowerBound
        while index < range.upperBound {
            let start = index / TilePath.width * TilePath.width
            for entry in try bundle(index / TilePath.width)[Int(index - start)...] {
                guard index < range.upperBound else { return }
                try body(index, entry)
                index += 1
            }
        }
    }

    /// Entries of one bundle, as many as a log of ``size`` has there.
    func bundle(_ index: UInt64) throws -> [ArraySlice<UInt8>] {
        let width = TilePath.width(of: .entries, index, size: size)
        let limit = Int(TilePath.width) * (2 + EntryBundle.maximumEntrySizeBytes)
        let (bytes, path) = try read(.entries, index, width: width, limitBytes: limit)
        guard let entries = EntryBundle.entries(bytes, count: width) else {
            throw TransparencyLogError(
                .tileDamaged, "the bundle ends before its \(width) entries; it was cut", path: path)
        }
        return entries
    }

    // MARK: Tree

    /// Root hash of the first `size` entries, by default all.
    public func root(at size: UInt64? = nil) throws -> MerkleHash {
        let size = size ?? self.size
        precondition(size <= self.size, "the size lies inside the log")
        return try MerkleProofs.root(size: size, node: node)
    }

    /// The frontier of the first `size` entries, by default all.
    public func frontier(at size: UInt64? = nil) throws -> MerkleFrontier {
        let size = size ?? self.size
        precondition(size <= self.size, "the size lies inside the log")
        var subtrees: [MerkleHash] = []
        var start: UInt64 = 0
        for level in (0..<UInt64.bitWidth).reversed() where size >> UInt64(level) & 1 == 1 {
            subtrees.append(try node(level: level, index: start >> UInt64(level)))
            start += 1 << UInt64(level)
        }
        return MerkleFrontier(size: size, subtrees: subtrees)!
    }

    /// Proof that the entry at `index` is among the first `size`, by default all.
    public func inclusionProof(index: UInt64, at size: UInt64? = nil) throws -> InclusionProof {
        let size = size ?? self.size
        precondition(index < size && size <= self.size, "the entry lies inside the log")
        return InclusionProof(
            leafIndex: index, treeSize: size,
            siblings: try MerkleProofs.inclusionPath(index: index, size: size, node: node))
    }

    /// Proof that the first `oldSize` entries did not change on the way to `newSize`, by default all.
    public func consistencyProof(from oldSize: UInt64, to newSize: UInt64? = nil) throws -> ConsistencyProof {
        let newSize = newSize ?? size
        precondition(oldSize <= newSize && newSize <= size, "the sizes lie inside the log")
        return ConsistencyProof(
            oldSize: oldSize, newSize: newSize,
            hashes: try MerkleProofs.consistencyPath(from: oldSize, to: newSize, node: node))
    }

    /// Recomputes every hash from the entries' bytes and compares it with the tiles and the root.
    ///
    /// - Throws: ``TransparencyLogError`` with code `tileDamaged` or `tileMissing` naming the first file that does not fit.
    public func audit(root: MerkleHash) throws {
        var level = 0
        var computed = try leavesFromEntries()
        while !computed.isEmpty {
            for (index, start) in stride(from: 0, to: computed.count, by: Int(TilePath.width)).enumerated() {
                let expected = computed[start..<min(start + Int(TilePath.width), computed.count)]
                guard try hashes(level: level, tile: UInt64(index)) == Array(expected) else {
                    let path = TilePath.file(.hashes(level: level), UInt64(index), width: UInt64(expected.count))
                    throw TransparencyLogError(
                        .tileDamaged, "the hashes are not those of the entries below; entries or tile were changed",
                        path: "\(directory)/\(path)")
                }
            }
            let fullCount = computed.count / Int(TilePath.width) * Int(TilePath.width)
            computed = stride(from: 0, to: fullCount, by: Int(TilePath.width)).map {
                MerkleTree.root(of: computed[$0..<$0 + Int(TilePath.width)])
            }
            level += 1
        }
        guard try self.root() == root else {
            throw TransparencyLogError(
                .tileDamaged, "the entries lead to another root hash than the checkpoint's", path: directory)
        }
    }

    private func leavesFromEntries() throws -> [MerkleHash] {
        var leaves: [MerkleHash] = []
        leaves.reserveCapacity(Int(min(size, 1 << 20)))
        try forEachEntry(in: 0..<size) { _, entry in leaves.append(entry.withUnsafeBytes { MerkleHash.leaf($0) }) }
        return leaves
    }

    /// Root of the complete subtree over the entries `index << level ..< (index + 1) << level`.
    private func node(level: Int, index: UInt64) throws -> MerkleHash {
        let tileLevel = level / TilePath.height
        let inner = level % TilePath.height
        let first = index << UInt64(inner)
        let tile = try hashes(level: tileLevel, tile: first / TilePath.width)
        let offset = Int(first % TilePath.width)
        return MerkleTree.root(of: tile[offset..<offset + 1 << inner])
    }

    /// Hashes of one tile, as many as a log of ``size`` has there.
    func hashes(level: Int, tile: UInt64) throws -> [MerkleHash] {
        let key = TileKey(level: level, index: tile)
        if let known = cache.withLock({ $0[key] }) { return known }
        let width = TilePath.width(of: .hashes(level: level), tile, size: size)
        let (bytes, path) = try read(
            .hashes(level: level), tile, width: width, limitBytes: Int(TilePath.width) * MerkleHash.sizeBytes)
        guard bytes.count >= Int(width) * MerkleHash.sizeBytes else {
            throw TransparencyLogError(.tileDamaged, "the tile is shorter than its \(width) hashes; it was cut", path: path)
        }
        let hashes = (0..<Int(width)).compactMap { index in
            MerkleHash(bytes[index * MerkleHash.sizeBytes..<(index + 1) * MerkleHash.sizeBytes])
        }
        cache.withLock { cache in
            if cache.count >= Self.cachedTileCount { cache.removeAll(keepingCapacity: true) }
            cache[key] = hashes
        }
        return hashes
    }

    /// The file of exactly this width, else the full one that has replaced it, else a partial one that is wide enough.
    private func read(
        _ kind: TilePath.Kind, _ index: UInt64, width: UInt64, limitBytes: Int
    ) throws -> (bytes: [UInt8], path: String) {
        var candidates = [width]
        if width < TilePath.width { candidates.append(TilePath.width) }
        let folder = "\(directory)/\(TilePath.partialFolder(kind, index))"
        if let names = try? fileSystem.list(folder) {
            candidates += names.compactMap { DecimalNumber.parse($0) }.filter { $0 > width && $0 < TilePath.width }.sorted()
        }
        for candidate in candidates {
            let path = "\(directory)/\(TilePath.file(kind, index, width: candidate))"
            if let bytes = try readIfPresent(path, limitBytes: limitBytes) { return (bytes, path) }
        }
        throw TransparencyLogError(
            .tileMissing, "no file holds the first \(width) of this tile; rebuild the tiles from the catalogue",
            path: "\(directory)/\(TilePath.file(kind, index, width: width))")
    }

    private func readIfPresent(_ path: String, limitBytes: Int) throws -> [UInt8]? {
        do {
            return try fileSystem.readFile(path, limitBytes: UInt64(limitBytes))
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }
}
