/// Walks an indexed JSON text once, checks its grammar and puts mapped values into slots.
///
/// Invariants that make it safe: every position is read from the index only below its count, and every position lies
/// inside the text (simdjson's first stage guarantees it for the text it was given).
struct JSONWalker {
    /// Nesting beyond this is refused.
    static let maximumDepth = 128

    private let text: ByteSlice
    private let positions: UnsafePointer<UInt32>
    private let count: Int
    private let document: Int16
    private let trie: CompiledTrie
    private let slots: UnsafeMutablePointer<Value>
    private let dropped: UnsafeMutablePointer<Int>
    private let arena: Arena
    private var at: Int
    /// How many elements taken by position the walk stands in. The array as a whole is mapped elsewhere or known to be
    /// dropped, so the other names of one element are not counted again.
    private var elementDepth = 0

    /// - Parameters:
    ///   - start: Structural position of the value to walk.
    ///   - dropped: Counters of known dropped paths; the first counts all others.
    init?(
        _ index: JSONIndex, document: Int16, from start: Int = 0, trie: CompiledTrie, slots: UnsafeMutablePointer<Value>,
        dropped: UnsafeMutablePointer<Int>, arena: Arena
    ) {
        guard let positions = index.positions else { return nil }
        text = index.text
        self.positions = positions
        count = index.count
        self.document = document
        self.trie = trie
        self.slots = slots
        self.dropped = dropped
        self.arena = arena
        at = start
    }

    /// Walks a text that is one value and nothing else.
    mutating func walkDocument() throws(JSONFault) {
        try value(node: 0, depth: 0)
        guard at == count else { throw .trailing }
    }

    /// Walks one value inside an indexed text; returns the structural position after it.
    mutating func walkValue() throws(JSONFault) -> Int {
        try value(node: 0, depth: 0)
        return at
    }

    /// Structural positions of the elements of the array that starts at `start`.
    mutating func elements(of start: Int) throws(JSONFault) -> [Int] {
        at = start
        guard try current() == UInt8(ascii: "[") else { return [] }
        at += 1
        var found: [Int] = []
        if try current() == UInt8(ascii: "]") { return [] }
        while true {
            found.append(at)
            try value(node: -1, depth: 0)
            let next = try current()
            at += 1
            if next == UInt8(ascii: "]") { return found }
            guard next == UInt8(ascii: ",") else { throw .grammar }
        }
    }

    private func current() throws(JSONFault) -> UInt8 {
        guard at < count else { throw .endsEarly }
        return text[Int(positions[at])]
    }

    private mutating func value(node: Int32, depth: Int) throws(JSONFault) {
        guard depth < Self.maximumDepth else { throw .tooDeep }
        let start = at
        let first = try current()
        switch first {
        case UInt8(ascii: "{"):
            try take(.object, node: node, structural: start)
            try object(node: trie.hasChildren(node) ? node : -1, depth: depth)
            finishContainer(node: node, start: start)
        case UInt8(ascii: "["):
            try take(.array, node: node, structural: start)
            try array(node: trie.hasChildren(node) ? node : -1, depth: depth)
            finishContainer(node: node, start: start)
        case UInt8(ascii: "\""):
            let slice = try string()
            at += 1
            if node >= 0 { try store(.text, slice, node: node, structural: start) }
        default:
            let slice = scalar()
            at += 1
            let kind = try scalarKind(slice)
            if node >= 0 { try store(kind, slice, node: node, structural: start) }
        }
    }

    private mutating func object(node: Int32, depth: Int) throws(JSONFault) {
        at += 1
        if try current() == UInt8(ascii: "}") {
            at += 1
            return
        }
        while true {
            guard try current() == UInt8(ascii: "\"") else { throw .grammar }
            var key = try string()
            at += 1
            guard try current() == UInt8(ascii: ":") else { throw .grammar }
            at += 1
            var child: Int32 = -1
            if node >= 0 {
                if key.firstIndex(of: UInt8(ascii: "\\")) != nil { key = try JSONText.unescape(key, arena: arena) }
                child = trie.child(of: node, key: key)
                if child < 0, elementDepth == 0, try current() != UInt8(ascii: "n") { dropped[0] += 1 }
            }
            try value(node: child, depth: depth + 1)
            let next = try current()
            at += 1
            if next == UInt8(ascii: "}") { return }
            guard next == UInt8(ascii: ",") else { throw .grammar }
        }
    }

    private mutating func array(node: Int32, depth: Int) throws(JSONFault) {
        at += 1
        if try current() == UInt8(ascii: "]") {
            at += 1
            return
        }
        var position = 0
        while true {
            let child = node >= 0 ? trie.child(of: node, position: position) : -1
            if child >= 0 { elementDepth += 1 }
            try value(node: child, depth: depth + 1)
            if child >= 0 { elementDepth -= 1 }
            position += 1
            let next = try current()
            at += 1
            if next == UInt8(ascii: "]") { return }
            guard next == UInt8(ascii: ",") else { throw .grammar }
        }
    }

    /// The inside of the string at the current position: up to the quote before the next structural character.
    private func string() throws(JSONFault) -> ByteSlice {
        let open = Int(positions[at])
        var close = (at + 1 < count ? Int(positions[at + 1]) : text.count) - 1
        while close > open, text[close].isBlank { close -= 1 }
        guard close > open, text[close] == UInt8(ascii: "\"") else { throw .grammar }
        return text.sub(open + 1, close)
    }

    private func scalar() -> ByteSlice {
        let start = Int(positions[at])
        var end = at + 1 < count ? Int(positions[at + 1]) : text.count
        while end > start, text[end - 1].isBlank { end -= 1 }
        return text.sub(start, end)
    }

    private func scalarKind(_ slice: ByteSlice) throws(JSONFault) -> Value.Kind {
        switch slice.isEmpty ? 0 : slice[0] {
        case UInt8(ascii: "t"): if slice.equals(JSONText.trueText) { return .boolean }
        case UInt8(ascii: "f"): if slice.equals(JSONText.falseText) { return .boolean }
        case UInt8(ascii: "n"): if slice.equals(JSONText.nullText) { return .null }
        default:
            guard JSONText.isNumber(slice) else { throw .number }
            return .number
        }
        throw .grammar
    }

    /// Notes a container before it is walked, so that a second value at the same path is refused.
    private func take(_ kind: Value.Kind, node: Int32, structural: Int) throws(JSONFault) {
        guard node >= 0 else { return }
        try store(kind, text.sub(Int(positions[structural]), Int(positions[structural])), node: node, structural: structural)
    }

    private func finishContainer(node: Int32, start: Int) {
        guard node >= 0 else { return }
        let slot = trie.nodes[Int(node)].slot
        if slot >= 0 { slots[Int(slot)].count = Int(positions[at - 1]) + 1 - Int(positions[start]) }
    }

    private func store(_ kind: Value.Kind, _ slice: ByteSlice, node: Int32, structural: Int) throws(JSONFault) {
        let place = trie.nodes[Int(node)]
        if place.dropped >= 0, kind != .null { dropped[Int(place.dropped)] += 1 }
        guard place.slot >= 0 else { return }
        let slot = slots + Int(place.slot)
        guard slot.pointee.kind == .absent else { throw .duplicateKey }
        slot.pointee.kind = kind
        slot.pointee.isEscaped = kind == .text && slice.firstIndex(of: UInt8(ascii: "\\")) != nil
        slot.pointee.document = document
        slot.pointee.structural = Int32(structural)
        slot.pointee.base = slice.base
        slot.pointee.count = slice.count
    }
}
