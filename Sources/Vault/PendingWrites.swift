/// What was promised and waits for the vault's next flush: subjects, tokens, and what happened between subjects, in order.
///
/// Keys of values lie here in the open, as they do in the memo; they are sealed when they are written, many together.
struct PendingWrites {
    struct Token {
        let bits: UInt64
        let subject: Int64
        let kind: IdentityKind
        let role: Identity.Role
        /// The source in which it is an id, as a number of the desk's ``NameTable``, or -1.
        let namespace: Int32
        /// The source whose number it is, or -1.
        let scope: Int32
        let valueBytes: Int
    }

    struct Alias {
        let first: Int64
        let second: Int64
        let isMerged: Bool
    }

    /// What two subjects were found to be to each other.
    enum Link {
        /// The values of `other` go under the key of `subject`.
        case merge(other: Int64, subject: Int64)
        case alias(Alias)
    }

    /// The first subject that is not in the file; those of this flush follow it without a hole.
    private(set) var firstSubject: Int64
    private(set) var subjectCount = 0
    private(set) var tokens: [Token] = []
    private(set) var links: [Link] = []
    /// Sources that are not in the file's table yet, with their numbers there.
    var newNames: [(number: Int64, name: String)] = []
    /// The tokens' keys as ``IdentityScratch`` makes them, one behind the other.
    private(set) var keys: [UInt8] = []
    /// Where each key begins; one more for where the last ends.
    private(set) var keyOffsets: [UInt32] = [0]

    var isEmpty: Bool { subjectCount == 0 && tokens.isEmpty && links.isEmpty }

    init(firstSubject: Int64) { self.firstSubject = firstSubject }

    mutating func clear(firstSubject: Int64) {
        self.firstSubject = firstSubject
        subjectCount = 0
        tokens.removeAll(keepingCapacity: true)
        links.removeAll()
        newNames.removeAll()
        keys.removeAll(keepingCapacity: keys.capacity < 1 << 23)
        keyOffsets.removeAll(keepingCapacity: true)
        keyOffsets.append(0)
    }

    mutating func add(_ link: Link) { links.append(link) }

    /// The number of another subject.
    mutating func addSubject() -> Int64 {
        subjectCount += 1
        return firstSubject + Int64(subjectCount - 1)
    }

    mutating func addToken(_ token: Token, key: UnsafeRawBufferPointer) {
        tokens.append(token)
        keys.append(contentsOf: key)
        keyOffsets.append(UInt32(keys.count))
    }
}

/// Names of sources by number, so that entries compare numbers.
struct NameTable {
    private(set) var names: [String] = []
    private var numbers: [String: Int32] = [:]
    /// How many of the names are in the file.
    var writtenCount = 0

    init(written: [String] = []) {
        for name in written { _ = number(of: name) }
        writtenCount = names.count
    }

    mutating func number(of name: String) -> Int32 {
        if let known = numbers[name] { return known }
        names.append(name)
        numbers[name] = Int32(names.count - 1)
        return Int32(names.count - 1)
    }
}

/// Subjects that this process met: in which sources they have an id, and the keys of those it made.
///
/// Bounded: past ``limit`` it starts anew when nothing waits to be written.
struct SubjectTable {
    struct Subject {
        /// Whether ``namespaces`` is whole: true for a subject made here, else once it was read.
        var isWhole = false
        private var first: Int32 = -1
        private var more: [Int32] = []

        func hasID(in namespace: Int32) -> Bool { namespace >= 0 && (first == namespace || more.contains(namespace)) }

        mutating func addID(in namespace: Int32) {
            guard namespace >= 0, !hasID(in: namespace) else { return }
            if first < 0 { first = namespace } else { more.append(namespace) }
        }

        var namespaces: [Int32] { first < 0 ? [] : [first] + more }
    }

    static let limit = 1 << 17

    /// Subjects made by this process from ``base`` on, and 32 bytes of key for each.
    private var own: [Subject] = []
    private var keys: [UInt8] = []
    private var base: Int64
    private var others: [Int64: Subject] = [:]

    init(base: Int64) { self.base = base }

    var count: Int { own.count + others.count }

    subscript(_ id: Int64) -> Subject {
        get { id >= base && id - base < own.count ? own[Int(id - base)] : others[id] ?? Subject() }
        set { if id >= base && id - base < own.count { own[Int(id - base)] = newValue } else { others[id] = newValue } }
    }

    /// Adds the next subject of this process; `fill` writes its key.
    mutating func add(keyBytes: Int, _ fill: (UnsafeMutableRawPointer) -> Void) {
        var subject = Subject()
        subject.isWhole = true
        own.append(subject)
        let start = keys.count
        keys.append(contentsOf: repeatElement(0, count: keyBytes))
        keys.withUnsafeMutableBytes { fill($0.baseAddress! + start) }
    }

    /// The key of a subject that this process made.
    func key(_ id: Int64, keyBytes: Int) -> [UInt8]? {
        guard id >= base, id - base < own.count else { return nil }
        return Array(keys[(Int(id - base) * keyBytes)..<(Int(id - base + 1) * keyBytes)])
    }

    /// The keys of the subjects that this process made from `first` on, one behind the other.
    func keys(from first: Int64, keyBytes: Int) -> [UInt8] { Array(keys[(Int(first - base) * keyBytes)...]) }

    /// Forgets all; `base` is the next subject's number.
    mutating func forget(base: Int64) {
        self.base = base
        own.removeAll()
        keys.removeAll()
        others.removeAll()
    }
}
