/// A text while a record is read, or that there is none. Trivial: passing it on counts no reference.
///
/// Safety: as ``ByteSlice``: it lives as long as the record, the arena or the plan that it points into.
struct Text: BitwiseCopyable, @unchecked Sendable {
    var base: UnsafePointer<UInt8>?
    var length: Int32
    /// The number of the plan's constant that it is, or -1.
    var constant: Int32

    static let absent = Text(base: nil, length: 0, constant: -1)

    @inline(__always)
    init(base: UnsafePointer<UInt8>?, length: Int32, constant: Int32) {
        self.base = base
        self.length = length
        self.constant = constant
    }

    /// A slice as a text; one that is empty is no value.
    @inline(__always)
    init(_ slice: ByteSlice) {
        // Nothing made of one record comes near 2 GiB; what would is no value.
        let fits = slice.count > 0 && slice.count <= Int(Int32.max)
        self.init(base: fits ? slice.base : nil, length: fits ? Int32(truncatingIfNeeded: slice.count) : 0, constant: -1)
    }

    @inline(__always)
    init(_ slice: ByteSlice?) {
        if let slice { self.init(slice) } else { self = .absent }
    }

    @inline(__always)
    var isAbsent: Bool { base == nil }

    @inline(__always)
    var count: Int { Int(length) }

    /// The bytes; empty where there is no text.
    @inline(__always)
    var slice: ByteSlice {
        guard let base else { return .empty }
        return ByteSlice(base: base, count: Int(length))
    }
}
