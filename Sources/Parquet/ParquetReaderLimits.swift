/// What a file may ask of the reader: against files made to exhaust memory.
public struct ParquetReaderLimits: Hashable, Sendable {
    /// The most bytes a page may have after decompression.
    public var pageBytes = 256 << 20
    /// The most rows a row group may have.
    public var rowGroupRows = 1 << 24
    /// The most values a leaf may have in a row group.
    public var chunkValues = 1 << 26
    /// The most bytes the footer may have.
    public var footerBytes = 64 << 20
    /// The most leaves the schema may have.
    public var leafCount = 10_000

    /// The defaults.
    public init() {}
}
