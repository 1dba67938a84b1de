/// One page of an integer column. Immutable; the memory lives as long as the object.
public final class PageIntegers: @unchecked Sendable {
    // Safe to share: written in init alone.

    /// What a slot without a value holds.
    public static let absent = Int64.min

    /// The values; ``absent`` where there is none.
    public let values: UnsafeBufferPointer<Int64>
    /// Whether a slot may be without a value.
    public let mayLackValues: Bool
    /// Whether values are there in every slot and never descend.
    public let isAscending: Bool

    /// Takes over `values`, which are freed with this object.
    init(_ values: UnsafeBufferPointer<Int64>) {
        self.values = values
        var lacks = false
        var ascends = true
        var previous = Int64.min
        var i = 0
        while i < values.count {
            let value = values[i]
            lacks = lacks || value == Self.absent
            ascends = ascends && value >= previous
            previous = value
            i &+= 1
        }
        mayLackValues = lacks
        isAscending = ascends && !lacks
    }

    /// Ascending values without a hole.
    convenience init(from first: Int64, count: Int) {
        let memory = UnsafeMutableBufferPointer<Int64>.allocate(capacity: max(1, count))
        var i = 0
        while i < count {
            memory[i] = first &+ Int64(i)
            i &+= 1
        }
        self.init(UnsafeBufferPointer(rebasing: memory[..<count]))
    }

    /// A copy.
    convenience init(copying values: UnsafeBufferPointer<Int64>) {
        let memory = UnsafeMutableBufferPointer<Int64>.allocate(capacity: max(1, values.count))
        _ = memory.initialize(from: values)
        self.init(UnsafeBufferPointer(rebasing: memory[..<values.count]))
    }

    /// The same value in all slots, or none in any.
    convenience init(uniform value: Int64?, count: Int) {
        let memory = UnsafeMutableBufferPointer<Int64>.allocate(capacity: max(1, count))
        memory.initialize(repeating: value ?? Self.absent)
        self.init(UnsafeBufferPointer(rebasing: memory[..<count]))
    }

    deinit { values.deallocate() }

    /// Number of slots.
    public var count: Int { values.count }

    /// Memory that it takes, about.
    var costBytes: Int { 8 * values.count + 64 }

    /// The value of a slot, nil where it has none.
    public subscript(slot: Int) -> Int64? { values[slot] == Self.absent ? nil : values[slot] }
}
