import AuditModel

/// Texts on their way into columns: they wait until there are many, so that memory is waited for once.
///
/// They point into records and into the arena: who lets those go settles first.
extension RowWriter {
    /// Sets a scalar column of the row to a text once ``settle()`` is called: at most once per column and row.
    @inline(__always)
    func setLater(_ column: Int, _ text: Text) {
        makeRoom(for: 1)
        let cells = columns[column]
        let row = row
        cells.append(code: TextColumn.absent, at: row)
        // The row before has the same text very often.
        let last = lastPending[column] &- counts.pointee.base
        if last >= 0, Self.isSame(pending[last].text, text) { return echo(cells, row, last, isCounted: true) }
        lastPending[column] = counts.pointee.base &+ counts.pointee.pending
        push(cells, text, slot: row)
    }

    /// As ``setLater(_:_:)``, for a text that a place made of `input` and remembers.
    @inline(__always)
    func setLater(_ column: Int, _ text: Text, memo: Int32, of input: Text) {
        makeRoom(for: 1)
        let row = row
        columns[column].append(code: TextColumn.absent, at: row)
        push(columns[column], text, slot: row)
        rememberLater(memo, input)
    }

    /// Sets a scalar column of the row to a text that waits.
    func set(_ column: Int, waiting number: Int32) {
        let row = row
        columns[column].append(code: TextColumn.absent, at: row)
        echo(columns[column], row, Int(number), isCounted: false)
    }

    // MARK: Members of lists

    /// Adds a text of an element begun by ``beginElement()``, looked up once ``settle()`` is called.
    @inline(__always)
    func appendLater(_ column: Int, _ text: Text) {
        let cells = columns[column]
        let slot = cells.count
        cells.append(code: TextColumn.absent)
        push(cells, text, slot: slot)
    }

    /// Adds a text of an element that waits.
    func append(_ column: Int, waiting number: Int32) {
        let cells = columns[column]
        let slot = cells.count
        cells.append(code: TextColumn.absent)
        echo(cells, slot, Int(number), isCounted: false)
    }

    // MARK: Settling

    /// Looks up what waits: texts of several rows at once, so that memory is waited for once.
    @inline(never)
    func settle() {
        let all = counts.pointee
        TextColumn.lookUp(pending, count: all.pending)
        var number = 0
        while number < all.echoes {
            let one = echoes[number]
            one.cells.set(Int(one.slot), code: pending[Int(one.pending)].code, isCounted: one.isCounted)
            number &+= 1
        }
        number = 0
        while number < all.waiting {
            let last = memos + Int(waiting[number].memo)
            let place = waiting[number].pending
            // Another text may have come to the place since.
            if last.pointee.length >= Memo.waits, last.pointee.code == UInt32(bitPattern: place) {
                last.pointee.length &-= Memo.waits
                last.pointee.code = pending[Int(place)].code
            }
            number &+= 1
        }
        counts.pointee = Counts(base: all.base &+ all.pending)
    }

    /// Makes sure that the texts of an element can wait together.
    @inline(__always)
    func beginElement() { makeRoom(for: Self.mostOfElement) }

    /// What waits now, for ``dropPending(from:)``.
    @inline(__always)
    var pendingMark: (pending: Int, echoes: Int, waiting: Int) { (counts.pointee.pending, counts.pointee.echoes, counts.pointee.waiting) }

    /// Forgets texts of the element begun last.
    func dropPending(from mark: (pending: Int, echoes: Int, waiting: Int)) { drop(mark.pending, mark.echoes, mark.waiting) }

    @inline(never)
    func drop(_ pendingCount: Int, _ echoCount: Int, _ waitingCount: Int) {
        while counts.pointee.waiting > waitingCount {
            counts.pointee.waiting &-= 1
            let one = waiting[counts.pointee.waiting]
            let last = memos + Int(one.memo)
            if last.pointee.length >= Memo.waits, last.pointee.code == UInt32(bitPattern: one.pending) { last.pointee.length = -1 }
        }
        counts.pointee.pending = pendingCount
        counts.pointee.echoes = echoCount
        // Numbers are given again.
        counts.pointee.base &+= Self.mostPending
    }

    @inline(__always)
    private func makeRoom(for texts: Int) {
        if max(counts.pointee.pending, counts.pointee.echoes) &+ texts > Self.mostPending { settle() }
    }

    @inline(__always)
    private static func isSame(_ one: UnsafeRawBufferPointer, _ other: Text) -> Bool {
        guard one.count == other.count, let mine = one.baseAddress, let theirs = other.base else { return false }
        return ByteSlice.areEqual(mine, theirs, other.count)
    }

    @inline(__always)
    private func echo(_ cells: TextColumn.Cells, _ slot: Int, _ number: Int, isCounted: Bool) {
        let one = Echo(
            cells: cells, slot: Int32(truncatingIfNeeded: slot), pending: Int32(truncatingIfNeeded: number), isCounted: isCounted)
        (echoes + counts.pointee.echoes).initialize(to: one)
        counts.pointee.echoes &+= 1
    }

    @inline(__always)
    private func push(_ cells: TextColumn.Cells, _ text: Text, slot: Int) {
        let bytes = UnsafeRawBufferPointer(start: text.base, count: text.count)
        (pending + counts.pointee.pending).initialize(to: TextColumn.Pending(cells, bytes, slot: slot))
        counts.pointee.pending &+= 1
    }

    /// Remembers what becomes of the text that was put last.
    @inline(__always)
    func rememberLater(_ memo: Int32, _ input: Text) {
        guard !input.isAbsent, input.count <= Memo.mostBytes else { return }
        let number = Int32(truncatingIfNeeded: counts.pointee.pending &- 1)
        remember(memo, input, UInt32(bitPattern: number))
        memos[Int(memo)].length &+= Memo.waits
        (waiting + counts.pointee.waiting).initialize(to: (number, memo))
        counts.pointee.waiting &+= 1
    }

    // MARK: Places that remember

    /// What a text gave at a place last time; nothing where the last one was another.
    ///
    /// A number that waits holds until the next text or element: begin that before.
    @inline(__always)
    func recall(_ memo: Int32, _ text: Text) -> Recall {
        let last = memos + Int(memo)
        guard last.pointee.length & (Memo.waits &- 1) == text.length, last.pointee.length >= 0, let base = text.base,
            ByteSlice.areEqual(UnsafeRawPointer(last) + 8, UnsafeRawPointer(base), text.count)
        else { return .nothing }
        let code = last.pointee.code
        return last.pointee.length >= Memo.waits ? .waiting(Int32(bitPattern: code)) : .code(code)
    }

    /// Makes room for a text, so that numbers from ``recall(_:_:)`` hold.
    @inline(__always)
    func beginText() { makeRoom(for: 1) }
}
