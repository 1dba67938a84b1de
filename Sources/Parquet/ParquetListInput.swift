/// Which elements each row of a list or map field has, borrowed like ``ParquetLeafInput``.
public struct ParquetListInput {
    /// Where each row's elements begin in the leaf's slots, and at the end where the last row's end: one more than there are rows,
    /// ascending. The first need not be 0: slots before it are left out.
    public let offsets: UnsafeBufferPointer<UInt32>

    /// For each row 1 if it has a list at all, else 0; nil says that all have one. An absent list has no elements.
    public let presence: UnsafeBufferPointer<UInt8>?

    /// Makes a description; the encoder checks it.
    public init(offsets: UnsafeBufferPointer<UInt32>, presence: UnsafeBufferPointer<UInt8>? = nil) {
        self.offsets = offsets
        self.presence = presence
    }

    /// How many rows there are.
    public var rowCount: Int { max(0, offsets.count - 1) }
}
