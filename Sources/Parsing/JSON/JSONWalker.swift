#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Walks an indexed JSON text once, checks its grammar and puts mapped values into slots.
///
/// Invariants that make it safe: every position is read from the index only below its count, every position lies inside the text (simdjson's
/// first stage guarantees it for the text it was given), and the stack has a place for each level up to the deepest allowed. All members are
/// trivial or outlive the walk, so that a value costs no counting of references.
struct JSONWalker {
    /// Nesting beyond this is refused.
    static let maximumDepth = 128

    /// A container that is open.
    struct Level: BitwiseCopyable {
        /// The node whose children its values are, or -1.
        var node: Int32
        /// The slot that holds the container, or -1.
        var slot: Int32
        /// Byte at which it begins.
        var start: Int
        /// Elements so far, of an array.
        var position: Int
        var isObject: Bool
        /// Whether it lies in an element taken by position: the array as a whole is mapped elsewhere or known to be dropped, so the other
        /// names of one element are not counted again.
        var isInElement: Bool
        /// The key before, and the key to try first, as numbers of learned keys or -1.
        var key: Int32
        var foreseen: Int32
    }

    /// What a walk needs beside the text.
    struct Target {
        let nodes: UnsafeMutablePointer<CompiledTrie.Node>
        let keys: UnsafeMutablePointer<KeyMemory.Key>
        let keyNodes: UnsafeMutablePointer<KeyMemory.Node>
        unowned(unsafe) let memory: KeyMemory
        unowned(unsafe) let trie: CompiledTrie
        unowned(unsafe) let arena: Arena
        let slots: UnsafeMutablePointer<Value>
        /// Counters of known dropped paths; the first counts all others.
        let dropped: UnsafeMutablePointer<Int>
        /// Room for ``JSONWalker/maximumDepth`` levels.
        let levels: UnsafeMutablePointer<Level>
    }

    private let text: UnsafePointer<UInt8>
    private let positions: UnsafePointer<UInt32>
    private let count: Int
    private let textCount: Int
    private let end: UnsafePointer<UInt8>
    private let escapes: UnsafePointer<UInt8>
    private let document: Int16
    private let target: Target

    init(_ view: JSONView, document: Int16, _ target: Target) {
        text = view.text
        positions = view.positions
        count = view.structurals
        textCount = view.count
        end = view.text + view.readable
        escapes = view.escapes
        self.document = document
        self.target = target
    }

    /// Walks the value at a structural position; the position after it, or what ``fault(of:)`` reads where the text is not JSON.
    ///
    /// One function, and what it uses in local values: a record has hundreds of keys and values, and each call would cost as much as the rest.
    func walk(from start: Int) -> Int {
        let (text, positions, count, end) = (text, positions, count, end)
        let (nodes, keys, slots, dropped) = (target.nodes, target.keys, target.slots, target.dropped)
        let levels = target.levels
        var at = start
        var depth = 0
        /// The node of the value that comes next.
        var node: Int32 = 0
        /// The innermost container, whose place on the stack is written when another opens in it.
        var level = Level(node: -1, slot: -1, start: 0, position: 0, isObject: false, isInElement: false, key: -1, foreseen: -1)
        var isInElement = false
        while true {
            // A value that belongs to `node`.
            guard depth < Self.maximumDepth else { return Self.code(.tooDeep) }
            guard at < count else { return Self.code(.endsEarly) }
            let from = Int(positions[at])
            let first = text[from]
            if first == UInt8(ascii: "\"") {
                let close = stringEnd(at, from)
                guard close > from else { return Self.code(.grammar) }
                at &+= 1
                if node >= 0, !store(.text, from &+ 1, close, nodes + Int(node), slots, dropped, at &- 1) {
                    return Self.code(.duplicateKey)
                }
            } else if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
                let isObject = first == UInt8(ascii: "{")
                levels[depth] = level
                level.node = -1
                level.slot = -1
                level.foreseen = -1
                if node >= 0 {
                    if !store(isObject ? .object : .array, from, from, nodes + Int(node), slots, dropped, at) {
                        return Self.code(.duplicateKey)
                    }
                    let place = nodes + Int(node)
                    level.slot = place.pointee.slot
                    if place.pointee.edgeCount > 0 || place.pointee.elementCount > 0 || place.pointee.anyKey >= 0 {
                        level.node = node
                        level.foreseen = target.keyNodes[Int(node)].first
                    }
                }
                level.start = from
                level.position = 0
                level.isObject = isObject
                level.isInElement = isInElement
                level.key = -1
                depth &+= 1
                at &+= 1
                guard at < count else { return Self.code(.endsEarly) }
                if text[Int(positions[at])] != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    if isObject {
                        let value = key(at, &level, &node, text, positions, count, end, keys, dropped)
                        if value < 0 { return value }
                        at = value
                    } else {
                        element(level, &node, &isInElement)
                    }
                    continue
                }
            } else {
                let stop = scalarEnd(at, from)
                at &+= 1
                let kind = Self.scalarKind(text + from, stop &- from)
                guard kind != .absent else {
                    return Self.code(
                        first == UInt8(ascii: "t") || first == UInt8(ascii: "f") || first == UInt8(ascii: "n") ? .grammar : .number)
                }
                if node >= 0, !store(kind, from, stop, nodes + Int(node), slots, dropped, at &- 1) { return Self.code(.duplicateKey) }
            }
            // After a value: the next of its container, or the container's end.
            while true {
                if depth == 0 { return at }
                guard at < count else { return Self.code(.endsEarly) }
                let place = Int(positions[at])
                let next = text[place]
                at &+= 1
                if next == UInt8(ascii: ",") {
                    if level.isObject {
                        isInElement = level.isInElement
                        let value = key(at, &level, &node, text, positions, count, end, keys, dropped)
                        if value < 0 { return value }
                        at = value
                    } else {
                        level.position &+= 1
                        element(level, &node, &isInElement)
                    }
                    break
                }
                guard next == (level.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return Self.code(.grammar) }
                if level.slot >= 0 { slots[Int(level.slot)].count = place &+ 1 &- level.start }
                depth &-= 1
                level = levels[depth]
            }
        }
    }

    /// Why a walk stopped, where it did not give a position.
    static func fault(of result: Int) -> JSONFault? {
        switch result {
        case 0...: nil
        case code(.endsEarly): .endsEarly
        case code(.tooDeep): .tooDeep
        case code(.duplicateKey): .duplicateKey
        case code(.number): .number
        case code(.escape): .escape
        default: .grammar
        }
    }

    @inline(__always)
    private static func code(_ fault: JSONFault) -> Int {
        switch fault {
        case .endsEarly: -2
        case .tooDeep: -3
        case .duplicateKey: -4
        case .number: -5
        case .escape: -6
        default: -1
        }
    }

    /// Reads the key at `at`; the position of its value, below zero for a fault. `node` becomes the node of the value.
    @inline(__always)
    private func key(
        _ at: Int, _ level: inout Level, _ node: inout Int32, _ text: UnsafePointer<UInt8>, _ positions: UnsafePointer<UInt32>,
        _ count: Int,
        _ end: UnsafePointer<UInt8>, _ keys: UnsafeMutablePointer<KeyMemory.Key>, _ dropped: UnsafeMutablePointer<Int>
    ) -> Int {
        guard at &+ 2 < count else { return endsInKey(at) }
        let from = Int(positions[at])
        let colon = Int(positions[at &+ 1])
        guard text[from] == UInt8(ascii: "\""), text[colon] == UInt8(ascii: ":") else { return Self.code(.grammar) }
        var close = colon &- 1
        if text[close] != UInt8(ascii: "\"") || close <= from {
            close = stringEnd(at, from)
            guard close > from else { return Self.code(.grammar) }
        }
        guard level.node >= 0 else {
            node = -1
            return at &+ 2
        }
        let start = text + (from &+ 1)
        let length = close &- from &- 1
        if level.foreseen >= 0, KeyMemory.holds(keys + Int(level.foreseen), start, length, end: end) {
            let found = keys + Int(level.foreseen)
            node = found.pointee.child
            level.key = level.foreseen
            level.foreseen = found.pointee.next
        } else {
            let child = unforeseen(ByteSlice(base: start, count: length), &level)
            if child < -1 { return Self.code(.escape) }
            node = child
        }
        if node < 0, !level.isInElement, text[Int(positions[at &+ 2])] != UInt8(ascii: "n") { dropped[0] &+= 1 }
        return at &+ 2
    }

    /// The node of a key that was not foreseen, -1 for none, -2 where its escapes are malformed.
    @inline(never)
    private func unforeseen(_ key: ByteSlice, _ level: inout Level) -> Int32 {
        let found = target.memory.find(key, of: level.node, end: end, arena: target.arena)
        if found.isDamaged { return -2 }
        level.foreseen = -1
        if found.number >= 0 {
            if level.key >= 0 {
                target.keys[Int(level.key)].next = found.number
            } else {
                target.keyNodes[Int(level.node)].first = found.number
            }
            level.foreseen = target.keys[Int(found.number)].next
        }
        level.key = found.number
        return found.child
    }

    /// What is wrong with a key behind which no value stands.
    @inline(never)
    private func endsInKey(_ at: Int) -> Int {
        guard at < count else { return Self.code(.endsEarly) }
        let from = Int(positions[at])
        guard text[from] == UInt8(ascii: "\""), stringEnd(at, from) > from else { return Self.code(.grammar) }
        guard at &+ 1 < count else { return Self.code(.endsEarly) }
        return Self.code(text[Int(positions[at &+ 1])] == UInt8(ascii: ":") ? .endsEarly : .grammar)
    }

    @inline(__always)
    private func element(_ level: Level, _ node: inout Int32, _ isInElement: inout Bool) {
        node = level.node >= 0 ? target.trie.child(of: level.node, position: level.position) : -1
        isInElement = level.isInElement || node >= 0
    }

    /// Where the string that opens at `from` closes: the quote before the next structural character. Not after `from` where there is none.
    @inline(__always)
    private func stringEnd(_ at: Int, _ from: Int) -> Int {
        var close = (at &+ 1 < count ? Int(positions[at &+ 1]) : textCount) &- 1
        if text[close] == UInt8(ascii: "\"") { return close }
        while close > from, text[close].isBlank { close &-= 1 }
        return text[close] == UInt8(ascii: "\"") ? close : from
    }

    @inline(__always)
    private func scalarEnd(_ at: Int, _ from: Int) -> Int {
        var stop = at &+ 1 < count ? Int(positions[at &+ 1]) : textCount
        while stop > from, text[stop &- 1].isBlank { stop &-= 1 }
        return stop
    }

    /// The kind of a scalar, `absent` for what is none.
    @inline(__always)
    static func scalarKind(_ start: UnsafePointer<UInt8>, _ count: Int) -> Value.Kind {
        guard count > 0 else { return .absent }
        let raw = UnsafeRawPointer(start)
        switch start[0] {
        case UInt8(ascii: "n"): return count == 4 && raw.loadUnaligned(as: UInt32.self) == 0x6C6C_756E ? .null : .absent
        case UInt8(ascii: "t"): return count == 4 && raw.loadUnaligned(as: UInt32.self) == 0x6575_7274 ? .boolean : .absent
        case UInt8(ascii: "f"): return count == 5 && (raw + 1).loadUnaligned(as: UInt32.self) == 0x6573_6C61 ? .boolean : .absent
        default: return JSONText.isNumber(ByteSlice(base: start, count: count)) ? .number : .absent
        }
    }

    /// Notes a value of a node; false where there is one already.
    @inline(__always)
    private func store(
        _ kind: Value.Kind, _ from: Int, _ stop: Int, _ place: UnsafePointer<CompiledTrie.Node>, _ slots: UnsafeMutablePointer<Value>,
        _ dropped: UnsafeMutablePointer<Int>, _ structural: Int
    ) -> Bool {
        let counter = place.pointee.dropped
        if counter >= 0, kind != .null { dropped[Int(counter)] &+= 1 }
        guard place.pointee.slot >= 0 else { return true }
        let slot = slots + Int(place.pointee.slot)
        guard slot.pointee.kind == .absent else { return false }
        let isEscaped = kind == .text && text + stop > escapes && memchr(text + from, 92, stop &- from) != nil
        slot.pointee = Value(
            kind: kind, isEscaped: isEscaped, document: document, structural: Int32(truncatingIfNeeded: structural), base: text + from,
            count: stop &- from)
        return true
    }
}
