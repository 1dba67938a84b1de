/// A list of byte strings in one buffer: what a dictionary is made of.
///
/// String `i` is `bytes[offsets[i]..<offsets[i + 1]]`. Offsets are 32 bits wide, so all strings together stay under 4 GiB.
public struct ByteArrays: Hashable, Sendable {
    /// All strings, one behind the other.
    public private(set) var bytes: [UInt8]

    /// Where each string begins, and at the end where the last one ends: `count + 1` values, ascending, the first 0.
    public private(set) var offsets: [UInt32]

    /// An empty list.
    public init() {
        bytes = []
        offsets = [0]
    }

    /// A list of the UTF-8 forms of `strings`.
    public init(_ strings: some Sequence<String>) {
        self.init()
        for string in strings { append(string) }
    }

    /// How many strings there are.
    public var count: Int { offsets.count - 1 }

    /// Whether there are none.
    public var isEmpty: Bool { offsets.count == 1 }

    /// The bytes of string `index`.
    public subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[Int(offsets[index])..<Int(offsets[index + 1])]
    }

    /// String `index` as text; malformed UTF-8 is repaired with U+FFFD.
    public func string(_ index: Int) -> String {
        String(decoding: self[index], as: UTF8.self)
    }

    /// All strings as text.
    public var strings: [String] { (0..<count).map(string) }

    /// How long string `index` is, in bytes.
    public func byteCount(_ index: Int) -> Int {
        Int(offsets[index + 1] - offsets[index])
    }

    /// Calls `body` with the bytes of string `index`, valid during the call only.
    @inlinable
    public func withBytes<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let start = Int(offsets[index])
        let end = Int(offsets[index + 1])
        return try bytes.withUnsafeBytes { all in
            try body(UnsafeRawBufferPointer(rebasing: all[start..<end]))
        }
    }

    /// Adds a string.
    ///
    /// - Precondition: All strings together stay under 4 GiB.
    public mutating func append(_ string: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: string)
        precondition(bytes.count <= Int(UInt32.max), "A list of byte strings holds less than 4 GiB; cut the row group smaller")
        offsets.append(UInt32(truncatingIfNeeded: bytes.count))
    }

    /// Adds the UTF-8 form of `string`.
    public mutating func append(_ string: String) {
        var string = string
        string.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a string.
    public mutating func append(_ string: some Sequence<UInt8>) {
        bytes.append(contentsOf: string)
        precondition(bytes.count <= Int(UInt32.max), "A list of byte strings holds less than 4 GiB; cut the row group smaller")
        offsets.append(UInt32(truncatingIfNeeded: bytes.count))
    }

    /// Adds strings that lie one behind the other in `newBytes`; `endOffsets` says where each ends.
    ///
    /// - Precondition: The offsets ascend, the last is `newBytes.count`, and all strings together stay under 4 GiB.
    mutating func append(contentsOf newBytes: UnsafeRawBufferPointer, endOffsets: some Sequence<Int>) {
        let base = bytes.count
        precondition(base + newBytes.count <= Int(UInt32.max), "A list of byte strings holds less than 4 GiB")
        bytes.append(contentsOf: newBytes)
        for end in endOffsets { offsets.append(UInt32(truncatingIfNeeded: base &+ end)) }
    }

    /// Makes room ahead.
    public mutating func reserveCapacity(count: Int, byteCount: Int) {
        offsets.reserveCapacity(count + 1)
        bytes.reserveCapacity(byteCount)
    }
}
