import Cryptography

/// Rows that were promised and wait for the vault's next flush: subjects, tokens, and what happened between subjects, in order.
///
/// Values are sealed already: nothing here is in the open but ids.
struct PendingWrites {
    struct Subject {
        let id: Int64
        /// Where its wrapped key lies in ``bytes``; ``wrappedKeyBytes`` long.
        let start: Int
    }

    struct Token {
        let bits: UInt64
        let subject: Int64
        let kind: IdentityKind
        let role: Identity.Role
        /// A number of the desk's ``NameTable``, or -1.
        let namespace: Int32
        /// Where look-up (32 bytes), commitment (32) and box lie in ``bytes``.
        let start: Int
        let boxCount: Int
    }

    /// What two subjects were found to be to each other.
    enum Link {
        /// The values of `other` go under the key of `subject`.
        case merge(other: Int64, subject: Int64)
        case alias(first: Int64, second: Int64, isMerged: Bool)
    }

    static let wrappedKeyBytes = AESGCM.keySizeBytes + AESGCM.overheadBytes
    static let digestBytes = SHA256Digest.sizeBytes

    private(set) var subjects: [Subject] = []
    private(set) var tokens: [Token] = []
    private(set) var links: [Link] = []
    /// Sources whose numbers have tokens, not in the table yet.
    var scopes: Set<String> = []
    private(set) var bytes: [UInt8] = []

    var isEmpty: Bool { subjects.isEmpty && tokens.isEmpty && links.isEmpty && scopes.isEmpty }

    mutating func clear() {
        subjects.removeAll(keepingCapacity: true)
        tokens.removeAll(keepingCapacity: true)
        links.removeAll()
        scopes.removeAll()
        bytes.removeAll(keepingCapacity: bytes.capacity < 1 << 23)
    }

    mutating func add(_ link: Link) { links.append(link) }

    /// Adds a subject; `fill` writes its wrapped key.
    mutating func addSubject(_ id: Int64, _ fill: (UnsafeMutableRawPointer) throws -> Void) rethrows {
        let start = try room(Self.wrappedKeyBytes, fill)
        subjects.append(Subject(id: id, start: start))
    }

    /// Adds a token; `fill` writes look-up, commitment and box.
    mutating func addToken(
        bits: UInt64, subject: Int64, kind: IdentityKind, role: Identity.Role, namespace: Int32, boxCount: Int,
        _ fill: (UnsafeMutableRawPointer) throws -> Void
    ) rethrows {
        let start = try room(2 * Self.digestBytes + boxCount, fill)
        tokens.append(
            Token(bits: bits, subject: subject, kind: kind, role: role, namespace: namespace, start: start, boxCount: boxCount))
    }

    private mutating func room(_ count: Int, _ fill: (UnsafeMutableRawPointer) throws -> Void) rethrows -> Int {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: count))
        try bytes.withUnsafeMutableBytes { try fill($0.baseAddress! + start) }
        return start
    }

    /// The commitment of a pending token.
    func commitment(_ token: Token) -> SHA256Digest? {
        let start = token.start + Self.digestBytes
        return bytes.withUnsafeBytes { SHA256Digest(UnsafeRawBufferPointer(rebasing: $0[start..<(start + Self.digestBytes)])) }
    }
}

/// Names of sources by number, so that entries compare numbers.
struct NameTable {
    private(set) var names: [String] = []
    private var numbers: [String: Int32] = [:]

    mutating func number(of name: String) -> Int32 {
        if let known = numbers[name] { return known }
        names.append(name)
        numbers[name] = Int32(names.count - 1)
        return Int32(names.count - 1)
    }
}

/// Subjects that this process met: their keys, and in which sources they have an id.
struct SubjectTable {
    struct Subject {
        /// 32 bytes, or empty where it was not opened yet.
        var key: [UInt8] = []
        /// Whether ``namespaces`` is whole: true for a subject made here, else once it was read.
        var isWhole = false
        private(set) var first: Int32 = -1
        private var more: [Int32] = []

        func hasID(in namespace: Int32) -> Bool { namespace >= 0 && (first == namespace || more.contains(namespace)) }

        mutating func addID(in namespace: Int32) {
            guard namespace >= 0, !hasID(in: namespace) else { return }
            if first < 0 { first = namespace } else { more.append(namespace) }
        }

        var namespaces: [Int32] { first < 0 ? [] : [first] + more }
    }

    static let limit = 1 << 17

    private var subjects: [Int64: Subject] = [:]

    var count: Int { subjects.count }

    subscript(_ id: Int64) -> Subject {
        get { subjects[id] ?? Subject() }
        set { subjects[id] = newValue }
    }

    func holds(_ id: Int64) -> Bool { subjects[id] != nil }
    mutating func forget() { subjects.removeAll() }
    mutating func addID(of id: Int64, in namespace: Int32) { subjects[id, default: Subject()].addID(in: namespace) }
}
