/// One page of a list column: row `i` has the elements `offsets[i] ..< offsets[i + 1]` of every member.
///
/// Immutable; the memory lives as long as the object. An absent list is an empty one.
public final class PageList: @unchecked Sendable {
    // Safe to share: written in init alone.

    /// Number of rows + 1 ascending values, the first 0: elements are counted from the page's beginning.
    public let offsets: UnsafeBufferPointer<UInt32>
    /// One per member of the list's elements, in the order of ``SegmentList``; slots are elements.
    public let members: [PageCodes]

    /// Takes over `offsets`, which are freed with this object.
    init(offsets: UnsafeBufferPointer<UInt32>, members: [PageCodes]) {
        (self.offsets, self.members) = (offsets, members)
    }

    /// Lists without elements.
    convenience init(emptyRows count: Int, memberCount: Int) {
        let memory = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: count + 1)
        memory.initialize(repeating: 0)
        self.init(
            offsets: UnsafeBufferPointer(memory),
            members: (0..<memberCount).map { _ in PageCodes(constant: PageCodes.absent, count: 0, dictionary: .empty) })
    }

    /// The first rows alone.
    func prefix(_ rowCount: Int) -> PageList {
        let memory = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: rowCount + 1)
        _ = memory.initialize(from: offsets[...rowCount])
        return PageList(offsets: UnsafeBufferPointer(memory), members: members.map { $0.prefix(Int(offsets[rowCount])) })
    }

    deinit { offsets.deallocate() }

    /// Number of rows.
    public var rowCount: Int { offsets.count - 1 }

    /// Whether no row has an element.
    public var isEmpty: Bool { offsets[offsets.count - 1] == 0 }

    /// The elements of a row.
    public func elements(of row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

    /// Memory that it takes, about.
    var costBytes: Int { 4 * offsets.count + 64 + members.reduce(0) { $0 + $1.costBytes } }
}
