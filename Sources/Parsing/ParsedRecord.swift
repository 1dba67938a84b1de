import AuditModel

/// One record of a source and what became of it. Its bytes are valid only inside the call that hands it over.
public struct ParsedRecord {
    /// What became of a record.
    public enum Result: Sendable {
        /// The events that it holds; usually one.
        case events([ParsedEvent])
        /// It could not be read; the reason holds nothing of the record.
        case quarantined(reason: String)
        /// A rule of the definition passes over it; counted under the rule's name.
        case skipped(rule: String)
    }

    /// The line of the source on which the record begins, from one.
    public let firstLine: Int
    /// Its place in the decompressed source, in bytes.
    public let range: Range<UInt64>
    /// Its bytes without the line end. For a record beyond the size limit only its beginning.
    public let bytes: UnsafeRawBufferPointer
    public let result: Result

    /// A record with what became of it.
    public init(firstLine: Int, range: Range<UInt64>, bytes: UnsafeRawBufferPointer, result: Result) {
        self.firstLine = firstLine
        self.range = range
        self.bytes = bytes
        self.result = result
    }
}

/// What a parser must know that the source's bytes do not say.
public struct ParseOptions: Hashable, Sendable {
    /// The source's id; becomes the event's `source`.
    public var source: String?
    /// The instance; becomes the event's `instance`.
    public var instance: String?
    /// IANA name of the zone of stamps without one; nil for UTC.
    public var timezone: String?
    /// When the file was last written: years of stamps without one hang on it.
    public var fileModified: Timestamp
    /// When the records were read; nil leaves the event's `observed` absent.
    public var observed: Timestamp?

    public init(
        source: String? = nil, instance: String? = nil, timezone: String? = nil, fileModified: Timestamp, observed: Timestamp? = nil
    ) {
        self.source = source
        self.instance = instance
        self.timezone = timezone
        self.fileModified = fileModified
        self.observed = observed
    }
}
