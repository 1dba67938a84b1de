#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

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

    @usableFromInline let slots: GrowingBuffer<UInt32>
    private let bytes: GrowingBuffer<UInt8>
    private let offsets: GrowingBuffer<UInt32>
    /// What changes, behind a pointer, so that adding checks no exclusive access.
    private let state: UnsafeMutablePointer<State>

    private struct State: BitwiseCopyable {
        /// Open addressing: the hash's high half, which also names the place, and the code + 1; or 0 where free.
        var table: UnsafeMutablePointer<UInt64>
        var tableSize = TextColumn.firstTableSize
        var isSharing = true
        var isDistinct = true
        var lastCode = TextColumn.absent
        /// Texts appended by value, and at how many of them sharing is judged next.
        var appended = 0
        var nextJudgement = TextColumn.judgementInterval
        let seed = TextColumn.seed
    }

    private static let firstTableSize = 64
    private static let judgementInterval = 4_096
    private static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000
    private static let seed = UInt64.random(in: 1...UInt64.max)

    /// Whether no two entries are equal, so that equal codes and equal texts mean the same.
    public var isDistinct: Bool { state.pointee.isDistinct }

    /// An empty column with room for `capacity` slots.
    public init(capacity: Int = 16) {
        slots = GrowingBuffer(capacity: capacity)
        bytes = GrowingBuffer(capacity: 256)
        offsets = GrowingBuffer(capacity: 32)
        offsets.append(0)
        state = .allocate(capacity: 1)
        state.initialize(to: State(table: Self.newTable(Self.firstTableSize)))
    }

    /// The slots of another column in another order, with all its entries.
    init(_ other: TextColumn, order: UnsafeBufferPointer<Int32>) {
        slots = GrowingBuffer(other.slots, order: order)
        bytes = GrowingBuffer(capacity: other.bytes.count)
        offsets = GrowingBuffer(capacity: other.offsets.count)
        bytes.append(from: other.bytes.base, count: other.bytes.count)
        offsets.append(from: other.offsets.base, count: other.offsets.count)
        state = .allocate(capacity: 1)
        state.initialize(to: State(table: Self.newTable(1), tableSize: 1, isSharing: false, isDistinct: other.isDistinct))
    }

    deinit {
        slots.deallocate()
        bytes.deallocate()
        offsets.deallocate()
        free(state.pointee.table)
        state.deallocate()
    }

    // MARK: Reading

    /// Number of slots.
    public var count: Int { slots.count }
    /// The code of each slot. Valid until the column changes; codes may be changed in place.
    public var codes: UnsafeMutableBufferPointer<UInt32> { UnsafeMutableBufferPointer(start: slots.base, count: slots.count) }
    /// Number of entries, those that no slot refers to included.
    public var entryCount: Int { offsets.count &- 1 }
    /// All entries, one behind the other. Valid until the column changes.
    public var entryBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes.base, count: bytes.count) }
    /// Where each entry begins, and at the end where the last one ends: ``entryCount`` + 1 values.
    public var entryOffsets: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: offsets.base, count: offsets.count) }

    /// The bytes of an entry. Valid until the column changes.
    public func entry(_ code: UInt32) -> UnsafeRawBufferPointer {
        let start = Int(offsets[Int(code)])
        return UnsafeRawBufferPointer(start: bytes.base + start, count: Int(offsets[Int(code) &+ 1]) &- start)
    }

    /// The text of a slot, nil where it has none. For display and slow paths.
    public func string(_ slot: Int) -> String? {
        guard slot < slots.count, slots[slot] != Self.absent else { return nil }
        return String(decoding: entry(slots[slot]), as: UTF8.self)
    }

    // MARK: Slots

    /// Adds a slot with this text.
    public func append(_ text: UnsafeRawBufferPointer) {
        slots.append(appendedCode(of: text))
    }

    /// Adds a slot with this text.
    public func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a slot with a code that this column gave, or ``absent``.
    @inlinable @inline(__always)
    public func append(code: UInt32) {
        slots.append(code)
    }

    /// Gives the slot `row` this text: the slots before it that are not there yet are absent.
    public func append(_ text: UnsafeRawBufferPointer, at row: Int) {
        slots.pad(to: row, with: Self.absent)
        slots.append(appendedCode(of: text))
    }

    /// Gives the slot `row` a code that this column gave: the slots before it that are not there yet are absent.
    @inlinable @inline(__always)
    public func append(code: UInt32, at row: Int) {
        slots.pad(to: row, with: Self.absent)
        slots.append(code)
    }

    /// The code of the last slot.
    @inlinable
    public var lastSlot: UInt32 { @inline(__always) get { slots[slots.count &- 1] } }

    /// Adds slots without a value up to a number of slots.
    public func pad(to count: Int) { slots.pad(to: count, with: Self.absent) }

    /// Takes away the slots from `count` on. Their entries stay until sharing has ended, then they go too.
    public func truncate(to count: Int) {
        guard count < slots.count else { return }
        slots.count = count
    }

    /// Replaces the code of a slot.
    public func set(_ slot: Int, code: UInt32) { slots[slot] = code }

    /// Keeps the slots that `keep` lists, ascending, and takes the others away.
    func keepSlots(_ keep: UnsafeBufferPointer<Int32>) { slots.keep(keep) }

    /// A text on its way into a column, for ``append(_:count:at:)``.
    public struct Pending: BitwiseCopyable, @unchecked Sendable {
        public let column: Unmanaged<TextColumn>
        public let text: UnsafeRawBufferPointer
        fileprivate var hash: UInt64 = 0
        /// What was read to bring it near: its value means nothing.
        fileprivate var touched: UInt64 = 0

        @inlinable
        public init(_ column: Unmanaged<TextColumn>, _ text: UnsafeRawBufferPointer) {
            self.init(column, text, hash: 0)
        }

        @usableFromInline
        init(_ column: Unmanaged<TextColumn>, _ text: UnsafeRawBufferPointer, hash: UInt64) {
            self.column = column
            self.text = text
            self.hash = hash
        }
    }

    /// Gives the slot `row` of several columns a text each, as ``append(_:at:)`` does one by one.
    ///
    /// A look-up waits for memory three times, one read after another: the table, where the entry begins, its bytes. Here all columns wait
    /// together.
    public static func append(_ pending: UnsafeMutablePointer<Pending>, count: Int, at row: Int) {
        var number = 0
        while number < count {
            let one = pending + number
            one.pointee.column._withUnsafeGuaranteedRef { column in
                if column.state.pointee.isSharing {
                    let hash = column.hash(one.pointee.text)
                    one.pointee.hash = hash
                    let place = Int(truncatingIfNeeded: hash &>> 32) & (column.state.pointee.tableSize &- 1)
                    one.pointee.touched = column.state.pointee.table[place]
                } else {
                    one.pointee.touched = 0
                }
            }
            number &+= 1
        }
        number = 0
        while number < count {
            let one = pending + number
            let found = one.pointee.touched
            if found != 0 {
                one.pointee.column._withUnsafeGuaranteedRef { column in
                    one.pointee.touched = UInt64(column.bytes[Int(column.offsets[Int(UInt32(truncatingIfNeeded: found) &- 1)])])
                }
            }
            number &+= 1
        }
        number = 0
        while number < count {
            let one = pending + number
            one.pointee.column._withUnsafeGuaranteedRef { column in
                column.slots.pad(to: row, with: absent)
                if column.state.pointee.isSharing {
                    column.state.pointee.appended &+= 1
                    if column.state.pointee.appended == column.state.pointee.nextJudgement { column.judge() }
                    column.slots.append(column.sharedCode(of: one.pointee.text, hash: one.pointee.hash))
                } else {
                    column.slots.append(column.newEntry(one.pointee.text))
                }
            }
            number &+= 1
        }
    }

    // MARK: Entries

    /// The code of a text, entering it where it is new. Adds no slot.
    public func code(of text: UnsafeRawBufferPointer) -> UInt32 {
        guard state.pointee.isSharing else { return addEntry(text) }
        let last = state.pointee.lastCode
        if last != Self.absent, holds(text, last) { return last }
        return sharedCode(of: text, hash: hash(text))
    }

    @inline(__always)
    private func sharedCode(of text: UnsafeRawBufferPointer, hash: UInt64) -> UInt32 {
        let table = state.pointee.table
        let mask = state.pointee.tableSize &- 1
        var place = Int(truncatingIfNeeded: hash &>> 32) & mask
        while true {
            let found = table[place]
            if found == 0 { break }
            let code = UInt32(truncatingIfNeeded: found) &- 1
            if (found ^ hash) & Self.tagMask == 0, holds(text, code) {
                state.pointee.lastCode = code
                return code
            }
            place = (place &+ 1) & mask
        }
        let code = newEntry(text)
        table[place] = hash & Self.tagMask | UInt64(code &+ 1)
        if entryCount &* 2 > mask { growTable() }
        state.pointee.lastCode = code
        return code
    }

    /// The code of a text, entering it where it is new. Adds no slot.
    public func code(of text: String) -> UInt32 {
        var text = text
        return text.withUTF8 { code(of: UnsafeRawBufferPointer($0)) }
    }

    /// Enters a text without looking for an equal one: cheaper where the caller knows that it is new or that texts rarely repeat.
    ///
    /// From then on ``isDistinct`` is false and nothing is shared any more.
    public func addEntry(_ text: UnsafeRawBufferPointer) -> UInt32 {
        stopSharing()
        return newEntry(text)
    }

    /// The code of a text that is given a slot: as ``code(of:)``, and now and then judges whether sharing pays.
    @inline(__always)
    private func appendedCode(of text: UnsafeRawBufferPointer) -> UInt32 {
        guard state.pointee.isSharing else { return newEntry(text) }
        state.pointee.appended &+= 1
        if state.pointee.appended == state.pointee.nextJudgement { judge() }
        return code(of: text)
    }

    private func judge() {
        state.pointee.nextJudgement &+= Self.judgementInterval
        if entryCount &* 4 > state.pointee.appended &* 3 { stopSharing() }
    }

    private func stopSharing() {
        state.pointee.isSharing = false
        state.pointee.isDistinct = false
    }

    @inline(__always)
    private func newEntry(_ text: UnsafeRawBufferPointer) -> UInt32 {
        let code = UInt32(truncatingIfNeeded: offsets.count &- 1)
        if !state.pointee.isSharing { state.pointee.isDistinct = false }
        if let start = text.baseAddress { copy(start, text.count) }
        precondition(bytes.count <= Int(UInt32.max), "a column holds less than 4 GiB: close the block earlier")
        offsets.append(UInt32(truncatingIfNeeded: bytes.count))
        return code
    }

    /// Adds bytes to the entries: short ones by overlapping words.
    @inline(__always)
    private func copy(_ start: UnsafeRawPointer, _ count: Int) {
        guard count >= 8, count <= 64 else { return bytes.append(from: start.assumingMemoryBound(to: UInt8.self), count: count) }
        bytes.reserve(count)
        let room = UnsafeMutableRawPointer(bytes.base + bytes.count)
        var at = 0
        while at &+ 8 < count {
            room.storeBytes(of: start.loadUnaligned(fromByteOffset: at, as: UInt64.self), toByteOffset: at, as: UInt64.self)
            at &+= 8
        }
        room.storeBytes(of: start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self), toByteOffset: count &- 8, as: UInt64.self)
        bytes.count &+= count
    }

    @inline(__always)
    private func holds(_ text: UnsafeRawBufferPointer, _ code: UInt32) -> Bool {
        let start = Int(offsets[Int(code)])
        let count = Int(offsets[Int(code) &+ 1]) &- start
        guard count == text.count else { return false }
        return Self.areEqual(UnsafeRawPointer(bytes.base + start), text.baseAddress, count)
    }

    @inline(__always)
    private static func areEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer?, _ count: Int) -> Bool {
        guard let b else { return true }
        guard count >= 8 else { return short(a, count) == short(b, count) }
        var place = 0
        while place &+ 8 < count {
            if a.loadUnaligned(fromByteOffset: place, as: UInt64.self) != b.loadUnaligned(fromByteOffset: place, as: UInt64.self) {
                return false
            }
            place &+= 8
        }
        return a.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self) == b.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    }

    @inline(never)
    private func growTable() {
        let old = state.pointee.tableSize
        let size = old * 4
        let larger = Self.newTable(size)
        var number = 0
        while number < old {
            let entry = state.pointee.table[number]
            number &+= 1
            if entry == 0 { continue }
            var place = Int(truncatingIfNeeded: entry &>> 32) & (size &- 1)
            while larger[place] != 0 { place = (place &+ 1) & (size &- 1) }
            larger[place] = entry
        }
        free(state.pointee.table)
        state.pointee.table = larger
        state.pointee.tableSize = size
    }

    private static func newTable(_ size: Int) -> UnsafeMutablePointer<UInt64> {
        guard let room = calloc(size, 8) else { fatalError("out of memory") }
        return room.assumingMemoryBound(to: UInt64.self)
    }

    /// Eight bytes a step, multiplied and folded under the process's seed; the last step may overlap the one before.
    @inline(__always)
    private func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        var hash = state.pointee.seed ^ UInt64(truncatingIfNeeded: text.count)
        guard let base = text.baseAddress else { return Self.mix(hash) }
        let count = text.count
        guard count >= 8 else { return Self.mix(hash ^ Self.short(base, count)) }
        var place = 0
        while place &+ 8 < count {
            hash = Self.mix(hash ^ base.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place &+= 8
        }
        return Self.mix(hash ^ base.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
    }

    /// All bytes of a text of fewer than eight; equal for texts of one length only where they are equal.
    @inline(__always)
    private static func short(_ base: UnsafeRawPointer, _ count: Int) -> UInt64 {
        if count >= 4 {
            return UInt64(base.loadUnaligned(as: UInt32.self)) &<< 32
                | UInt64(base.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
        }
        guard count > 0 else { return 0 }
        let first = UInt64(base.load(as: UInt8.self))
        let middle = UInt64(base.load(fromByteOffset: count &>> 1, as: UInt8.self))
        return first &<< 16 | middle &<< 8 | UInt64(base.load(fromByteOffset: count &- 1, as: UInt8.self))
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }
}
