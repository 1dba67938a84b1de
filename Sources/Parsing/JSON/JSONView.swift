/// An indexed JSON text as walkers see it: a record by itself, or a stretch of a source with many records in it.
///
/// Trivial; valid while the text and its ``JSONIndex`` are. The default is an empty text.
struct JSONView: BitwiseCopyable {
    /// The byte that position 0 stands for.
    var text: UnsafePointer<UInt8> = ByteSlice.empty.base
    /// Bytes of the text.
    var count = 0
    /// Bytes that may be read: the text and what lies behind it in the same memory.
    var readable = 0
    var positions: UnsafePointer<UInt32> = UnsafePointer(bitPattern: 8)!
    /// Number of structural positions.
    var structurals = 0
    /// Where the first backslash of the record stands, or its end. Values that end before it hold no escapes.
    var escapes: UnsafePointer<UInt8> = ByteSlice.empty.base
}
