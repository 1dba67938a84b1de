import AuditModel

/// How the keys of a group are packed into one 64-bit number: the time bucket on top, then the fields, then the value whose distinct ones
/// are counted.
struct GroupKey: Sendable {
    /// One part of the number.
    struct Part: Sendable {
        let shift: UInt64
        let bits: UInt64
        var mask: UInt64 { (1 << bits) - 1 }

        func value(_ key: UInt64) -> UInt64 { key >> shift & mask }
    }

    /// A row that belongs to no group.
    static let none = UInt64.max

    let bucket: Part?
    let fields: [Part]
    /// The value's own part, lowest; nil for counts.
    let value: Part?
    /// Bits in use.
    let bits: UInt64
    /// The first bucket's number; part value 0 means no time, 1 the first bucket.
    let firstBucket: Int64

    /// - Parameters:
    ///   - fieldCounts: For each key how many numbers it may have, 0 for absent included.
    ///   - valueCount: The same for the measured field; nil where none is.
    ///   - buckets: First and last bucket; nil without.
    /// - Throws: ``QueryError`` when the parts need more than 62 bits.
    init(fieldCounts: [Int], valueCount: Int?, buckets: ClosedRange<Int64>?) throws(QueryError) {
        var shift: UInt64 = 0
        func part(_ count: Int) -> Part {
            let bits = UInt64(Int.bitWidth - max(count - 1, 1).leadingZeroBitCount)
            defer { shift += bits }
            return Part(shift: shift, bits: bits)
        }
        value = valueCount.map(part)
        fields = fieldCounts.reversed().map(part).reversed()
        bucket = buckets.map { part(Int($0.upperBound - $0.lowerBound) + 2) }
        firstBucket = buckets?.lowerBound ?? 0
        bits = shift
        guard shift <= 62 else {
            throw QueryError(.notAnswerable, "these fields together have too many different values to group by: leave one out, or narrow the filter")
        }
    }

    /// The key without the measured value: what makes the group.
    func group(_ key: UInt64) -> UInt64 { value.map { key & ~$0.mask } ?? key }
}
