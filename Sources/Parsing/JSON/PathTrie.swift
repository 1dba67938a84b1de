/// The paths of one JSON text that a definition maps or knows, as a trie over keys, while a definition is compiled.
struct PathTrie {
    struct Node {
        var edges: [(key: String, node: Int)] = []
        /// Children by array position.
        var elements: [(position: Int, node: Int)] = []
        /// Child for every other key (`*` in a dropped path), or -1.
        var anyKey = -1
        /// Slot that takes the value, or -1.
        var slot: Int32 = -1
        /// Counter for a path that is known and dropped, or -1.
        var dropped: Int32 = -1
    }

    private(set) var nodes: [Node] = [Node()]

    /// The node of a path, added if new.
    mutating func node(for path: FieldPath) -> Int {
        var at = 0
        for step in path.steps {
            switch step {
            case .key("*"):
                if nodes[at].anyKey < 0 { nodes[at].anyKey = append() }
                at = nodes[at].anyKey
            case .key(let key):
                if let edge = nodes[at].edges.first(where: { $0.key == key }) {
                    at = edge.node
                } else {
                    let added = append()
                    nodes[at].edges.append((key, added))
                    at = added
                }
            case .position(let position):
                if let element = nodes[at].elements.first(where: { $0.position == position }) {
                    at = element.node
                } else {
                    let added = append()
                    nodes[at].elements.append((position, added))
                    at = added
                }
            }
        }
        return at
    }

    mutating func setSlot(_ slot: Int32, at path: FieldPath) {
        let at = node(for: path)
        nodes[at].slot = slot
    }

    mutating func setDropped(_ counter: Int32, at path: FieldPath) {
        let at = node(for: path)
        nodes[at].dropped = counter
    }

    /// The slots that it fills.
    var slots: Set<Int32> { Set(nodes.map(\.slot).filter { $0 >= 0 }) }

    private mutating func append() -> Int {
        nodes.append(Node())
        return nodes.count - 1
    }
}

/// A ``PathTrie`` laid out for walking: two flat arrays, keys in one block.
///
/// Safety: `@unchecked Sendable` because it is only read after ``init(_:)``; its memory lives as long as the object.
final class CompiledTrie: @unchecked Sendable {
    struct Node {
        let firstEdge: Int32
        let edgeCount: Int32
        let firstElement: Int32
        let elementCount: Int32
        let anyKey: Int32
        let slot: Int32
        let dropped: Int32
        /// Makes it a power of two long.
        private var unused: Int32 = 0

        init(
            firstEdge: Int32, edgeCount: Int32, firstElement: Int32, elementCount: Int32, anyKey: Int32, slot: Int32, dropped: Int32
        ) {
            (self.firstEdge, self.edgeCount, self.firstElement, self.elementCount) = (firstEdge, edgeCount, firstElement, elementCount)
            (self.anyKey, self.slot, self.dropped) = (anyKey, slot, dropped)
        }
    }

    struct Edge {
        let key: ByteSlice
        let node: Int32
    }

    let nodes: UnsafeMutablePointer<Node>
    let nodeCount: Int
    private let edges: UnsafeMutablePointer<Edge>
    private let elements: UnsafeMutablePointer<(position: Int, node: Int32)>
    private let keys = ConstantPool()

    init(_ trie: PathTrie) {
        nodes = .allocate(capacity: trie.nodes.count)
        nodeCount = trie.nodes.count
        edges = .allocate(capacity: max(1, trie.nodes.reduce(0) { $0 + $1.edges.count }))
        elements = .allocate(capacity: max(1, trie.nodes.reduce(0) { $0 + $1.elements.count }))
        var edge = 0
        var element = 0
        for (number, node) in trie.nodes.enumerated() {
            (nodes + number).initialize(
                to: Node(
                    firstEdge: Int32(edge), edgeCount: Int32(node.edges.count), firstElement: Int32(element),
                    elementCount: Int32(node.elements.count), anyKey: Int32(node.anyKey), slot: node.slot, dropped: node.dropped))
            for entry in node.edges {
                (edges + edge).initialize(to: Edge(key: keys.slice(entry.key), node: Int32(entry.node)))
                edge += 1
            }
            for entry in node.elements {
                (elements + element).initialize(to: (entry.position, Int32(entry.node)))
                element += 1
            }
        }
    }

    deinit {
        nodes.deallocate()
        edges.deallocate()
        elements.deallocate()
    }

    /// Whether anything below a node is mapped or known; false for -1.
    @inline(__always)
    func hasChildren(_ node: Int32) -> Bool {
        guard node >= 0 else { return false }
        let place = nodes + Int(node)
        return place.pointee.edgeCount > 0 || place.pointee.elementCount > 0 || place.pointee.anyKey >= 0
    }

    /// Calls `body` with each child of `node` that a key leads to.
    func forEachChild(of node: Int32, _ body: (Int32) -> Void) {
        guard node >= 0 else { return }
        let parent = nodes[Int(node)]
        for number in 0..<Int(parent.edgeCount) { body(edges[Int(parent.firstEdge) + number].node) }
        if parent.anyKey >= 0 { body(parent.anyKey) }
    }

    /// A position at and beyond which no element of `node` has a child.
    func positionLimit(of node: Int32) -> Int {
        let parent = nodes[Int(node)]
        let range = Int(parent.firstElement)..<Int(parent.firstElement) + Int(parent.elementCount)
        return range.reduce(0) { max($0, elements[$1].position + 1) }
    }

    /// The child of `node` for a key, or -1.
    func child(of node: Int32, key: ByteSlice) -> Int32 {
        let parent = nodes[Int(node)]
        var at = Int(parent.firstEdge)
        let end = at + Int(parent.edgeCount)
        while at < end {
            if edges[at].key.equals(key) { return edges[at].node }
            at += 1
        }
        return parent.anyKey
    }

    /// The child of `node` for an array position, or -1.
    func child(of node: Int32, position: Int) -> Int32 {
        let parent = nodes[Int(node)]
        var at = Int(parent.firstElement)
        let end = at + Int(parent.elementCount)
        while at < end {
            if elements[at].position == position { return elements[at].node }
            at += 1
        }
        return -1
    }
}
