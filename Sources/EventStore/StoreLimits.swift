/// Every limit of the store, in one place, each with what happens at it. They are part of the format: a reader may rely on them.
/// docs/limits.md has them beside those of records, files and ingestion, which lie in modules that the store does not know.
public enum StoreLimits {
    /// Events in one batch. Ingestion closes the batch and goes on with the next; a draft with more is refused (`invalidDraft`).
    public static let batchEvents = 65_536
    /// Bytes of one log entry in canonical JSON. A longer one is refused (`entryTooLarge`), and nothing is committed.
    public static let entryBytes = 16_384
    /// Names in a seal's `dropped`, `other` not counted. Rarer names are summed as `other`.
    public static let droppedNames = 64
    /// Stretches of a content in one `reparse` entry. Ingestion writes another entry for the rest; a draft with more is refused (`invalidDraft`).
    public static let reparseRanges = 256
    /// Bytes of a source id, instance, parser id or policy id. A longer one is refused (`invalidDraft`).
    public static let identifierBytes = 256
    /// Rows of a row group at ingest. Drafts over it go to the next row group; a prepared one with more is refused (`invalidDraft`).
    public static let rowGroupRows = 262_144
    /// Rows of a row group after compaction. The rest goes to the next.
    public static let compactedRowGroupRows = 524_288
    /// Bytes of one page of a column before compression, and of a dictionary: below it pages are cut by rows alone. A batch whose texts are
    /// longer is refused (`invalidDraft`); ingestion closes a block long before.
    public static let columnBytes = 256 << 20
    /// Rows of a page of a segment: of every column alike.
    public static let pageRows = 4_096
    /// Segments that one store handle keeps mapped; the one used longest ago is let go for the next.
    public static let mappedSegments = 1_024
    /// Leaves under one subtree root of an index file.
    public static let subtreeLeaves = 256
    /// Events in one commit, over all its batches. More are refused (`invalidDraft`).
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
