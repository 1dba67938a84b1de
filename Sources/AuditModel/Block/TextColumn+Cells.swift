#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension TextColumn {
    /// The memory of a column without its owner: what fills rows holds this, so that a text counts no references and checks no exclusive
    /// access.
    ///
    /// Safety: it lies behind one pointer that never changes, is trivial to copy, and is valid as long as the column is.
    public struct Cells: BitwiseCopyable, @unchecked Sendable {
        /// The parts of ``slots``, ``bytes`` and ``offsets``, and the ``State``, one behind the other.
        @usableFromInline let memory: UnsafeMutableRawPointer

        struct State: BitwiseCopyable {
            /// Open addressing; 0 where free. The hash names the place by its low bits; an entry holds the bits above, and below them the
            /// code + 1. Four bytes each, because what a look-up waits for is memory.
            var table: UnsafeMutablePointer<UInt32>
            /// Size of the table, a power of two, minus one.
            var mask: UInt32
            /// Where the entry lies that was asked for last, and its code; more bytes than any text has where there is none.
            var lastStart = 0
            var lastCount = Int.max
            var lastCode = TextColumn.absent
            var isSharing = true
            var isDistinct = true
            /// Texts appended by value, and at how many of them sharing is judged next.
            var appended = 0
            var nextJudgement = Cells.judgementInterval
            let seed = TextHash.processSeed
        }

        private static let partsSize = MemoryLayout<GrowingBuffer<UInt32>.Parts>.stride
        private static let firstMask: UInt32 = 63
        private static let judgementInterval = 4_096

        @inlinable
        var slots: GrowingBuffer<UInt32> { @inline(__always) get { GrowingBuffer(at: memory) } }
        var bytes: GrowingBuffer<UInt8> { @inline(__always) get { GrowingBuffer(at: memory + Self.partsSize) } }
        var offsets: GrowingBuffer<UInt32> { @inline(__always) get { GrowingBuffer(at: memory + 2 &* Self.partsSize) } }
        private var state: UnsafeMutablePointer<State> {
            @inline(__always) get { (memory + 3 &* Self.partsSize).assumingMemoryBound(to: State.self) }
        }

        var isDistinct: Bool { state.pointee.isDistinct }

        init(capacity: Int) {
            let state = State(table: Self.newTable(Int(Self.firstMask) + 1), mask: Self.firstMask)
            self.init(slots: capacity, bytes: 256, offsets: 32, state: state)
            offsets.append(0)
        }

        init(_ other: Cells, order: UnsafeBufferPointer<Int32>) {
            var state = State(table: Self.newTable(1), mask: 0)
            state.isSharing = false
            state.isDistinct = other.isDistinct
            self.init(slots: order.count, bytes: other.bytes.count, offsets: other.offsets.count, state: state)
            slots.take(other.slots, order: order)
            bytes.append(from: other.bytes.base, count: other.bytes.count)
            offsets.append(from: other.offsets.base, count: other.offsets.count)
        }

        private init(slots: Int, bytes: Int, offsets: Int, state: State) {
            memory = .allocate(byteCount: 3 * Self.partsSize + MemoryLayout<State>.stride, alignment: 64)
            self.slots.begin(capacity: slots)
            self.bytes.begin(capacity: bytes)
            self.offsets.begin(capacity: offsets)
            self.state.initialize(to: state)
        }

        func deallocate() {
            slots.end()
            bytes.end()
            offsets.end()
            free(state.pointee.table)
            memory.deallocate()
        }

        // MARK: Slots

        /// Number of slots.
        @inlinable
        public var count: Int { @inline(__always) get { slots.count } }

        /// Adds a slot with a code that this column gave, or ``TextColumn/absent``.
        @inlinable @inline(__always)
        public func append(code: UInt32) { slots.append(code) }

        /// Gives the slot `row` a code that this column gave: the slots before it that are not there yet are absent.
        @inlinable @inline(__always)
        public func append(code: UInt32, at row: Int) {
            slots.pad(to: row, with: TextColumn.absent)
            slots.append(code)
        }

        /// Adds a slot with this text.
        public func append(_ text: UnsafeRawBufferPointer) { slots.append(appendedCode(of: text)) }

        /// Adds slots with this code up to a number of slots.
        public func pad(to count: Int, with code: UInt32) { slots.pad(to: count, with: code) }

        /// Gives a slot that is there the code of a text.
        ///
        /// - Parameter isCounted: Whether that counts as a text appended by value, when it is judged whether sharing pays.
        public func set(_ slot: Int, code: UInt32, isCounted: Bool) {
            slots[slot] = code
            if isCounted, state.pointee.isSharing { countAppended() }
        }

        /// The code of the last slot.
        @inlinable
        public var lastSlot: UInt32 { @inline(__always) get { slots[slots.count &- 1] } }

        /// Takes away the slots from `count` on.
        public func truncate(to count: Int) {
            guard count < slots.count else { return }
            slots.count = count
        }

        // MARK: Entries

        /// The code of a text, entering it where it is new. Adds no slot.
        public func code(of text: UnsafeRawBufferPointer) -> UInt32 {
            guard state.pointee.isSharing else { return addEntry(text) }
            if isLast(text) { return state.pointee.lastCode }
            return sharedCode(of: text, hash: TextHash.hash(text, state.pointee.seed))
        }

        func addEntry(_ text: UnsafeRawBufferPointer) -> UInt32 {
            stopSharing()
            return newEntry(text)
        }

        /// The code of a text that is given a slot: as ``code(of:)``, and now and then judges whether sharing pays.
        private func appendedCode(of text: UnsafeRawBufferPointer) -> UInt32 {
            guard state.pointee.isSharing else { return newEntry(text) }
            countAppended()
            return code(of: text)
        }

        /// Counts a text that is appended by value.
        @inline(__always)
        private func countAppended() {
            state.pointee.appended &+= 1
            if state.pointee.appended == state.pointee.nextJudgement { judge() }
        }

        @inline(never)
        private func judge() {
            state.pointee.nextJudgement &+= Self.judgementInterval
            if (offsets.count &- 1) &* 4 > state.pointee.appended &* 3 { stopSharing() }
        }

        private func stopSharing() {
            state.pointee.isSharing = false
            state.pointee.isDistinct = false
        }

        @inline(__always)
        private func isLast(_ text: UnsafeRawBufferPointer) -> Bool {
            state.pointee.lastCount == text.count
                && TextHash.areEqual(UnsafeRawPointer(bytes.base + state.pointee.lastStart), text.baseAddress, text.count)
        }

        @inline(__always)
        private func sharedCode(of text: UnsafeRawBufferPointer, hash: UInt32) -> UInt32 {
            let table = state.pointee.table
            let mask = state.pointee.mask
            var place = hash & mask
            while true {
                let found = table[Int(place)]
                if found == 0 { break }
                if (found ^ hash) & ~mask == 0 {
                    let code = found & mask &- 1
                    let start = Int(offsets[Int(code)])
                    if Int(offsets[Int(code) &+ 1]) &- start == text.count,
                        TextHash.areEqual(UnsafeRawPointer(bytes.base + start), text.baseAddress, text.count)
                    {
                        note(code, start, text.count)
                        return code
                    }
                }
                place = (place &+ 1) & mask
            }
            let start = bytes.count
            let code = newEntry(text)
            table[Int(place)] = hash & ~mask | (code &+ 1)
            if (offsets.count &- 1) &* 8 > Int(mask) &* 5 { growTable() }
            note(code, start, text.count)
            return code
        }

        @inline(__always)
        private func note(_ code: UInt32, _ start: Int, _ count: Int) {
            state.pointee.lastCode = code
            state.pointee.lastStart = start
            state.pointee.lastCount = count
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

        /// Doubles the table; places and tags are made of the entries again.
        @inline(never)
        private func growTable() {
            let mask = state.pointee.mask &* 2 &+ 1
            let larger = Self.newTable(Int(mask) + 1)
            var code = 0
            while code < offsets.count &- 1 {
                let start = Int(offsets[code])
                let text = UnsafeRawBufferPointer(start: bytes.base + start, count: Int(offsets[code &+ 1]) &- start)
                let hash = TextHash.hash(text, state.pointee.seed)
                code &+= 1
                var place = hash & mask
                while larger[Int(place)] != 0 { place = (place &+ 1) & mask }
                larger[Int(place)] = hash & ~mask | UInt32(truncatingIfNeeded: code)
            }
            free(state.pointee.table)
            state.pointee.table = larger
            state.pointee.mask = mask
        }

        private static func newTable(_ size: Int) -> UnsafeMutablePointer<UInt32> {
            guard let room = calloc(size, 4) else { fatalError("out of memory") }
            return room.assumingMemoryBound(to: UInt32.self)
        }

        // MARK: Many at once

        /// Finds the code of a text that was asked for last, else makes the hash.
        @inline(__always)
        fileprivate func prepare(_ one: UnsafeMutablePointer<Pending>) {
            one.pointee.isSought = false
            guard state.pointee.isSharing else { return }
            if isLast(one.pointee.text) {
                one.pointee.code = state.pointee.lastCode
            } else {
                one.pointee.hash = TextHash.hash(one.pointee.text, state.pointee.seed)
                one.pointee.isSought = true
            }
        }

        /// Brings near the place in the table.
        @inline(__always)
        fileprivate func touchTable(_ one: UnsafeMutablePointer<Pending>) {
            one.pointee.touched = state.pointee.table[Int(one.pointee.hash & state.pointee.mask)]
        }

        /// Brings near the entry that the table names, where it may be this text.
        @inline(__always)
        fileprivate func touchEntry(_ one: UnsafeMutablePointer<Pending>) {
            let found = one.pointee.touched
            let mask = state.pointee.mask
            if found == 0 || (found ^ one.pointee.hash) & ~mask != 0 { return }
            let code = Int(found & mask &- 1)
            let (start, end) = (Int(offsets[code]), Int(offsets[code &+ 1]))
            if start < end { one.pointee.touched = UInt32(bytes[start] ^ bytes[end &- 1]) }
        }

        @inline(__always)
        fileprivate func settle(_ one: UnsafeMutablePointer<Pending>) {
            if state.pointee.isSharing {
                countAppended()
                if one.pointee.code == TextColumn.absent { one.pointee.code = sharedCode(of: one.pointee.text, hash: one.pointee.hash) }
            } else if one.pointee.code == TextColumn.absent {
                one.pointee.code = newEntry(one.pointee.text)
            }
            slots[Int(one.pointee.slot)] = one.pointee.code
        }
    }

    /// A text on its way into a slot that is there already.
    public struct Pending: BitwiseCopyable, @unchecked Sendable {
        public let cells: Cells
        public let text: UnsafeRawBufferPointer
        public let slot: Int32
        /// The text's code once it was looked up.
        public internal(set) var code = TextColumn.absent
        fileprivate var hash: UInt32 = 0
        /// What was read to bring it near: its value means nothing in the end.
        fileprivate var touched: UInt32 = 0
        /// Whether the table has to be asked.
        fileprivate var isSought = false

        /// - Parameters:
        ///   - text: Its bytes must stay until it is looked up.
        ///   - slot: A slot of the column.
        public init(_ cells: Cells, _ text: UnsafeRawBufferPointer, slot: Int) {
            self.cells = cells
            self.text = text
            self.slot = Int32(truncatingIfNeeded: slot)
        }
    }

    /// Gives slots of several columns a text each, entering those that are new.
    ///
    /// A look-up waits for memory three times, one read after another: the table, where the entry begins, its bytes. Here all of them wait
    /// together.
    public static func lookUp(_ pending: UnsafeMutablePointer<Pending>, count: Int) {
        var number = 0
        while number < count {
            pending[number].cells.prepare(pending + number)
            number &+= 1
        }
        number = 0
        while number < count {
            if pending[number].isSought { pending[number].cells.touchTable(pending + number) }
            number &+= 1
        }
        number = 0
        while number < count {
            if pending[number].isSought { pending[number].cells.touchEntry(pending + number) }
            number &+= 1
        }
        number = 0
        while number < count {
            pending[number].cells.settle(pending + number)
            number &+= 1
        }
    }
}
