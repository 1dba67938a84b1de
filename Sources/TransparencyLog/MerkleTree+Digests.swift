internal import Cryptography

/// Roots over leaves that lie one after another in memory: for batches of many leaves, of which only roots are wanted.
extension MerkleTree {
    /// The root over `count` leaves of 32 bytes each (RFC 6962 §2.1); that of the empty tree for none.
    ///
    /// Level by level, many nodes at a time and no array per node.
    ///
    /// - Complexity: One hash per leaf; room for half of the leaves.
    public static func root(ofDigests leaves: UnsafeRawPointer, count: Int) -> MerkleHash {
        guard count > 1 else {
            return count == 0 ? .empty : MerkleHash(SHA256Digest(UnsafeRawBufferPointer(start: leaves, count: 32))!)
        }
        let level = UnsafeMutableRawPointer.allocate(byteCount: 32 * ((count + 1) / 2), alignment: 16)
        defer { level.deallocate() }
        var below = UnsafeRawPointer(leaves)
        var size = count
        while size > 1 {
            let pairs = size / 2
            SHA256.nodes(pairs: below, count: pairs, into: level)
            // A node without a sibling is the root of its leaves and moves up as it is: with that, halving level by level splits the
            // leaves where the RFC does, at the largest power of two below their number.
            if size % 2 == 1 { (level + 32 * pairs).copyMemory(from: below + 64 * pairs, byteCount: 32) }
            size = (size + 1) / 2
            below = UnsafeRawPointer(level)
        }
        return MerkleHash(SHA256Digest(UnsafeRawBufferPointer(start: level, count: 32))!)
    }

    /// The root over these leaves.
    public static func root(ofDigests leaves: UnsafeRawBufferPointer) -> MerkleHash {
        precondition(leaves.count.isMultiple(of: 32), "leaves are of 32 bytes")
        return leaves.count == 0 ? .empty : root(ofDigests: leaves.baseAddress!, count: leaves.count / 32)
    }

    /// The roots over each `width` consecutive leaves, the last one over those that are left; 32 bytes each, one after another.
    ///
    /// - Parameters:
    ///   - width: A power of two, so that the roots are nodes of the whole tree.
    ///   - roots: 32 bytes for each of ⌈count / width⌉ roots.
    public static func subtreeRoots(
        ofDigests leaves: UnsafeRawPointer, count: Int, width: Int, into roots: UnsafeMutableRawPointer
    ) {
        precondition(width > 0 && width & (width - 1) == 0, "a subtree is as wide as a power of two")
        guard count > 0 else { return }
        // All subtrees at once: their levels are the lowest levels of the whole tree.
        let level = UnsafeMutableRawPointer.allocate(byteCount: 32 * ((count + 1) / 2), alignment: 16)
        defer { level.deallocate() }
        var below = UnsafeRawPointer(leaves)
        var size = count
        var span = 1
        while span < width, size > 1 {
            let pairs = size / 2
            SHA256.nodes(pairs: below, count: pairs, into: level)
            if size % 2 == 1 { (level + 32 * pairs).copyMemory(from: below + 64 * pairs, byteCount: 32) }
            size = (size + 1) / 2
            below = UnsafeRawPointer(level)
            span *= 2
        }
        roots.copyMemory(from: below, byteCount: 32 * size)
    }
}
