/// A position in untrusted bytes: every step is checked against the end.
///
/// Invariant: `0 <= position <= bytes.count`. Each method either moves within it or throws and stays.
struct ByteReader {
    /// The bytes being read.
    let bytes: UnsafeRawBufferPointer

    /// Where `bytes` begins in the file, for error messages.
    let fileOffset: Int

    /// The next byte to be read.
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer, fileOffset: Int) {
        self.bytes = bytes
        self.fileOffset = fileOffset
    }

    /// Bytes not read yet.
    var remaining: Int { bytes.count &- position }

    /// An error at this place.
    func error(_ code: ParquetError.Code, _ message: String) -> ParquetError {
        ParquetError(code, message, offset: fileOffset + position)
    }

    /// Takes the next `count` bytes.
    mutating func take(_ count: Int, _ what: @autoclosure () -> String) throws(ParquetError) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else {
            throw error(.truncated, "\(what()) wants \(count) bytes where \(remaining) are left")
        }
        let taken = UnsafeRawBufferPointer(rebasing: bytes[position..<position &+ count])
        position &+= count
        return taken
    }

    /// Takes all that is left.
    mutating func takeRest() -> UnsafeRawBufferPointer {
        let taken = UnsafeRawBufferPointer(rebasing: bytes[position...])
        position = bytes.count
        return taken
    }

    /// Takes one byte.
    @inline(__always)
    mutating func byte() throws(ParquetError) -> UInt8 {
        guard position < bytes.count else { throw error(.truncated, "The data ends early") }
        let value = bytes[position]
        position &+= 1
        return value
    }

    /// Takes four little-endian bytes.
    mutating func uint32() throws(ParquetError) -> UInt32 {
        let word = try take(4, "A 32-bit number")
        return UInt32(littleEndian: word.loadUnaligned(as: UInt32.self))
    }

    /// Takes an unsigned LEB128 number of at most 64 bits.
    @inline(__always)
    mutating func varint() throws(ParquetError) -> UInt64 {
        if position < bytes.count, bytes[position] < 0x80 {
            position &+= 1
            return UInt64(bytes[position &- 1])
        }
        return try longVarint()
    }

    private mutating func longVarint() throws(ParquetError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || next <= 1 else { throw error(.corrupt, "A variable-length number is too long") }
            value |= UInt64(next & 0x7F) &<< shift
            if next < 0x80 { return value }
            shift &+= 7
        }
    }

    /// Takes a zigzag LEB128 number.
    mutating func zigzag() throws(ParquetError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value &>> 1) ^ (0 &- Int64(bitPattern: value & 1))
    }
}
