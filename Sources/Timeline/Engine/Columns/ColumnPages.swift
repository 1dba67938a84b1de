/// A list of texts that codes refer to: entry `i` is `bytes[offsets[i]..<offsets[i + 1]]`.
///
/// Safe because `owner` keeps the memory and nobody writes it any more.
struct EntryTable: @unchecked Sendable {
    let count: Int
    let bytes: UnsafeRawBufferPointer
    /// `count + 1` ascending values, the last at most `bytes.count`.
    let offsets: UnsafePointer<UInt32>
    let owner: AnyObject

    @inline(__always)
    func entry(_ code: Int) -> UnsafeRawBufferPointer {
        let start = Int(offsets[code])
        return UnsafeRawBufferPointer(rebasing: bytes[start..<Int(offsets[code &+ 1])])
    }
}

/// The codes of one page of a text column, as wide as they need to be. All ones is an absent value.
///
/// A code that no entry stands for matches nothing and belongs to no group: readers here compare with the number of entries first.
/// Safe because `owner` keeps the memory and nobody writes it any more.
struct CodePage: @unchecked Sendable {
    enum Codes {
        case u8(UnsafePointer<UInt8>)
        case u16(UnsafePointer<UInt16>)
        case u32(UnsafePointer<UInt32>)
    }

    let codes: Codes
    /// Number of slots: rows, or elements of a list.
    let count: Int
    /// The page's own entries; nil where its codes refer to the row group's dictionary.
    let entries: EntryTable?
    let owner: AnyObject

    /// The code of a slot, nil where absent. For a few slots; loops switch on ``codes`` outside.
    func code(_ slot: Int) -> Int? {
        switch codes {
        case .u8(let codes): codes[slot] == .max ? nil : Int(codes[slot])
        case .u16(let codes): codes[slot] == .max ? nil : Int(codes[slot])
        case .u32(let codes): codes[slot] == .max ? nil : Int(codes[slot])
        }
    }

    /// Bytes that the codes take.
    var byteCount: Int {
        switch codes {
        case .u8: count
        case .u16: 2 * count
        case .u32: 4 * count
        }
    }
}

/// One page of an integer column. Safe because `owner` keeps the memory and nobody writes it any more.
struct IntegerPage: @unchecked Sendable {
    /// What stands for an absent value.
    static let absent = Int64.min

    let values: UnsafePointer<Int64>
    let count: Int
    /// Whether it is known that values are there in every slot and never descend.
    var isAscending = false
    let owner: AnyObject
}

/// One page of a list column: elements of row `i` are the slots `offsets[i]..<offsets[i + 1]` of each member.
/// Safe because `owner` keeps the memory and nobody writes it any more.
struct ListPage: @unchecked Sendable {
    /// One more than rows, ascending, the first 0.
    let offsets: UnsafePointer<UInt32>
    let rowCount: Int
    let members: [CodePage]
    let owner: AnyObject
}
