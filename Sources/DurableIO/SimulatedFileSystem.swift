import Synchronization

/// A disk in memory that forgets what was not synced when the machine loses power.
///
/// It is as forgetful as POSIX allows: unsynced bytes of a file may survive in any subset of sectors, and a name that was
/// created, renamed or removed may be undone unless its directory was synced. Every mutation is numbered, so a test can cut
/// the power before each of them in turn, restart, and look at what its store makes of the remains.
public final class SimulatedFileSystem: FileSystem {
    /// What an unsynced change becomes when the power fails.
    public enum Survival: Hashable, Sendable {
        /// Only synced bytes and synced names remain.
        case nothing
        /// The disk happened to have written all of it.
        case everything
        /// Each change, and each 512-byte sector of a write, survives or not by the toss of a seeded coin.
        case random(seed: UInt64)
    }

    private let state = Mutex(SimulatedDisk())

    /// An empty disk with a root directory.
    public init() {}

    /// Number of mutations so far: writes, truncations, syncs, and changes of names.
    public var mutationCount: Int { state.withLock { $0.mutationCount } }

    /// Bytes that all files together may hold; beyond it a write fails with ``DurableIOError/Code-swift.enum/noSpace``.
    public func limitCapacity(toBytes capacity: UInt64?) {
        state.withLock { $0.capacityBytes = capacity }
    }

    /// Cuts the power just before the mutation with this number (counted from 0 since the disk was made).
    ///
    /// From then on every operation throws ``DurableIOError/Code-swift.enum/crashed`` until ``restart(_:)``.
    public func cutPower(beforeMutation number: Int?) {
        state.withLock { $0.powerCutAt = number }
    }

    /// Makes the mutation with this number fail with a code, once, without effect.
    public func fail(mutation number: Int, with code: DurableIOError.Code) {
        state.withLock { $0.faults[number] = code }
    }

    /// Loses what was not synced, as `survival` says, drops all locks and open files, and starts again.
    public func restart(_ survival: Survival = .nothing) {
        state.withLock { $0.restart(survival) }
    }

    /// Flips bits in a file as a failing disk would, durable at once.
    public func corrupt(_ path: String, at offset: Int, xor mask: UInt8 = 0xFF) throws(DurableIOError) {
        try run { disk throws(DurableIOError) in
            let id = try disk.file(path)
            guard offset < disk.nodes[id].bytes.count else {
                throw DurableIOError(.truncated, "has no byte at \(offset)", path: path)
            }
            disk.nodes[id].bytes[offset] ^= mask
            if offset < disk.nodes[id].durable.count { disk.nodes[id].durable[offset] ^= mask }
        }
    }

    public func open(_ path: String, _ mode: OpenMode) throws(DurableIOError) -> any OpenFile {
        let (node, generation) = try run { disk throws(DurableIOError) in
            (try disk.open(path, mode), disk.generation)
        }
        return SimulatedFile(self, path: path, node: node, generation: generation)
    }

    public func status(_ path: String) throws(DurableIOError) -> FileStatus? {
        try run { disk throws(DurableIOError) in disk.find(path).map { disk.status(of: $0) } }
    }

    public func list(_ directory: String) throws(DurableIOError) -> [String] {
        try run { disk throws(DurableIOError) in
            let id = try disk.directory(directory)
            return disk.nodes[id].entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    public func createDirectory(_ path: String) throws(DurableIOError) {
        try run { disk throws(DurableIOError) in try disk.createDirectory(path) }
    }

    public func rename(_ source: String, to destination: String) throws(DurableIOError) {
        try run { disk throws(DurableIOError) in try disk.rename(source, to: destination) }
    }

    public func remove(_ path: String) throws(DurableIOError) {
        try run { disk throws(DurableIOError) in try disk.remove(path) }
    }

    public func syncDirectory(_ path: String) throws(DurableIOError) {
        try run { disk throws(DurableIOError) in try disk.syncDirectory(path) }
    }

    public func map(_ path: String) throws(DurableIOError) -> FileBytes {
        FileBytes(try run { disk throws(DurableIOError) in disk.nodes[try disk.file(path)].bytes })
    }

    public func lock(_ path: String) throws(DurableIOError) -> any FileLock {
        try run { disk throws(DurableIOError) in
            guard disk.locks[path] == nil else {
                throw DurableIOError(
                    .locked(holder: 1), "is in use by process 1: stop it, or wait until it has finished", path: path)
            }
            _ = try disk.open(path, .readWriteCreating)
            disk.locks[path] = disk.generation
        }
        return SimulatedFileLock(self, path: path)
    }

    /// Runs an operation under the lock, unless the power is off.
    func run<R: Sendable>(
        _ body: (inout sending SimulatedDisk) throws(DurableIOError) -> sending R
    ) throws(DurableIOError) -> sending R {
        try state.withLock { disk throws(DurableIOError) in
            guard !disk.isCrashed else { throw DurableIOError.powerIsOff }
            return try body(&disk)
        }
    }

    func unlock(_ path: String) {
        state.withLock { _ = $0.locks.removeValue(forKey: path) }
    }
}

extension DurableIOError {
    static let powerIsOff = DurableIOError(.crashed, "the simulated machine has lost power", path: "")
}

/// An open file of the simulated disk; it is dead after a restart.
final class SimulatedFile: OpenFile {
    let path: String
    private let disk: SimulatedFileSystem
    private let node: Int
    private let generation: Int

    init(_ disk: SimulatedFileSystem, path: String, node: Int, generation: Int) {
        self.disk = disk
        self.path = path
        self.node = node
        self.generation = generation
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DurableIOError) -> Int {
        let wanted = buffer.count
        let bytes = try run { disk throws(DurableIOError) in
            let all = disk.nodes[node].bytes
            let start = Int(min(offset, UInt64(all.count)))
            return Array(all[start..<min(all.count, start + wanted)])
        }
        buffer.copyBytes(from: bytes)
        return bytes.count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(DurableIOError) {
        let copy = [UInt8](bytes)
        try run { disk throws(DurableIOError) in try disk.write(copy, to: node, at: Int(offset), path: path) }
    }

    func truncate(to sizeBytes: UInt64) throws(DurableIOError) {
        try run { disk throws(DurableIOError) in try disk.truncate(node, to: Int(sizeBytes), path: path) }
    }

    func sync() throws(DurableIOError) {
        try run { disk throws(DurableIOError) in try disk.sync(node, path: path) }
    }

    func status() throws(DurableIOError) -> FileStatus {
        try run { disk throws(DurableIOError) in disk.status(of: node) }
    }

    func close() {}

    private func run<R: Sendable>(
        _ body: (inout sending SimulatedDisk) throws(DurableIOError) -> sending R
    ) throws(DurableIOError) -> sending R {
        let generation = self.generation
        return try disk.run { disk throws(DurableIOError) in
            guard disk.generation == generation else { throw DurableIOError.powerIsOff }
            return try body(&disk)
        }
    }
}

/// A lock on the simulated disk.
final class SimulatedFileLock: FileLock {
    let path: String
    private let disk: SimulatedFileSystem
    private let isHeld = Atomic(true)

    init(_ disk: SimulatedFileSystem, path: String) {
        self.disk = disk
        self.path = path
    }

    deinit { release() }

    func release() {
        if isHeld.exchange(false, ordering: .relaxed) { disk.unlock(path) }
    }
}
