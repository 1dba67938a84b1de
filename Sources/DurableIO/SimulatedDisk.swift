/// The state behind ``SimulatedFileSystem``: nodes with volatile and durable content, and a journal of unsynced names.
struct SimulatedDisk: Sendable {
    /// A file or directory.
    struct Node: Sendable {
        var isDirectory: Bool
        var bytes: [UInt8] = []
        var durable: [UInt8] = []
        var pending: [Change] = []
        var entries: [String: Int] = [:]
        var durableEntries: [String: Int] = [:]
        var modified: Int64 = 0
    }

    /// An unsynced change of a file's content.
    enum Change: Sendable {
        case write(offset: Int, bytes: [UInt8])
        case truncate(Int)
    }

    /// Edits of directories that reach the disk together or not at all.
    struct NameChange: Sendable {
        var edits: [(directory: Int, name: String, node: Int?)]
    }

    var nodes = [Node(isDirectory: true)]
    var journal: [NameChange] = []
    var locks: [String: Int] = [:]
    var generation = 0
    var mutationCount = 0
    var powerCutAt: Int?
    var faults: [Int: DurableIOError.Code] = [:]
    var capacityBytes: UInt64?
    var isCrashed = false

    // MARK: Looking up

    private func components(_ path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map(String.init)
    }

    func find(_ path: String) -> Int? {
        var id = 0
        for name in components(path) {
            guard nodes[id].isDirectory, let next = nodes[id].entries[name] else { return nil }
            id = next
        }
        return id
    }

    func file(_ path: String) throws(DurableIOError) -> Int {
        guard let id = find(path) else { throw missing(path) }
        guard !nodes[id].isDirectory else { throw DurableIOError(.wrongKind, "is a directory", path: path) }
        return id
    }

    func directory(_ path: String) throws(DurableIOError) -> Int {
        guard let id = find(path) else { throw missing(path) }
        guard nodes[id].isDirectory else { throw DurableIOError(.wrongKind, "is not a directory", path: path) }
        return id
    }

    private func parent(_ path: String) throws(DurableIOError) -> (directory: Int, name: String) {
        var parts = components(path)
        guard let name = parts.popLast() else { throw DurableIOError(.wrongKind, "is the root", path: path) }
        return (try directory(parts.joined(separator: "/")), name)
    }

    private func missing(_ path: String) -> DurableIOError {
        DurableIOError(.notFound, "cannot open: No such file or directory (check the path)", path: path)
    }

    func status(of id: Int) -> FileStatus {
        FileStatus(
            kind: nodes[id].isDirectory ? .directory : .file, sizeBytes: UInt64(nodes[id].bytes.count),
            modifiedMicroseconds: nodes[id].modified, device: 1, inode: UInt64(id), permissions: 0o600)
    }

    // MARK: Mutations

    /// Counts a mutation; throws when the power goes out before it or a fault is due.
    private mutating func beginMutation(_ path: String) throws(DurableIOError) {
        if mutationCount == powerCutAt {
            isCrashed = true
            throw DurableIOError.powerIsOff
        }
        defer { mutationCount += 1 }
        if let code = faults.removeValue(forKey: mutationCount) {
            throw DurableIOError(code, "failed as the test asked", path: path)
        }
    }

    private mutating func change(_ edits: [(directory: Int, name: String, node: Int?)]) {
        for edit in edits { nodes[edit.directory].entries[edit.name] = edit.node }
        journal.append(NameChange(edits: edits))
    }

    mutating func open(_ path: String, _ mode: OpenMode) throws(DurableIOError) -> Int {
        if find(path) != nil {
            guard mode != .createNew else {
                throw DurableIOError(.exists, "cannot create: File exists (choose another path or remove it first)", path: path)
            }
            return try file(path)
        }
        guard mode == .createNew || mode == .readWriteCreating else { throw missing(path) }
        let (directory, name) = try parent(path)
        try beginMutation(path)
        nodes.append(Node(isDirectory: false))
        change([(directory, name, nodes.count - 1)])
        return nodes.count - 1
    }

    mutating func createDirectory(_ path: String) throws(DurableIOError) {
        guard find(path) == nil else { throw DurableIOError(.exists, "cannot create directory: File exists", path: path) }
        let (directory, name) = try parent(path)
        try beginMutation(path)
        nodes.append(Node(isDirectory: true))
        change([(directory, name, nodes.count - 1)])
    }

    mutating func rename(_ source: String, to destination: String) throws(DurableIOError) {
        guard let id = find(source) else { throw missing(source) }
        let from = try parent(source)
        let to = try parent(destination)
        try beginMutation(source)
        change([(from.directory, from.name, nil), (to.directory, to.name, id)])
    }

    mutating func remove(_ path: String) throws(DurableIOError) {
        guard let id = find(path) else { throw missing(path) }
        guard nodes[id].entries.isEmpty else { throw DurableIOError(.exists, "cannot remove: Directory not empty", path: path) }
        let (directory, name) = try parent(path)
        try beginMutation(path)
        change([(directory, name, nil)])
    }

    mutating func write(_ bytes: [UInt8], to id: Int, at offset: Int, path: String) throws(DurableIOError) {
        try beginMutation(path)
        if let capacityBytes {
            let grown = max(0, offset + bytes.count - nodes[id].bytes.count)
            let used = nodes.reduce(0) { $0 + $1.bytes.count }
            guard UInt64(used + grown) <= capacityBytes else {
                throw DurableIOError(.noSpace, "cannot write: No space left on device", path: path)
            }
        }
        let change = Change.write(offset: offset, bytes: bytes)
        change.apply(to: &nodes[id].bytes)
        nodes[id].pending.append(change)
        nodes[id].modified += 1
    }

    mutating func truncate(_ id: Int, to size: Int, path: String) throws(DurableIOError) {
        try beginMutation(path)
        let change = Change.truncate(size)
        change.apply(to: &nodes[id].bytes)
        nodes[id].pending.append(change)
        nodes[id].modified += 1
    }

    mutating func sync(_ id: Int, path: String) throws(DurableIOError) {
        try beginMutation(path)
        nodes[id].durable = nodes[id].bytes
        nodes[id].pending = []
    }

    mutating func syncDirectory(_ path: String) throws(DurableIOError) {
        let id = try directory(path)
        try beginMutation(path)
        var rest: [NameChange] = []
        for change in journal {
            if change.edits.contains(where: { $0.directory == id }) { persist(change) } else { rest.append(change) }
        }
        journal = rest
    }

    private mutating func persist(_ change: NameChange) {
        for edit in change.edits { nodes[edit.directory].durableEntries[edit.name] = edit.node }
    }

    // MARK: Power loss

    mutating func restart(_ survival: SimulatedFileSystem.Survival) {
        var coin = SplitMix64(survival)
        for change in journal where coin.keeps(survival) { persist(change) }
        journal = []
        for id in nodes.indices {
            nodes[id].entries = nodes[id].durableEntries
            for change in nodes[id].pending {
                for piece in change.sectors() where coin.keeps(survival) { piece.apply(to: &nodes[id].durable) }
            }
            nodes[id].pending = []
            nodes[id].bytes = nodes[id].durable
        }
        locks = [:]
        generation += 1
        powerCutAt = nil
        isCrashed = false
    }
}

extension SimulatedDisk.Change {
    /// Applies the change to a file's bytes; a write past the end leaves zeros between.
    func apply(to file: inout [UInt8]) {
        switch self {
        case .write(let offset, let bytes):
            if file.count < offset { file += [UInt8](repeating: 0, count: offset - file.count) }
            let overlap = min(file.count - offset, bytes.count)
            file.replaceSubrange(offset..<offset + overlap, with: bytes)
        case .truncate(let size):
            if file.count > size {
                file.removeLast(file.count - size)
            } else {
                file += [UInt8](repeating: 0, count: size - file.count)
            }
        }
    }

    /// The pieces of 512 bytes or less that a disk writes one by one.
    func sectors() -> [Self] {
        guard case .write(let offset, let bytes) = self else { return [self] }
        return stride(from: 0, to: bytes.count, by: 512).map {
            .write(offset: offset + $0, bytes: Array(bytes[$0..<min(bytes.count, $0 + 512)]))
        }
    }
}

/// The seeded generator behind random survival (Steele, Lea, Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(_ survival: SimulatedFileSystem.Survival) {
        if case .random(let seed) = survival { state = seed } else { state = 0 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func keeps(_ survival: SimulatedFileSystem.Survival) -> Bool {
        switch survival {
        case .nothing: false
        case .everything: true
        case .random: next() & 1 == 0
        }
    }
}
