/// One step of writing a line: a member, or the beginning or end of a group.
///
/// Trivial, so that a plan is an array of plain memory. The pointers belong to the block, or to the ``CanonicalLines`` that made the step.
struct LineStep {
    enum Kind: UInt8 {
        /// A piece that is the same in all rows.
        case literal
        /// ``prefix`` opens a group; what follows up to ``groupEnd`` are its members.
        case groupStart, groupEnd
        case text, time, integer
        case salt, seq
        case flags
        /// Lists: the members of an element are the next ``memberCount`` steps.
        case roles, elements, attributes
    }

    var kind: Kind
    /// `,"name":` of the member; nothing for elements of a list of texts and values of attributes.
    var prefix: LineFragments.Piece = 0
    /// Text: the codes by slot, and the pieces by code, 0 where not made; no pieces where texts rarely repeat.
    var codes: UnsafePointer<UInt32>?
    var pieces: UnsafeMutablePointer<LineFragments.Piece>?
    var entryBytes: UnsafeRawPointer?
    var entryOffsets: UnsafePointer<UInt32>?
    /// What follows the closing quote of a text, 0 for nothing.
    var suffix: UInt8 = 0
    /// What is written for an absent text in a list: 1 the empty text, 0 nothing.
    var writesAbsent = false
    /// Integers by row, and what absent stands for.
    var values: UnsafePointer<Int64>?
    var absentValue = IntegerColumn.absent
    /// Time and integer: the last value, the microsecond at which its day began, and its whole text with the prefix.
    var lastValue = IntegerColumn.absent
    var lastDay = Int64(1) << 60
    var memo: UnsafeMutableRawPointer?
    var memoBytes = 0
    /// Lists: where the elements of each row begin.
    var offsets: UnsafePointer<UInt32>?
    var memberCount = 0
    /// Marks of each row.
    var marks: UnsafePointer<UInt32>?

    /// The bytes of an entry.
    @inline(__always)
    func entry(_ code: UInt32) -> UnsafeRawBufferPointer {
        let start = Int(entryOffsets![Int(code)])
        return UnsafeRawBufferPointer(start: entryBytes! + start, count: Int(entryOffsets![Int(code) &+ 1]) &- start)
    }
}
