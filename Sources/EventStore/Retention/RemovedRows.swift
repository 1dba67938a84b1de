public import AuditModel
public import TransparencyLog

/// What retention deleted of one batch: exact index ranges, and the hashes that stand for them.
///
/// With the rows that are left the hashes still give the batch's `rowsRoot`, so deleting rows breaks no proof of another.
public struct RemovedRows: Hashable, Sendable {
    /// Indexes in the batch, joined where they touch.
    public let rows: IndexRanges
    /// The fewest complete subtrees over them.
    public let subtrees: [PrunedSubtree]
    /// The `retention` entry that removed the last of them.
    public let entry: UInt64

    /// Number of rows.
    public var count: Int { rows.count }

    /// Whether the row at an index was deleted.
    public func contains(_ index: Int) -> Bool { rows.contains(index) }
}
