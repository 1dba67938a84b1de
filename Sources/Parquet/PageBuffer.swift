/// Bytes that grow at their end: what pages and chunks are built in.
///
/// Invariant: `count + slack <= capacity`, so kernels that store eight bytes at a time may write beyond what they keep.
struct PageBuffer: ~Copyable {
    /// How many bytes behind ``end`` may always be overwritten.
    static let slack = 64

    private var base: UnsafeMutableRawPointer
    private var capacity: Int

    /// How many bytes it holds.
    private(set) var count = 0

    init(capacity: Int = 1 << 12) {
        self.capacity = capacity + Self.slack
        base = UnsafeMutableRawPointer.allocate(byteCount: capacity + Self.slack, alignment: 64)
    }

    deinit { base.deallocate() }

    /// The place behind the last byte.
    var end: UnsafeMutableRawPointer { base + count }

    /// What it holds; valid until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Forgets everything, keeping the room.
    mutating func removeAll() { count = 0 }

    /// Makes room for `byteCount` more bytes, and the slack.
    @inline(__always)
    mutating func reserve(_ byteCount: Int) {
        if capacity &- count < byteCount &+ Self.slack { grow(byteCount) }
    }

    @inline(never)
    private mutating func grow(_ byteCount: Int) {
        let larger = max(capacity * 2, count + byteCount + Self.slack)
        let room = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 64)
        room.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = room
        capacity = larger
    }

    /// Keeps `byteCount` bytes that were written at ``end``.
    ///
    /// - Precondition: There was room for them.
    @inline(__always)
    mutating func advance(_ byteCount: Int) {
        count &+= byteCount
        assert(byteCount >= 0 && count &+ Self.slack <= capacity)
    }

    /// Appends a byte.
    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        end.storeBytes(of: byte, as: UInt8.self)
        count &+= 1
    }

    /// Appends bytes.
    @inline(__always)
    mutating func append(_ source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress, source.count > 0 else { return }
        reserve(source.count)
        end.copyMemory(from: start, byteCount: source.count)
        count &+= source.count
    }

    /// Appends the little-endian bytes of a number.
    @inline(__always)
    mutating func appendLittleEndian<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number) {
        reserve(MemoryLayout<Number>.size)
        end.storeBytes(of: value.littleEndian, as: Number.self)
        count &+= MemoryLayout<Number>.size
    }

    /// Appends an unsigned LEB128 number.
    @inline(__always)
    mutating func appendVarint(_ value: UInt64) {
        reserve(10)
        var rest = value
        while rest >= 0x80 {
            end.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            count &+= 1
            rest &>>= 7
        }
        end.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        count &+= 1
    }

    /// Appends a zigzag LEB128 number.
    @inline(__always)
    mutating func appendZigzag(_ value: Int64) {
        appendVarint(UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)))
    }

    /// Overwrites four bytes at `offset` with a little-endian number.
    mutating func replaceLittleEndian(_ value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= count, "Only bytes that are there can be replaced")
        base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// The bytes as an array.
    var array: [UInt8] { Array(bytes) }
}
