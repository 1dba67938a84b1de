/// A column that the rows of a file are sorted by.
public struct ParquetSortingColumn: Hashable, Sendable {
    /// The field's name; it must be a scalar.
    public let field: String
    /// Whether values descend.
    public let isDescending: Bool
    /// Whether absent values come first.
    public let areNullsFirst: Bool

    /// Makes a sorting column.
    public init(_ field: String, isDescending: Bool = false, areNullsFirst: Bool = true) {
        self.field = field
        self.isDescending = isDescending
        self.areNullsFirst = areNullsFirst
    }
}

/// How a file is written. Everything has a sensible default.
public struct ParquetWriterOptions: Hashable, Sendable {
    /// The zstd level of every page: 1 (fast) to 19 (small). See docs/decisions/0011-zstd-level.md.
    public var compressionLevel: Int32 = 1

    /// A page ends after this many rows …
    public var pageRowCount = 20_000

    /// … or once it holds about this many bytes before compression, always at the end of a row.
    public var pageBytes = 1 << 20

    /// Names of fields whose pages get bounds (a column index), on every leaf they have; nil says all. Chunks have bounds always.
    public var pageBoundFields: Set<String>?

    /// Names of fields that get a bloom filter (on every leaf they have).
    public var bloomFilterFields: Set<String> = []

    /// Bits of bloom filter per distinct value: 10.5 give 1 % false positives, 16.9 give 0.1 %.
    public var bloomFilterBitsPerValue = 10.5

    /// What the rows are sorted by, most significant first. The writer records it and does not check it.
    public var sortingColumns: [ParquetSortingColumn] = []

    /// The writer named in the footer: `<application> version <version>`.
    public var createdBy = "proofline version 1"

    /// The defaults.
    public init() {}
}
