/// Codes of the slots of a page, as narrow as the entries they point to allow. An absent value is all ones.
///
/// All pages of a chunk with a dictionary have codes of one width (or are `.uniform`): ``u8(_:)`` up to 255 entries, ``u16(_:)`` up to
/// 65,535, else ``u32(_:)``. Codes are checked: each is below the number of entries, or absent.
public enum ParquetCodes: Sendable, Hashable {
    /// Every slot has this code; absent is `UInt32.max`.
    case uniform(UInt32, count: Int)
    /// Absent is `UInt8.max`.
    case u8([UInt8])
    /// Absent is `UInt16.max`.
    case u16([UInt16])
    /// Absent is `UInt32.max`.
    case u32([UInt32])

    /// How many slots there are.
    public var count: Int {
        switch self {
        case .uniform(_, let count): count
        case .u8(let codes): codes.count
        case .u16(let codes): codes.count
        case .u32(let codes): codes.count
        }
    }

    /// The code of a slot; ``ByteValues/absent`` if it has no value.
    public subscript(slot: Int) -> UInt32 {
        switch self {
        case .uniform(let code, let count):
            precondition(slot >= 0 && slot < count, "There is no such slot")
            return code
        case .u8(let codes): return codes[slot] == .max ? ByteValues.absent : UInt32(codes[slot])
        case .u16(let codes): return codes[slot] == .max ? ByteValues.absent : UInt32(codes[slot])
        case .u32(let codes): return codes[slot]
        }
    }

    /// Bytes it takes in memory, for caches.
    public var byteCount: Int {
        switch self {
        case .uniform: 16
        case .u8(let codes): codes.count
        case .u16(let codes): codes.count * 2
        case .u32(let codes): codes.count * 4
        }
    }
}
