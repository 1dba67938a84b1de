/// A column of integers on their way into the store, one slot per row.
///
/// Not thread-safe while it is being built; readers may share it.
public final class IntegerColumn: @unchecked Sendable {
    /// What a slot without a value holds.
    public static let absent = Int64.min

    private let slots: GrowingBuffer<Int64>

    /// An empty column with room for `capacity` slots.
    public init(capacity: Int = 16) { slots = GrowingBuffer(capacity: capacity) }

    /// The slots of another column in another order.
    init(_ other: IntegerColumn, order: UnsafeBufferPointer<Int32>) {
        slots = GrowingBuffer(other.slots, order: order)
    }

    deinit { slots.deallocate() }

    /// Number of slots.
    public var count: Int { slots.count }
    /// The slots; ``absent`` where there is no value. Valid until the column grows; values may be changed in place.
    public var values: UnsafeMutableBufferPointer<Int64> { UnsafeMutableBufferPointer(start: slots.base, count: slots.count) }

    /// The value of a slot, nil where it has none.
    public subscript(slot: Int) -> Int64? {
        guard slot < slots.count, slots[slot] != Self.absent else { return nil }
        return slots[slot]
    }

    /// Adds a slot. ``absent`` adds one without a value.
    public func append(_ value: Int64) { slots.append(value) }

    /// Adds slots without a value up to a number of slots.
    public func pad(to count: Int) { slots.pad(to: count, with: Self.absent) }

    /// Adds slots with this value up to a number of slots.
    public func pad(to count: Int, with value: Int64) { slots.pad(to: count, with: value) }

    /// Takes away the slots from `count` on.
    public func truncate(to count: Int) { slots.count = min(slots.count, count) }

    /// Replaces the value of a slot.
    public func set(_ slot: Int, _ value: Int64) { slots[slot] = value }

    func keepSlots(_ keep: UnsafeBufferPointer<Int32>) { slots.keep(keep) }
}
