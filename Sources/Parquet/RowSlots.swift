/// Which slots the rows of a chunk have. Slots count from the first that belongs to a row.
///
/// Points into the caller's buffers. Invariant, checked at the start: offsets ascend and lie within the leaf's slots.
struct RowSlots {
    let rowCount: Int
    let slotCount: Int
    /// Nil for scalars.
    private let offsets: UnsafePointer<UInt32>?
    /// For each row whether it has a list; nil where all have.
    private let presence: UnsafePointer<UInt8>?
    /// The caller's slot that slot 0 is.
    let firstSlot: Int

    /// Rows of a scalar leaf.
    init(scalarCount: Int) {
        rowCount = scalarCount
        slotCount = scalarCount
        offsets = nil
        presence = nil
        firstSlot = 0
    }

    /// Rows of a leaf in lists with `available` slots.
    ///
    /// - Throws: `.invalidColumn` if the lists do not fit.
    init(_ lists: ParquetListInput, available: Int, leaf: ParquetLeaf) throws(ParquetError) {
        func wrong(_ what: String) -> ParquetError { ParquetError(.invalidColumn, "The column \(leaf.dottedPath) \(what)") }
        guard let base = lists.offsets.baseAddress, lists.offsets.count > 1 else { throw wrong("needs offsets of a row at least") }
        let count = lists.offsets.count - 1
        var isAscending = true
        var index = 0
        while index < count {
            if base[index] > base[index + 1] { isAscending = false }
            index &+= 1
        }
        guard isAscending else { throw wrong("has offsets that do not ascend") }
        guard Int(base[count]) <= available else {
            throw wrong("has \(available) values where its rows want \(base[count])")
        }
        var hasAbsent = false
        if let presence = lists.presence {
            guard presence.count == count else { throw wrong("has \(presence.count) presence flags for \(count) rows") }
            for row in 0..<count where presence[row] == 0 {
                hasAbsent = true
                guard base[row] == base[row + 1] else { throw wrong("has elements in row \(row), whose list is absent") }
            }
            let isListOptional = leaf.maxDefinitionLevel - 1 - (leaf.isOptional ? 1 : 0) > 0
            guard isListOptional || !hasAbsent else { throw wrong("has absent lists but is required") }
        }
        rowCount = count
        firstSlot = Int(base[0])
        slotCount = Int(base[count]) - firstSlot
        offsets = base
        presence = hasAbsent ? lists.presence?.baseAddress : nil
    }

    /// Whether rows are lists.
    var areLists: Bool { offsets != nil }

    /// The slots of some rows.
    @inline(__always)
    func slots(_ rows: Range<Int>) -> Range<Int> {
        guard let offsets else { return rows }
        return Int(offsets[rows.lowerBound]) &- firstSlot..<Int(offsets[rows.upperBound]) &- firstSlot
    }

    /// Whether a row has a list at all.
    @inline(__always)
    func isPresent(_ row: Int) -> Bool { presence.map { $0[row] != 0 } ?? true }

    /// Whether no row has an element, and all lists are there or all are absent.
    var isUniformlyEmpty: Bool {
        guard areLists, slotCount == 0 else { return false }
        guard let presence else { return true }
        return (0..<rowCount).allSatisfy { (presence[$0] != 0) == (presence[0] != 0) }
    }
}
