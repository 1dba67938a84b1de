/// A column of lists: one list per row, whose elements have one or more text members.
///
/// Row `r` has the elements `offsets[r] ..< offsets[r + 1]` of each member. An empty list and an absent one are the same.
public final class ListColumn: @unchecked Sendable {
    /// The members of an element, in the order of the schema. All have as many slots as there are elements.
    public let members: [TextColumn]

    @usableFromInline let ends: GrowingBuffer<UInt32>

    /// An empty column.
    public init(memberCount: Int, capacity: Int = 16) {
        members = (0..<memberCount).map { _ in TextColumn() }
        ends = GrowingBuffer(capacity: capacity + 1)
        ends.append(0)
    }

    /// The rows of another column in another order.
    init(_ other: ListColumn, order: UnsafeBufferPointer<Int32>) {
        ends = GrowingBuffer(capacity: order.count + 1)
        ends.append(0)
        var elements: [Int32] = []
        elements.reserveCapacity(other.elementCount)
        for row in order {
            for element in other.elements(of: Int(row)) { elements.append(Int32(truncatingIfNeeded: element)) }
            ends.append(UInt32(truncatingIfNeeded: elements.count))
        }
        members = elements.withUnsafeBufferPointer { order in other.members.map { TextColumn($0, order: order) } }
    }

    deinit { ends.deallocate() }

    /// Number of rows whose list is ended.
    public var rowCount: Int { ends.count &- 1 }
    /// Elements so far, those of a row that is not ended included.
    public var elementCount: Int { members[0].count }
    /// ``rowCount`` + 1 ascending values, the first 0. Valid until the column grows.
    public var offsets: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: ends.base, count: ends.count) }

    /// The elements of a row.
    public func elements(of row: Int) -> Range<Int> { Int(ends[row])..<Int(ends[row &+ 1]) }

    /// Ends the lists of rows up to `rowCount`: what was added since the last call belongs to the first of them.
    @inline(__always)
    public func endRows(to rowCount: Int) {
        ends.pad(to: rowCount &+ 1, with: UInt32(truncatingIfNeeded: members[0].count))
    }

    /// Adds an element from texts, nil for a member that is not there.
    public func append(_ texts: String?...) {
        for (member, text) in zip(members, texts) {
            if let text { member.append(text) } else { member.append(code: TextColumn.absent) }
        }
    }

    /// Takes away the elements that were added since the last row's end.
    public func cancelRow() {
        let count = Int(ends[ends.count &- 1])
        for member in members { member.truncate(to: count) }
    }

    /// Takes away the rows from `rowCount` on.
    public func truncate(toRow rowCount: Int) {
        guard rowCount < self.rowCount else { return }
        ends.count = rowCount &+ 1
        cancelRow()
    }

    /// Takes away elements.
    ///
    /// - Parameter elements: Ascending.
    public func remove(elements: [Int]) {
        guard !elements.isEmpty else { return }
        var kept: [Int32] = []
        kept.reserveCapacity(members[0].count - elements.count)
        var next = 0
        var start = 0
        for row in 0..<rowCount {
            let end = Int(ends[row + 1])
            for element in start..<end {
                if next < elements.count, elements[next] == element { next += 1 } else { kept.append(Int32(element)) }
            }
            start = end
            ends[row + 1] = UInt32(truncatingIfNeeded: kept.count)
        }
        for member in members { kept.withUnsafeBufferPointer { member.keepSlots($0) } }
    }

    func keepRows(_ keep: UnsafeBufferPointer<Int32>) {
        var slots: [Int32] = []
        var place = 0
        for row in keep {
            for element in elements(of: Int(row)) { slots.append(Int32(truncatingIfNeeded: element)) }
            place &+= 1
            // Rows only move down, so the end that is overwritten was read already.
            ends[place] = UInt32(truncatingIfNeeded: slots.count)
        }
        ends.count = keep.count &+ 1
        for member in members { slots.withUnsafeBufferPointer { member.keepSlots($0) } }
    }
}
