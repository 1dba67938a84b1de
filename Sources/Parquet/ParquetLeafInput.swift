/// The values of one leaf, borrowed from the caller for one call of ``ParquetChunkEncoder/encode(leaf:_:lists:)``.
///
/// Slot `i` is row `i`, or for a leaf in a list or map the element that ``ParquetListInput/offsets`` speaks of. Nothing is copied: the
/// buffers must stay as they are until the call returns.
public struct ParquetLeafInput {
    /// What the caller knows of the entries that codes point to.
    public enum Entries: Hashable, Sendable {
        /// No two entries that codes use are equal: they can be a dictionary as they are.
        case distinct
        /// No two entries that codes use are equal, and they shall be a dictionary whatever it takes (up to 64 MiB).
        case dictionary
        /// Some may be equal; the encoder finds equal ones by hashing each entry once.
        case mayRepeat
        /// Nearly all slots have an entry of their own: values are stored one by one, without looking for equal ones.
        case oneBySlot
    }

    enum Content {
        case absent(count: Int)
        case int64(UnsafeBufferPointer<Int64>, absent: Int64?)
        /// 0 false, 1 true, anything else absent.
        case boolean(UnsafeBufferPointer<UInt8>)
        case bytes(codes: UnsafeBufferPointer<UInt32>, EntryBuffer, Entries)
    }

    let content: Content

    /// `count` slots without a value, for a leaf of any type.
    public static func absent(count: Int) -> ParquetLeafInput { ParquetLeafInput(content: .absent(count: count)) }

    /// Integers or times in microseconds; slots that hold `absent` have no value.
    public static func int64(_ values: UnsafeBufferPointer<Int64>, absent: Int64? = Int64.min) -> ParquetLeafInput {
        ParquetLeafInput(content: .int64(values, absent: absent))
    }

    /// Booleans: 0 is false, 1 is true, any other byte is an absent value.
    public static func boolean(_ values: UnsafeBufferPointer<UInt8>) -> ParquetLeafInput {
        ParquetLeafInput(content: .boolean(values))
    }

    /// Byte strings: slot `i` is entry `codes[i]`, or absent where that is ``ByteValues/absent``. Entry `e` is
    /// `entryBytes[entryOffsets[e]..<entryOffsets[e + 1]]`. Entries that no code uses leave no trace.
    ///
    /// - Parameter entryOffsets: One more than there are entries, ascending, the last at most `entryBytes.count`.
    public static func bytes(
        codes: UnsafeBufferPointer<UInt32>, entryBytes: UnsafeRawBufferPointer, entryOffsets: UnsafeBufferPointer<UInt32>,
        entries: Entries
    ) -> ParquetLeafInput {
        ParquetLeafInput(content: .bytes(codes: codes, EntryBuffer(bytes: entryBytes, offsets: entryOffsets), entries))
    }

    /// Byte strings of one length, for fixed bytes and UUIDs: slot `i` is entry `codes[i]`, or absent where that is
    /// ``ByteValues/absent``. Entry `e` is the bytes from `e * entryLength` on.
    public static func fixed(
        codes: UnsafeBufferPointer<UInt32>, entryBytes: UnsafeRawBufferPointer, entryLength: Int, entries: Entries
    ) -> ParquetLeafInput {
        ParquetLeafInput(content: .bytes(codes: codes, EntryBuffer(bytes: entryBytes, length: entryLength), entries))
    }

    /// How many slots there are.
    public var count: Int {
        switch content {
        case .absent(let count): count
        case .int64(let values, _): values.count
        case .boolean(let values): values.count
        case .bytes(let codes, _, _): codes.count
        }
    }
}

/// Borrowed byte strings one behind the other.
///
/// Invariant, checked before use by ``isWellFormed``: every entry lies within `bytes`.
struct EntryBuffer {
    let bytes: UnsafeRawBufferPointer
    /// Nil where all entries have `length` bytes.
    let offsets: UnsafeBufferPointer<UInt32>?
    let length: Int

    init(bytes: UnsafeRawBufferPointer, offsets: UnsafeBufferPointer<UInt32>) {
        self.bytes = bytes
        self.offsets = offsets
        length = 0
    }

    init(bytes: UnsafeRawBufferPointer, length: Int) {
        self.bytes = bytes
        offsets = nil
        self.length = length
    }

    /// How many entries there are.
    var count: Int {
        guard let offsets else { return length > 0 ? bytes.count / length : 0 }
        return max(0, offsets.count - 1)
    }

    /// Where an entry begins.
    @inline(__always)
    func start(_ entry: Int) -> Int { offsets.map { Int($0[entry]) } ?? entry &* length }

    /// The bytes of an entry.
    @inline(__always)
    subscript(entry: Int) -> UnsafeRawBufferPointer {
        let start = start(entry)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<self.start(entry &+ 1)])
    }

    /// Whether all entries lie within the bytes.
    var isWellFormed: Bool {
        guard let offsets else { return length > 0 }
        guard var previous = offsets.first else { return true }
        var isAscending = true
        for offset in offsets {
            if offset < previous { isAscending = false }
            previous = offset
        }
        return isAscending && Int(previous) <= bytes.count
    }
}
