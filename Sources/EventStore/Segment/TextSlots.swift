import AuditModel

/// A stretch of slots of a text column, borrowed while a row group is encoded.
///
/// Safety: the column must not change, and nothing here may be kept after the call of ``with(_:_:_:)`` that gave it.
struct TextSlots {
    /// One code per slot, ``TextColumn/absent`` where it has no value.
    let codes: UnsafeBufferPointer<UInt32>
    /// What codes refer to.
    let bytes: UnsafeRawBufferPointer
    let offsets: UnsafeBufferPointer<UInt32>
    /// Whether no two entries are equal.
    let isDistinct: Bool

    /// Number of entries.
    var entryCount: Int { offsets.count - 1 }

    /// The bytes of an entry.
    @inline(__always)
    func entry(_ code: UInt32) -> UnsafeRawBufferPointer {
        let start = Int(offsets[Int(code)])
        return UnsafeRawBufferPointer(rebasing: bytes[start..<Int(offsets[Int(code) &+ 1])])
    }

    /// Calls `body` with the slots; those beyond the column's end are absent.
    static func with<Result>(_ column: TextColumn, _ slots: Range<Int>, _ body: (TextSlots) throws -> Result) rethrows -> Result {
        func give(_ codes: UnsafeBufferPointer<UInt32>) throws -> Result {
            try body(
                TextSlots(codes: codes, bytes: column.entryBytes, offsets: column.entryOffsets, isDistinct: column.isDistinct))
        }
        if column.count >= slots.upperBound { return try give(UnsafeBufferPointer(rebasing: column.codes[slots])) }
        return try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: max(1, slots.count)) { copy in
            for (place, slot) in slots.enumerated() { copy[place] = slot < column.count ? column.codes[slot] : TextColumn.absent }
            return try give(UnsafeBufferPointer(rebasing: copy[..<slots.count]))
        }
    }
}
