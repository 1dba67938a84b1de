/// A column of texts on their way into the store: one slot per row or list element, each a code into a list of entries.
///
/// - Building: ``append(_:)``, ``append(code:)``, ``pad(to:)``, ``truncate(to:)``; entries alone by ``code(of:)`` and ``addEntry(_:)``.
/// - Reading: ``codes``, ``entry(_:)``, ``entryBytes``, ``entryOffsets``.
///
/// Equal texts share an entry until most texts turn out to differ; from then on every slot gets an entry of its own, and ``isDistinct`` is
/// false. Entries may be there that no slot refers to (of a record that was rejected): who reads goes by the codes in use.
///
/// Bytes are UTF-8 that the caller has validated. The hash is keyed per process, so a source cannot choose texts that collide. Not
/// thread-safe while it is being built; readers may share it.
public final class TextColumn: @unchecked Sendable {
    /// The code of a slot without a value.
    @inlinable
    public static var absent: UInt32 { @inline(__always) get { UInt32.max } }

    /// What the column consists of. It is this object's and ends with it.
    @usableFromInline let cells: Cells

    /// What those who fill many columns hold of this one instead of counting references to it. Valid as long as the column is.
    public var unmanagedCells: Cells { cells }

    /// Whether no two entries are equal, so that equal codes and equal texts mean the same.
    public var isDistinct: Bool { cells.isDistinct }

    /// An empty column with room for `capacity` slots.
    public init(capacity: Int = 16) {
        cells = Cells(capacity: capacity)
    }

    /// The slots of another column in another order, with all its entries.
    init(_ other: TextColumn, order: UnsafeBufferPointer<Int32>) {
        cells = Cells(other.cells, order: order)
    }

    deinit { cells.deallocate() }

    // MARK: Reading

    /// Number of slots.
    public var count: Int { cells.slots.count }
    /// The code of each slot. Valid until the column changes; codes may be changed in place.
    public var codes: UnsafeMutableBufferPointer<UInt32> { UnsafeMutableBufferPointer(start: cells.slots.base, count: cells.slots.count) }
    /// Number of entries, those that no slot refers to included.
    public var entryCount: Int { cells.offsets.count &- 1 }
    /// All entries, one behind the other. Valid until the column changes.
    public var entryBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: cells.bytes.base, count: cells.bytes.count) }
    /// Where each entry begins, and at the end where the last one ends: ``entryCount`` + 1 values.
    public var entryOffsets: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: cells.offsets.base, count: cells.offsets.count) }

    /// The bytes of an entry. Valid until the column changes.
    public func entry(_ code: UInt32) -> UnsafeRawBufferPointer {
        let start = Int(cells.offsets[Int(code)])
        return UnsafeRawBufferPointer(start: cells.bytes.base + start, count: Int(cells.offsets[Int(code) &+ 1]) &- start)
    }

    /// The text of a slot, nil where it has none. For display and slow paths.
    public func string(_ slot: Int) -> String? {
        guard slot < cells.slots.count, cells.slots[slot] != Self.absent else { return nil }
        return String(decoding: entry(cells.slots[slot]), as: UTF8.self)
    }

    // MARK: Slots

    /// Adds a slot with this text.
    public func append(_ text: UnsafeRawBufferPointer) { cells.append(text) }

    /// Adds a slot with this text.
    public func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a slot with a code that this column gave, or ``absent``.
    @inlinable @inline(__always)
    public func append(code: UInt32) { cells.append(code: code) }

    /// Gives the slot `row` this text: the slots before it that are not there yet are absent.
    public func append(_ text: UnsafeRawBufferPointer, at row: Int) {
        cells.slots.pad(to: row, with: Self.absent)
        cells.append(text)
    }

    /// Gives the slot `row` a code that this column gave: the slots before it that are not there yet are absent.
    @inlinable @inline(__always)
    public func append(code: UInt32, at row: Int) { cells.append(code: code, at: row) }

    /// The code of the last slot.
    @inlinable
    public var lastSlot: UInt32 { @inline(__always) get { cells.lastSlot } }

    /// Adds slots without a value up to a number of slots.
    public func pad(to count: Int) { cells.slots.pad(to: count, with: Self.absent) }

    /// Takes away the slots from `count` on. Their entries stay until sharing has ended, then they go too.
    public func truncate(to count: Int) { cells.truncate(to: count) }

    /// Replaces the code of a slot.
    public func set(_ slot: Int, code: UInt32) { cells.slots[slot] = code }

    /// Keeps the slots that `keep` lists, ascending, and takes the others away.
    func keepSlots(_ keep: UnsafeBufferPointer<Int32>) { cells.slots.keep(keep) }

    // MARK: Entries

    /// The code of a text, entering it where it is new. Adds no slot.
    public func code(of text: UnsafeRawBufferPointer) -> UInt32 { cells.code(of: text) }

    /// The code of a text, entering it where it is new. Adds no slot.
    public func code(of text: String) -> UInt32 {
        var text = text
        return text.withUTF8 { code(of: UnsafeRawBufferPointer($0)) }
    }

    /// Enters a text without looking for an equal one: cheaper where the caller knows that it is new or that texts rarely repeat.
    ///
    /// From then on ``isDistinct`` is false and nothing is shared any more.
    public func addEntry(_ text: UnsafeRawBufferPointer) -> UInt32 { cells.addEntry(text) }
}
