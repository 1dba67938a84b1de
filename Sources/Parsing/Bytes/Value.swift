/// What a record holds at one name: a slot of the parse.
struct Value: BitwiseCopyable {
    enum Kind: UInt8 {
        case absent
        /// Text; for JSON the inside of the quotes.
        case text
        case number
        case boolean
        case object
        case array
        /// JSON null: there, but without a value.
        case null
    }

    var kind: Kind = .absent
    /// Whether the text still holds JSON escapes.
    var isEscaped = false
    /// Which JSON index the value belongs to, for arrays and objects.
    var document: Int16 = 0
    /// Position in that index.
    var structural: Int32 = 0
    var base: UnsafePointer<UInt8>?
    var count = 0

    init() {}

    @inline(__always)
    init(kind: Kind, isEscaped: Bool, document: Int16, structural: Int32, base: UnsafePointer<UInt8>, count: Int) {
        self.kind = kind
        self.isEscaped = isEscaped
        self.document = document
        self.structural = structural
        self.base = base
        self.count = count
    }

    init(text slice: ByteSlice) {
        kind = .text
        base = slice.base
        count = slice.count
    }

    /// The raw bytes, escapes included.
    var raw: ByteSlice { base.map { ByteSlice(base: $0, count: count) } ?? .empty }

    /// Whether the value can be read as a text.
    @inline(__always)
    var isScalar: Bool { kind == .text || kind == .number || kind == .boolean }
}
