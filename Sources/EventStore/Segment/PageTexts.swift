/// The values of a page with what their codes refer to: for whoever reads many texts of it.
///
/// A page does not hold the dictionary that it shares with others, and the cache may let go of it at any time, so bytes of an entry are valid only
/// as long as somebody holds the dictionary: here it is held, and bytes are lent for a call.
struct PageTexts {
    private let codes: PageCodes
    private let dictionary: SegmentDictionary

    /// - Throws: ``StoreError`` with `damagedSegment` where the dictionary cannot be read.
    init(_ codes: PageCodes) throws {
        self.codes = codes
        dictionary = try codes.entries()
    }

    /// Calls `body` with the bytes of a slot, valid during the call only; nil where the slot has no value.
    @inline(__always)
    func withText<Result>(_ slot: Int, _ body: (UnsafeRawBufferPointer?) throws -> Result) rethrows -> Result {
        let code = codes[slot]
        guard code != PageCodes.absent else { return try body(nil) }
        return try withExtendedLifetime(dictionary) { try body(dictionary.entry(Int(code))) }
    }

    /// Whether a slot has a value.
    @inline(__always)
    func isPresent(_ slot: Int) -> Bool { codes[slot] != PageCodes.absent }
}
