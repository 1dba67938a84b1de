/// The nodes of a YAML document, in one list: what ``YAMLReader`` or Yams read.
final class YAMLTree: Sendable {
    /// One value.
    struct Node: Sendable {
        enum Kind: UInt8, Sendable { case scalar, sequence, mapping }

        let kind: Kind
        /// Whether a scalar was written without quotes.
        let isPlain: Bool
        /// Where it begins, from one; columns count characters (Unicode scalars).
        let line: Int32
        let column: Int32
        /// Its members in ``YAMLTree/members``: elements, or keys and values in turn.
        let first: Int32
        let count: Int32
        /// The text of a scalar.
        let text: String
    }

    let nodes: [Node]
    /// Numbers of nodes.
    let members: [Int32]
    let root: Int
    /// The file, for complaints.
    let path: String

    init(nodes: [Node], members: [Int32], root: Int, path: String) {
        self.nodes = nodes
        self.members = members
        self.root = root
        self.path = path
    }

    /// Puts a tree together from its leaves.
    struct Builder {
        private(set) var nodes: [Node] = []
        private(set) var members: [Int32] = []

        /// The number of a new node.
        mutating func add(
            _ kind: Node.Kind, text: String, isPlain: Bool, line: Int32, column: Int32, members inside: [Int32]
        ) -> Int32 {
            let first = Int32(members.count)
            members += inside
            nodes.append(
                Node(kind: kind, isPlain: isPlain, line: line, column: column, first: first, count: Int32(inside.count), text: text))
            return Int32(nodes.count - 1)
        }

        /// The number of a copy of another tree's node, with all that is in it.
        mutating func copy(_ number: Int32, of tree: YAMLTree) -> Int32 {
            let node = tree.nodes[Int(number)]
            var inside: [Int32] = []
            for member in tree.members[Int(node.first)..<Int(node.first + node.count)] { inside.append(copy(member, of: tree)) }
            return add(node.kind, text: node.text, isPlain: node.isPlain, line: node.line, column: node.column, members: inside)
        }
    }
}
