/// Reads one small XML element strictly and puts mapped texts and attributes into slots.
///
/// What logs write is a small part of XML, and only that is read: elements, attributes, text, CDATA, comments, processing instructions; the
/// five predefined entities and character references. A document type is refused, so that nothing can be declared, expanded or fetched.
/// A name is the path of elements below the root, `@name` an attribute. Trusts nothing; a fault is told and nothing of the text with it.
final class XMLReader {
    /// Nesting beyond this is refused.
    static let maximumDepth = 64

    /// Why a text is not XML that we accept. The descriptions are quarantine reasons and hold nothing of the record.
    enum Fault: String, Error {
        case grammar = "XML: grammar is broken"
        case endsEarly = "XML ends early"
        case documentType = "XML: a document type is not read"
        case tooDeep = "XML: nested deeper than 64 levels"
        case entity = "XML: an unknown entity"
        case duplicate = "XML: a mapped name is there twice"
        case root = "XML: another root element than expected"
    }

    /// An element that is open.
    private struct Level {
        let name: ByteSlice
        let node: Int32
        var hasChildren = false
    }

    private let trie: CompiledTrie
    private let slots: UnsafeMutablePointer<Value>
    private let dropped: UnsafeMutablePointer<Int>
    private let arena: Arena
    private let roots: Set<String>
    private var levels: [Level] = []
    /// By node how many elements of that name its parent has had.
    private var occurrences: [Int]
    private var text = ByteSlice.empty
    private var at = 0
    /// The text since the last tag: one run of the record's bytes, or what runs and entities made together.
    private var run: ByteSlice?
    private var made: [UInt8] = []

    /// - Parameter roots: Names that the root may have; any where empty.
    init(_ trie: CompiledTrie, slots: UnsafeMutablePointer<Value>, dropped: UnsafeMutablePointer<Int>, arena: Arena, roots: Set<String>) {
        (self.trie, self.slots, self.dropped, self.arena, self.roots) = (trie, slots, dropped, arena, roots)
        occurrences = Array(repeating: 0, count: trie.nodeCount)
    }

    /// Reads a whole text: one element, with blanks, comments and instructions around it.
    ///
    /// - Throws: why it is not that. Slots may be half filled then.
    func read(_ text: ByteSlice) throws(Fault) {
        self.text = text
        at = 0
        levels.removeAll(keepingCapacity: true)
        var isDone = false
        repeat {
            if levels.isEmpty {
                while at < text.count, text[at].isBlank { at += 1 }
                if at == text.count { if isDone { return } else { throw .endsEarly } }
            } else {
                try characters()
            }
            guard at + 1 < text.count else { throw .endsEarly }
            guard text[at] == UInt8(ascii: "<") else { throw .grammar }
            switch text[at + 1] {
            case UInt8(ascii: "?"): try skip(to: "?>")
            case UInt8(ascii: "!"): try declaration()
            case UInt8(ascii: "/"): try close()
            default:
                if levels.isEmpty, isDone { throw .grammar }
                isDone = true
                try open()
            }
        } while true
    }

    // MARK: Tags

    private func open() throws(Fault) {
        guard levels.count < Self.maximumDepth else { throw .tooDeep }
        at += 1
        let name = try self.name()
        let node: Int32
        if let parent = levels.last {
            levels[levels.count - 1].hasChildren = true
            node = child(of: parent.node, name)
        } else {
            guard roots.isEmpty || roots.contains(name.text) else { throw .root }
            node = 0
        }
        forgetText()
        trie.forEachChild(of: node) { occurrences[Int($0)] = 0 }
        while true {
            let before = at
            skipBlanks()
            guard at < text.count else { throw .endsEarly }
            if text[at] == UInt8(ascii: ">") {
                at += 1
                return levels.append(Level(name: name, node: node))
            }
            if text[at] == UInt8(ascii: "/") {
                guard at + 1 < text.count else { throw .endsEarly }
                guard text[at + 1] == UInt8(ascii: ">") else { throw .grammar }
                at += 2
                return
            }
            guard at > before else { throw .grammar }
            try attribute(of: node)
        }
    }

    /// The node of an element: a name that is mapped by position by how often it has been there.
    private func child(of parent: Int32, _ name: ByteSlice) -> Int32 {
        guard trie.hasChildren(parent) else { return -1 }
        let node = trie.child(of: parent, key: name)
        guard node >= 0 else {
            dropped[0] &+= 1
            return -1
        }
        let counter = trie.nodes[Int(node)].dropped
        if counter >= 0 { dropped[Int(counter)] &+= 1 }
        let position = occurrences[Int(node)]
        occurrences[Int(node)] = position + 1
        let element = trie.child(of: node, position: position)
        return element >= 0 ? element : node
    }

    private func attribute(of node: Int32) throws(Fault) {
        let start = at
        let name = try self.name()
        skipBlanks()
        guard at < text.count else { throw .endsEarly }
        guard text[at] == UInt8(ascii: "=") else { throw .grammar }
        at += 1
        skipBlanks()
        guard at < text.count else { throw .endsEarly }
        let quote = text[at]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { throw .grammar }
        guard let end = text.firstIndex(of: quote, from: at + 1) else { throw .endsEarly }
        let inside = text.sub(at + 1, end)
        guard inside.firstIndex(of: UInt8(ascii: "<")) == nil else { throw .grammar }
        at = end + 1
        guard trie.hasChildren(node) else { return }
        let room = arena.allocate(name.count + 1)
        room[0] = UInt8(ascii: "@")
        (room + 1).update(from: text.base + start, count: name.count)
        let child = trie.child(of: node, key: ByteSlice(base: room, count: name.count + 1))
        guard child >= 0 else {
            dropped[0] &+= 1
            return
        }
        let counter = trie.nodes[Int(child)].dropped
        if counter >= 0 { dropped[Int(counter)] &+= 1 }
        try store(try resolved(inside), child)
    }

    private func close() throws(Fault) {
        guard let level = levels.popLast() else { throw .grammar }
        at += 2
        let name = try self.name()
        skipBlanks()
        guard at < text.count else { throw .endsEarly }
        guard text[at] == UInt8(ascii: ">"), name.equals(level.name) else { throw .grammar }
        at += 1
        if level.node >= 0, !level.hasChildren { try store(takeText(), level.node) }
        forgetText()
    }

    private func declaration() throws(Fault) {
        if text.sub(at, text.count).hasBytes("<!--") {
            at += 4
            try skip(to: "-->")
        } else if text.sub(at, text.count).hasBytes("<![CDATA["), !levels.isEmpty {
            let start = at + 9
            at = start
            try skip(to: "]]>")
            add(text.sub(start, at - 3))
        } else {
            throw .documentType
        }
    }

    // MARK: Texts

    /// Takes text up to the next tag.
    private func characters() throws(Fault) {
        let end = text.firstIndex(of: UInt8(ascii: "<"), from: at) ?? text.count
        if end > at { add(try resolved(text.sub(at, end))) }
        at = end
    }

    private func add(_ piece: ByteSlice) {
        guard !piece.isEmpty else { return }
        if run == nil, made.isEmpty { return run = piece }
        if let first = run { made.append(contentsOf: UnsafeBufferPointer(start: first.base, count: first.count)) }
        run = nil
        made.append(contentsOf: UnsafeBufferPointer(start: piece.base, count: piece.count))
    }

    private func forgetText() {
        run = nil
        if !made.isEmpty { made.removeAll(keepingCapacity: true) }
    }

    private func takeText() -> ByteSlice {
        if let run { return run }
        return made.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { arena.copy(ByteSlice(base: $0, count: bytes.count)) } ?? .empty
        }
    }

    private func store(_ value: ByteSlice, _ node: Int32) throws(Fault) {
        let slot = trie.nodes[Int(node)].slot
        guard slot >= 0, !value.trimmed.isEmpty else { return }
        guard slots[Int(slot)].kind == .absent else { throw .duplicate }
        slots[Int(slot)] = Value(text: value)
    }

    /// A text with its entities resolved.
    private func resolved(_ raw: ByteSlice) throws(Fault) -> ByteSlice {
        guard let first = raw.firstIndex(of: UInt8(ascii: "&")) else { return raw }
        let room = arena.allocate(raw.count)
        var (out, at) = (0, first)
        room.update(from: raw.base, count: first)
        out = first
        while at < raw.count {
            guard raw[at] == UInt8(ascii: "&") else {
                room[out] = raw[at]
                (out, at) = (out + 1, at + 1)
                continue
            }
            guard let end = raw.firstIndex(of: UInt8(ascii: ";"), from: at), end - at <= 10 else { throw .entity }
            // No reference is shorter than the bytes that it stands for.
            out += try write(raw.sub(at + 1, end), to: room + out)
            at = end + 1
        }
        return ByteSlice(base: room, count: out)
    }

    private func write(_ entity: ByteSlice, to room: UnsafeMutablePointer<UInt8>) throws(Fault) -> Int {
        switch entity.text {
        case "lt": room[0] = UInt8(ascii: "<")
        case "gt": room[0] = UInt8(ascii: ">")
        case "amp": room[0] = UInt8(ascii: "&")
        case "quot": room[0] = UInt8(ascii: "\"")
        case "apos": room[0] = UInt8(ascii: "'")
        default:
            guard let scalar = Self.scalar(entity.text) else { throw .entity }
            var length = 0
            for byte in UTF8.encode(scalar)! {
                room[length] = byte
                length += 1
            }
            return length
        }
        return 1
    }

    /// A character by its number, among those that XML 1.0 §2.2 allows.
    private static func scalar(_ reference: String) -> Unicode.Scalar? {
        let digits = reference.dropFirst(reference.hasPrefix("#x") ? 2 : 1)
        guard reference.hasPrefix("#"), digits.utf8.allSatisfy(\.isHexDigit),
            let number = UInt32(digits, radix: reference.hasPrefix("#x") ? 16 : 10), number >= 32 || [9, 10, 13].contains(number),
            number != 0xFFFE, number != 0xFFFF
        else { return nil }
        return Unicode.Scalar(number)
    }

    // MARK: Bytes

    private func name() throws(Fault) -> ByteSlice {
        let start = at
        guard at < text.count else { throw .endsEarly }
        guard text[at].isLetter || text[at] == UInt8(ascii: "_") || text[at] >= 0x80 else { throw .grammar }
        while at < text.count, Self.isOfName(text[at]) { at += 1 }
        return text.sub(start, at)
    }

    static func isOfName(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".")
    }

    private func skipBlanks() {
        while at < text.count, text[at].isBlank { at += 1 }
    }

    private func skip(to end: StaticString) throws(Fault) {
        guard let hit = text.firstRange(of: ByteSlice(end), from: at) else { throw .endsEarly }
        at = hit + end.utf8CodeUnitCount
    }
}

extension ByteSlice {
    /// The bytes of a literal.
    init(_ literal: StaticString) { self.init(base: literal.utf8Start, count: literal.utf8CodeUnitCount) }

    func hasBytes(_ literal: StaticString) -> Bool { hasPrefix(ByteSlice(literal)) }
}
