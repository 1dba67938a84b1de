#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a walker has learned of the keys of objects: which there are, where they lead, and which follows which.
///
/// Records of one source have the same keys in the same order nearly always. After each key the one that followed it last time is tried first,
/// so that a key costs one comparison. Only a few keys per object are learned, so a source cannot make this grow. One memory per
/// trie and evaluator; not thread-safe.
final class KeyMemory {
    /// A key of at most 48 bytes without escapes, as it stands in the text. One cache line.
    struct Key: BitwiseCopyable {
        var length: UInt32 = 0
        /// The node it leads to, or -1.
        var child: Int32 = -1
        /// The key that followed last time, or -1.
        var next: Int32 = -1
        private var unused: Int32 = 0
        var bytes: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)

        static let mostBytes = 48
    }

    /// The keys of a node's objects: a run of the list of all.
    struct Node: BitwiseCopyable {
        let start: Int32
        let capacity: Int32
        var count: Int32 = 0
        /// The key that came first last time, or -1.
        var first: Int32 = -1
    }

    let keys: UnsafeMutablePointer<Key>
    let nodes: UnsafeMutablePointer<Node>
    private let trie: CompiledTrie
    private static let extra = 40

    init(_ trie: CompiledTrie) {
        self.trie = trie
        nodes = .allocate(capacity: trie.nodeCount)
        var start = 0
        for number in 0..<trie.nodeCount {
            let room = trie.hasChildren(Int32(number)) ? Int(trie.nodes[number].edgeCount) + Self.extra : 0
            (nodes + number).initialize(to: Node(start: Int32(start), capacity: Int32(room)))
            start += room
        }
        keys = .allocate(capacity: max(1, start))
        keys.initialize(repeating: Key(), count: max(1, start))
    }

    deinit {
        keys.deallocate()
        nodes.deallocate()
    }

    /// Whether a learned key is this one.
    ///
    /// - Parameter end: Up to where memory may be read.
    @inline(__always)
    static func holds(
        _ key: UnsafePointer<Key>, _ text: UnsafePointer<UInt8>, _ length: Int, end: UnsafePointer<UInt8>
    ) -> Bool {
        guard Int(key.pointee.length) == length else { return false }
        let mine = UnsafeRawPointer(key) + 16
        let theirs = UnsafeRawPointer(text)
        if length >= 8 {
            var at = 0
            while at &+ 8 < length {
                if mine.load(fromByteOffset: at, as: UInt64.self) != theirs.loadUnaligned(fromByteOffset: at, as: UInt64.self) {
                    return false
                }
                at &+= 8
            }
            // The last step may overlap the one before.
            return mine.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
                == theirs.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
        }
        guard text + 8 <= end else { return memcmp(mine, theirs, length) == 0 }
        // Bytes behind the key's are shifted out; learned keys have zeros there.
        let unused = UInt64(truncatingIfNeeded: 64 &- 8 &* length)
        return length == 0 || theirs.loadUnaligned(as: UInt64.self) &<< unused == mine.load(as: UInt64.self) &<< unused
    }

    /// Finds a key that was not foreseen: its number, or -1 where it is not learned, and the node it leads to.
    func find(
        _ text: ByteSlice, of node: Int32, end: UnsafePointer<UInt8>, arena: Arena
    ) -> (number: Int32, child: Int32, isDamaged: Bool) {
        let place = nodes + Int(node)
        var number = place.pointee.start
        let last = number &+ place.pointee.count
        while number < last {
            if Self.holds(keys + Int(number), text.base, text.count, end: end) { return (number, keys[Int(number)].child, false) }
            number &+= 1
        }
        if text.firstIndex(of: UInt8(ascii: "\\")) != nil {
            guard let plain = try? JSONText.unescape(text, arena: arena) else { return (-1, -1, true) }
            return (-1, trie.child(of: node, key: plain), false)
        }
        let child = trie.child(of: node, key: text)
        guard text.count <= Key.mostBytes, place.pointee.count < place.pointee.capacity else { return (-1, child, false) }
        place.pointee.count &+= 1
        var key = Key()
        key.length = UInt32(truncatingIfNeeded: text.count)
        key.child = child
        withUnsafeMutableBytes(of: &key.bytes) { $0.copyMemory(from: UnsafeRawBufferPointer(start: text.base, count: text.count)) }
        keys[Int(number)] = key
        return (number, child, false)
    }
}
