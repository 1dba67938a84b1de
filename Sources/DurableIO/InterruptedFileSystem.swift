import Synchronization

/// Passes everything on to another file system until a chosen mutation, then fails for ever as a killed process would.
///
/// For tests of stores that keep part of their state in files which cannot be simulated (SQLite): the same counter serves for
/// both, through ``step(_:)``. Unlike ``SimulatedFileSystem`` it loses nothing that was written.
public final class InterruptedFileSystem: FileSystem {
    private struct State {
        var count = 0
        var stopAt: Int?
        var isStopped = false
    }

    private let base: any FileSystem
    private let state = Mutex(State())

    /// Wraps a file system; `stopBeforeMutation` is counted from 0.
    public init(_ base: any FileSystem, stopBeforeMutation: Int? = nil) {
        self.base = base
        state.withLock { $0.stopAt = stopBeforeMutation }
    }

    /// Number of mutations that passed.
    public var mutationCount: Int { state.withLock { $0.count } }

    /// Counts one mutation of the caller's own, by name, as a place where the process may die.
    public func step(_ name: String) throws(DurableIOError) {
        try state.withLock { state throws(DurableIOError) in
            if state.count == state.stopAt { state.isStopped = true }
            guard !state.isStopped else { throw DurableIOError(.crashed, "interrupted before \(name)", path: "") }
            state.count += 1
        }
    }

    private func check() throws(DurableIOError) {
        let isStopped = state.withLock { $0.isStopped }
        if isStopped { throw DurableIOError(.crashed, "interrupted", path: "") }
    }

    public func open(_ path: String, _ mode: OpenMode) throws(DurableIOError) -> any OpenFile {
        if mode == .read { try check() } else { try step("open \(path)") }
        return InterruptedFile(try base.open(path, mode), self)
    }

    public func status(_ path: String) throws(DurableIOError) -> FileStatus? {
        try check()
        return try base.status(path)
    }

    public func list(_ directory: String) throws(DurableIOError) -> [String] {
        try check()
        return try base.list(directory)
    }

    public func createDirectory(_ path: String) throws(DurableIOError) {
        try step("create directory \(path)")
        try base.createDirectory(path)
    }

    public func rename(_ source: String, to destination: String) throws(DurableIOError) {
        try step("rename \(source)")
        try base.rename(source, to: destination)
    }

    public func remove(_ path: String) throws(DurableIOError) {
        try step("remove \(path)")
        try base.remove(path)
    }

    public func syncDirectory(_ path: String) throws(DurableIOError) {
        try step("sync directory \(path)")
        try base.syncDirectory(path)
    }

    public func map(_ path: String) throws(DurableIOError) -> FileBytes {
        try check()
        return try base.map(path)
    }

    public func lock(_ path: String) throws(DurableIOError) -> any FileLock {
        try check()
        return try base.lock(path)
    }
}

/// An open file behind ``InterruptedFileSystem``.
private final class InterruptedFile: OpenFile {
    private let base: any OpenFile
    private let owner: InterruptedFileSystem

    init(_ base: any OpenFile, _ owner: InterruptedFileSystem) {
        self.base = base
        self.owner = owner
    }

    var path: String { base.path }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DurableIOError) -> Int {
        try base.read(into: buffer, at: offset)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(DurableIOError) {
        try owner.step("write \(path)")
        try base.write(bytes, at: offset)
    }

    func truncate(to sizeBytes: UInt64) throws(DurableIOError) {
        try owner.step("truncate \(path)")
        try base.truncate(to: sizeBytes)
    }

    func sync() throws(DurableIOError) {
        try owner.step("sync \(path)")
        try base.sync()
    }

    func status() throws(DurableIOError) -> FileStatus { try base.status() }

    func close() { base.close() }
}
