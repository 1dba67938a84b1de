/// Every limit of the store, in one place. They are part of the format: a reader may rely on them.
public enum StoreLimits {
    /// Events in one batch.
    public static let batchEvents = 65_536
    /// Bytes of one log entry in canonical JSON.
    public static let entryBytes = 16_384
    /// Names in a seal's `dropped`, `other` not counted.
    public static let droppedNames = 64
    /// Bytes of a source id, instance, parser id or policy id.
    public static let identifierBytes = 256
    /// Rows of a page of a segment: of every column alike.
    public static let pageRows = 4_096
    /// Leaves under one subtree root of an index file.
    public static let subtreeLeaves = 256
    /// Events in one commit, over all its batches.
    public static let commitEvents = 1 << 20
    /// Rows of a segment that compaction makes.
    public static let compactedRows = 524_288
    /// Segments that one compaction merges at most; what is left follows in the next.
    public static let compactedSegments = 1_024
    /// How long the files of a segment stay after its rows moved elsewhere, for readers that began before, in microseconds.
    public static let replacedFileLifeMicroseconds: Int64 = 3_600_000_000
    /// Commit time that one epoch spans at most, in microseconds.
    public static let epochMicroseconds: Int64 = 300_000_000
    /// A session that shows no sign of life for longer than this was not running, in microseconds.
    public static let stallMicroseconds: Int64 = 60_000_000
    /// Sources listed in a heartbeat; the rest is counted in `omitted`.
    public static let heartbeatSources = 200
    /// Keys of one commit from which on they become a run file rather than rows of the catalogue.
    public static let duplicateRunKeys = 16_384
    /// Keys in the catalogue's table; the commit that would exceed it makes a run of them.
    public static let duplicateTableKeys = 65_536
}
