import AuditModel
import Parquet

/// A text column of a segment with its typed siblings: leaves of ``SegmentSchema``.
struct SegmentColumn {
    /// The text's leaf.
    let leaf: Int
    /// The leaf of the first sibling, -1 where it has none.
    let firstSibling: Int

    /// The column of a field.
    static func text(_ field: EventField) -> SegmentColumn { texts[Int(field.rawValue)] }

    /// A member of a list.
    static func member(_ list: SegmentList, _ member: Int) -> SegmentColumn {
        let first = leaves(of: list).lowerBound
        return SegmentColumn(
            leaf: first + member, firstSibling: list == .targets && member == 1 ? first + SegmentSchema.firstTargetSibling : -1)
    }

    /// The leaf of an integer column.
    static func leaf(of integer: SegmentInteger) -> Int { integers[integer] ?? 0 }

    /// The leaf of what times have beyond whole milliseconds.
    static let timeMicros = SegmentSchema.parquet.leafRanges[SegmentSchema.timeMicros].lowerBound

    /// The leaves of a list.
    static func leaves(of list: SegmentList) -> Range<Int> { lists[list] ?? 0..<0 }

    /// The typed form that a row group keeps values in, nil where it keeps texts alone.
    @inline(__always)
    func typed(_ file: SegmentFile, _ rowGroup: Int) -> TypedForm? {
        guard firstSibling >= 0 else { return nil }
        if file.use(firstSibling + TypedForm.uuidSibling, rowGroup: rowGroup) != .absent { return .uuid }
        if file.use(firstSibling + TypedForm.hexSibling, rowGroup: rowGroup) != .absent { return .hex }
        if file.use(firstSibling + TypedForm.numberSibling, rowGroup: rowGroup) != .absent { return .number }
        return nil
    }

    private static let texts: [SegmentColumn] = EventField.allCases.map { field in
        let schema = SegmentSchema.parquet
        return SegmentColumn(
            leaf: schema.leafRanges[SegmentSchema.firstText + Int(field.rawValue)].lowerBound,
            firstSibling: SegmentSchema.firstSibling(of: field).map { schema.leafRanges[$0].lowerBound } ?? -1)
    }

    private static let integers: [SegmentInteger: Int] = Dictionary(
        uniqueKeysWithValues: SegmentInteger.allCases.enumerated().map { ($1, SegmentSchema.parquet.leafRanges[$0].lowerBound) })

    private static let lists: [SegmentList: Range<Int>] = Dictionary(
        uniqueKeysWithValues: SegmentList.allCases.enumerated().map { place, list in
            let leaves = SegmentSchema.parquet.leafRanges[SegmentSchema.firstList + place]
            return (list, leaves.lowerBound..<leaves.upperBound)
        })
}
