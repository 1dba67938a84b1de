import Foundation

/// How much ingestion takes on at once: each figure bounds memory or time, and docs/operations.md says which.
public struct IngestLimits: Hashable, Sendable {
    /// Threads that work, the caller's among them.
    public var threads = max(1, ProcessInfo.processInfo.activeProcessorCount)
    /// Events in one batch, which has one seal; the format's own limit is 65,536.
    public var batchEvents = 65_536
    /// Rows of one source's block at most, which becomes one row group.
    public var blockRows = 262_144
    /// Events waiting at which a commit is made: of a source in `ingest`, of all sources in `run`.
    public var commitEvents = 262_144
    /// Bytes that blocks on their way may take, all together.
    public var memoryBytes = 256 << 20
    /// Bytes of files read between two looks at those.
    public var stepBytes = 1 << 20
    /// How long something waits for others before it is committed, when following.
    public var groupMilliseconds: UInt64 = 400
    /// Events of a commit below which the caller of `run` makes it by itself, at once.
    public var smallCommitEvents = 16_384

    /// The defaults.
    public init() {}

    /// Groups of blocks between reading and their commit: enough that no thread waits for another.
    var groupsInFlight: Int { threads == 1 ? 1 : threads + 1 }

    /// Bytes at which a block is full: blocks on their way and one being filled for each thread share the memory, and a column may have twice
    /// the room that it fills.
    var blockBytes: Int { max(1 << 20, memoryBytes / (2 * (threads + groupsInFlight))) }

    /// Rows at which a reader hands its block on, between two steps: what another step may bring still fits in.
    var cutRows: Int { max(1, min(commitEvents, blockRows - blockRows / 8)) }

    /// Rows from which on a reader hands its block on where a thread has nothing to do.
    var earlyCutRows: Int { min(16_384, cutRows) }
}
