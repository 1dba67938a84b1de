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
    public static let absent = UInt32.max

    private var slots: GrowingBuffer<UInt32>
    private var bytes: GrowingBuffer<UInt8>
    private var offsets: GrowingBuffer<UInt32>
    /// Open addressing: the hash's high half and the code + 1, or 0 where free.
    private var table: UnsafeMutablePointer<UInt64>
    private var tableSize = TextColumn.firstTableSize
    private var isSharing = true
    private var lastCode = TextColumn.absent
    /// Texts appended by value, and at how many of them sharing is judged next.
    private var appended = 0
    private var nextJudgement = TextColumn.judgementInterval

    private static let firstTableSize = 64
    private static let judgementInterval = 4_096
    private static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000
    private static let seed = UInt64.random(in: 1...UInt64.max)

    /// Whether no two entries are equal, so that equal codes and equal texts mean the same.
    public private(set) var isDistinct = true

    /// An empty column with room for `capacity` slots.
    public init(capacity: Int = 16) {
        slots = GrowingBuffer(capacity: capacity)
        bytes = GrowingBuffer(capacity: 256)
        offsets = GrowingBuffer(capacity: 32)
        offsets.append(0)
        table = .allocate(capacity: Self.firstTableSize)
        table.update(repeating: 0, count: Self.firstTableSize)
    }

    /// The slots of another column in another order, with all its entries.
    init(_ other: TextColumn, order: UnsafeBufferPointer<Int32>) {
        slots = GrowingBuffer(capacity: order.count)
        bytes = GrowingBuffer(capacity: other.bytes.count)
        offsets = GrowingBuffer(capacity: other.offsets.count)
        bytes.append(from: other.bytes.base, count: other.bytes.count)
        offsets.append(from: other.offsets.base, count: other.offsets.count)
        table = .allocate(capacity: 1)
        tableSize = 1
        isSharing = false
        isDistinct = other.isDistinct
        var place = 0
        while place < order.count {
            slots.append(other.slots[Int(order[place])])
            place &+= 1
        }
    }

    deinit {
        slots.deallocate()
        bytes.deallocate()
        offsets.deallocate()
        table.deallocate()
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
    public func append(code: UInt32) {
        slots.append(code)
    }

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
    func keepSlots(_ keep: UnsafeBufferPointer<Int32>) {
        var place = 0
        while place < keep.count {
            slots[place] = slots[Int(keep[place])]
            place &+= 1
        }
        slots.count = keep.count
    }

    // MARK: Entries

    /// The code of a text, entering it where it is new. Adds no slot.
    public func code(of text: UnsafeRawBufferPointer) -> UInt32 {
        guard isSharing else { return addEntry(text) }
        if lastCode != Self.absent, holds(text, lastCode) { return lastCode }
        let hash = Self.hash(text)
        var place = Int(truncatingIfNeeded: hash) & (tableSize &- 1)
        while true {
            let found = table[place]
            if found == 0 { break }
            let code = UInt32(truncatingIfNeeded: found) &- 1
            if (found ^ hash) & Self.tagMask == 0, holds(text, code) {
                lastCode = code
                return code
            }
            place = (place &+ 1) & (tableSize &- 1)
        }
        let code = newEntry(text)
        table[place] = hash & Self.tagMask | UInt64(code &+ 1)
        if entryCount &* 2 > tableSize { growTable() }
        lastCode = code
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
        guard isSharing else { return newEntry(text) }
        appended &+= 1
        if appended == nextJudgement { judge() }
        return code(of: text)
    }

    private func judge() {
        nextJudgement &+= Self.judgementInterval
        if entryCount &* 4 > appended &* 3 { stopSharing() }
    }

    private func stopSharing() {
        isSharing = false
        isDistinct = false
    }

    @inline(__always)
    private func newEntry(_ text: UnsafeRawBufferPointer) -> UInt32 {
        let code = UInt32(truncatingIfNeeded: offsets.count &- 1)
        if !isSharing { isDistinct = false }
        if let start = text.baseAddress { bytes.append(from: start.assumingMemoryBound(to: UInt8.self), count: text.count) }
        precondition(bytes.count <= Int(UInt32.max), "a column holds less than 4 GiB: close the block earlier")
        offsets.append(UInt32(truncatingIfNeeded: bytes.count))
        return code
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
        var place = 0
        while place &+ 8 <= count {
            if a.loadUnaligned(fromByteOffset: place, as: UInt64.self) != b.loadUnaligned(fromByteOffset: place, as: UInt64.self) {
                return false
            }
            place &+= 8
        }
        while place < count {
            if a.load(fromByteOffset: place, as: UInt8.self) != b.load(fromByteOffset: place, as: UInt8.self) { return false }
            place &+= 1
        }
        return true
    }

    private func growTable() {
        let size = tableSize * 4
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: size)
        larger.update(repeating: 0, count: size)
        var code = 0
        while code < entryCount {
            let hash = Self.hash(entry(UInt32(code)))
            var place = Int(truncatingIfNeeded: hash) & (size &- 1)
            while larger[place] != 0 { place = (place &+ 1) & (size &- 1) }
            larger[place] = hash & Self.tagMask | UInt64(code &+ 1)
            code &+= 1
        }
        table.deallocate()
        table = larger
        tableSize = size
    }

    /// Eight bytes a step, multiplied and folded under the process's seed.
    @inline(__always)
    private static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: text.count)
        guard let base = text.baseAddress else { return mix(hash) }
        let count = text.count
        var place = 0
        while place &+ 8 <= count {
            hash = mix(hash ^ base.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place &+= 8
        }
        var rest: UInt64 = 0
        while place < count {
            rest = rest &<< 8 | UInt64(base.load(fromByteOffset: place, as: UInt8.self))
            place &+= 1
        }
        return mix(hash ^ rest)
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }
}
