/// Where a matching row lies, and what orders it. A row without a time sorts last.
struct Hit: Sendable {
    let time: Int64
    let seq: Int64
    /// Place of its segment among the scan's.
    let segment: UInt32
    /// Counted from the segment's beginning.
    let row: UInt32

    @inline(__always)
    static func isBefore(_ a: Hit, _ b: Hit) -> Bool { a.time != b.time ? a.time < b.time : a.seq < b.seq }
}
