import AuditModel

/// The paths of a JSON record that a definition neither maps nor lists as dropped.
struct UnmappedNames {
    private let plan: ParsePlan
    /// Tries of elements by the slot of the array or object that is gone through.
    private var elements: [Int32: [CompiledTrie]] = [:]
    private(set) var paths: [String] = []
    private var seen: Set<String> = []

    init(_ plan: ParsePlan) {
        self.plan = plan
        for number in 0..<plan.eaches.count where plan.eaches[number].kind != .text {
            let each = plan.eaches[number]
            let trie = Int(each.trie)
            if trie < plan.elements.count { elements[each.slot, default: []].append(plan.elements[trie]) }
        }
    }

    /// Collects the paths of one record, each once, in the order of their names.
    mutating func collect(_ record: JSONValue) {
        guard let document = plan.documents.first else { return }
        walk(record, [(document, 0)], path: "")
    }

    private mutating func walk(_ value: JSONValue, _ nodes: [(trie: CompiledTrie, node: Int32)], path: String) {
        let slots = nodes.map { $0.trie.nodes[Int($0.node)].slot }.filter { $0 >= 0 }
        if nodes.contains(where: { $0.trie.nodes[Int($0.node)].dropped >= 0 }) { return }
        let hasChildren = nodes.contains { $0.trie.hasChildren($0.node) }
        switch value {
        case .null: return
        case .string(let text) where text.isEmpty: return
        case .object(let members):
            let tries = slots.flatMap { elements[$0] ?? [] }
            if !slots.isEmpty, !hasChildren, tries.isEmpty { return }
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                let children = nodes.map { (trie: $0.trie, node: Self.child($0.trie, $0.node, key)) }.filter { $0.node >= 0 }
                walk(member, children + tries.map { (trie: $0, node: 0) }, path: path.isEmpty ? key : "\(path).\(key)")
            }
        case .array(let values):
            let tries = slots.flatMap { elements[$0] ?? [] }
            if tries.isEmpty, !slots.isEmpty { return }
            for (number, element) in values.enumerated() {
                let placed = nodes.map { (trie: $0.trie, node: $0.trie.child(of: $0.node, position: number)) }.filter { $0.node >= 0 }
                walk(element, placed + tries.map { (trie: $0, node: 0) }, path: path + "[]")
            }
        default:
            if slots.isEmpty, seen.insert(path).inserted { paths.append(path) }
        }
    }

    private static func child(_ trie: CompiledTrie, _ node: Int32, _ key: String) -> Int32 {
        var key = key
        return key.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return trie.child(of: node, key: .empty) }
            return trie.child(of: node, key: ByteSlice(base: base, count: bytes.count))
        }
    }
}
