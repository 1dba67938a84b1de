/// How far one content of a source has been read. It changes only in the commit that stores the events before it.
public struct CursorRow: Hashable, Sendable {
    /// Id of the source.
    public var source: String
    /// What is being read: the keyed fingerprint of a file's beginning, or the name of a stream.
    public var contentID: String
    /// Decompressed bytes that are accounted for.
    public var offset: UInt64
    /// Records that are accounted for.
    public var records: UInt64
    /// What the collector and the parser need to go on; opaque here.
    public var state: [UInt8]

    /// Makes a row.
    public init(source: String, contentID: String, offset: UInt64, records: UInt64 = 0, state: [UInt8] = []) {
        self.source = source
        self.contentID = contentID
        self.offset = offset
        self.records = records
        self.state = state
    }
}

/// A stretch of content that a batch accounts for: one row of the ledger.
public struct ContentRange: Hashable, Sendable {
    /// What was read: the same id as the cursor's.
    public var contentID: String
    /// The stretch, in decompressed bytes.
    public var bytes: Range<UInt64>
    /// Its records and what became of them.
    public var counts: RecordCounts

    /// Makes a range.
    public init(contentID: String, bytes: Range<UInt64>, counts: RecordCounts) {
        self.contentID = contentID
        self.bytes = bytes
        self.counts = counts
    }
}
