import AuditModel
import Parquet

/// A text column of a segment with its typed siblings: leaves of ``SegmentSchema``.
struct SegmentColumn {
    /// The text's leaf.
    let leaf: Int
    /// The leaf of the first sibling, -1 where it has none.
    let firstSibling: Int
    /// The leaf that names another column of the row which says the same, -1 where it has none.
    let reference: Int
    /// Columns that ``reference`` may name.
    let referred: [EventField]

    /// The ids of targets.
    static let targetID = member(.targets, 1)

    /// The column of a field.
    static func text(_ field: EventField) -> SegmentColumn { texts[Int(field.rawValue)] }

    /// A member of a list.
    static func member(_ list: SegmentList, _ member: Int) -> SegmentColumn {
        let leaf = leaves(of: list).lowerBound + member
        guard list == .targets, member == 1 else { return SegmentColumn(leaf: leaf, firstSibling: -1, reference: -1, referred: []) }
        let leaves = SegmentSchema.parquet.leafRanges
        return SegmentColumn(
            leaf: leaf, firstSibling: leaves[SegmentSchema.firstTargetSibling].lowerBound,
            reference: leaves[SegmentSchema.targetReference].lowerBound, referred: SegmentSchema.targetReferred)
    }

    /// The leaf of the name of an attribute with a column of its own.
    static func attributeName(_ place: Int) -> Int { firstAttribute + 2 * place }

    /// The leaf of its values.
    static func attributeValue(_ place: Int) -> Int { firstAttribute + 2 * place + 1 }

    private static let firstAttribute = SegmentSchema.parquet.leafRanges[SegmentSchema.firstAttribute].lowerBound

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

    /// Whether it is a member of a list: slots are elements.
    var isElement: Bool { SegmentSchema.parquet.leaves[leaf].maxRepetitionLevel > 0 }

    /// The siblings of a member that a row group uses. They are lists of their own, which must have the same elements.
    func siblings(_ file: SegmentFile, _ rowGroup: Int) -> [Int] {
        guard firstSibling >= 0 else { return [] }
        return TypedForm.siblings.indices.map { firstSibling + $0 }.filter { file.use($0, rowGroup: rowGroup) != .absent }
    }

    /// All leaves of a member that a row group uses.
    func leaves(_ file: SegmentFile, _ rowGroup: Int) -> [Int] {
        [leaf, reference].filter { $0 >= 0 && file.use($0, rowGroup: rowGroup) != .absent } + siblings(file, rowGroup)
    }

    /// Whether values of a row group may stand in other columns of their rows.
    @inline(__always)
    func mayRefer(_ file: SegmentFile, _ rowGroup: Int) -> Bool { reference >= 0 && file.use(reference, rowGroup: rowGroup) != .absent }

    private static let texts: [SegmentColumn] = EventField.allCases.map { field in
        let schema = SegmentSchema.parquet
        return SegmentColumn(
            leaf: schema.leafRanges[SegmentSchema.firstText + Int(field.rawValue)].lowerBound,
            firstSibling: SegmentSchema.firstSibling(of: field).map { schema.leafRanges[$0].lowerBound } ?? -1,
            reference: field == .correlation ? schema.leafRanges[SegmentSchema.correlationReference].lowerBound : -1,
            referred: field == .correlation ? SegmentSchema.correlationReferred : [])
    }

    private static let integers: [SegmentInteger: Int] = Dictionary(
        uniqueKeysWithValues: SegmentInteger.allCases.enumerated().map { ($1, SegmentSchema.parquet.leafRanges[$0].lowerBound) })

    private static let lists: [SegmentList: Range<Int>] = Dictionary(
        uniqueKeysWithValues: SegmentList.allCases.enumerated().map { place, list in
            let leaves = SegmentSchema.parquet.leafRanges[SegmentSchema.firstList + place]
            return (list, leaves.lowerBound..<leaves.upperBound)
        })
}
