/// Puts lines of one deed together while a text is framed: a queue of records in the order of their first lines.
///
/// It keeps nothing between two texts but the places of lines that belong to records that are done (``taken``): what is open is found again by
/// reading from the first open line on, so a place in the source and ``taken`` are all that a restart needs. Trusts nothing; a line that does
/// not tell what it belongs to stands alone.
final class LineJoiner {
    /// A line of a record.
    struct Line {
        let frame: Frame
        /// Its kind's number.
        let kind: Int
        /// What of the line its part holds, as offsets.
        let textStart: Int
        let textEnd: Int
    }

    /// How a record ended.
    enum State: UInt8 {
        case open
        /// Its last line came, or nothing more is expected.
        case closed
        /// A limit was reached.
        case cut
    }

    /// A record in the making.
    struct Group {
        let frame: Frame
        /// Lines that join; none for a line that stands alone.
        var lines: [Line] = []
        var key: [UInt8] = []
        var state = State.closed
        /// Microseconds since the epoch; nil where the line tells none.
        var stamp: Int64?
        /// Lines read before its first one.
        var lineNumber = 0
        var bytes = 0
    }

    /// Plans by format; nil for formats whose lines all stand alone.
    let plans: [LineJoin?]
    /// Places in the source of lines that belong to records that are done although an earlier line is not. Ascending.
    var taken: [UInt64] = []

    private var groups: [Group] = []
    private var first = 0
    /// Places in `groups` of those that are open.
    private var open: [Int] = []
    private var lineCount = 0
    private let slots: UnsafeMutablePointer<Value>
    private let slotCount: Int
    private let arena = Arena()
    private let kindTables: [LookupTable?]
    private let paths: [(key: [ByteSlice], kind: [ByteSlice])?]
    private let constants = ConstantPool()
    private let memory = PlanMemory()

    init(_ plans: [LineJoin?]) {
        self.plans = plans
        var most = Int(LineJoin.firstKeySlot)
        var tables: [LookupTable?] = []
        var paths: [(key: [ByteSlice], kind: [ByteSlice])?] = []
        for plan in plans {
            guard let plan else {
                tables.append(nil)
                paths.append(nil)
                continue
            }
            let entries = plan.kinds.enumerated().map { (key: $0.element.name, result: Int32($0.offset)) }
            tables.append(LookupTable(entries, keys: constants, memory: memory))
            switch plan.finding {
            case .patterns(_, let keySlots):
                paths.append(nil)
                for slot in keySlots.joined() { most = max(most, Int(slot) + 1) }
            case .members(let key, let kind): paths.append((key.map(constants.slice), kind.map(constants.slice)))
            }
        }
        kindTables = tables
        self.paths = paths
        slotCount = most
        slots = .allocate(capacity: most)
        slots.initialize(repeating: Value(), count: most)
    }

    deinit { slots.deallocate() }

    /// Forgets what was being put together; a text begins.
    func begin() {
        groups.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        first = 0
        lineCount = 0
    }

    /// Whether nothing waits.
    var isEmpty: Bool { first == groups.count }

    /// The earliest record that is not done, if it is complete.
    var head: Group? { first < groups.count && groups[first].state != .open ? groups[first] : nil }

    /// Where the earliest record that is not done begins.
    var headStart: Int? { first < groups.count ? groups[first].frame.start : nil }

    /// The head is done with.
    func removeHead() {
        groups[first].lines = []
        groups[first].key = []
        first += 1
        if first == groups.count {
            groups.removeAll(keepingCapacity: true)
            first = 0
        }
    }

    /// Whether the line at this place of the source belongs to a record that is done.
    func isTaken(_ offset: UInt64) -> Bool {
        var low = 0
        var high = taken.count
        while low < high {
            let middle = (low + high) / 2
            if taken[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return low < taken.count && taken[low] == offset
    }

    /// Remembers the lines of a record that is done, but for the first, and forgets lines before `offset`.
    func take(_ group: Group, base: UInt64) {
        guard group.lines.count > 1 else { return }
        for line in group.lines.dropFirst() {
            let offset = base + UInt64(line.frame.start)
            let at = taken.firstIndex { $0 > offset } ?? taken.count
            taken.insert(offset, at: at)
        }
    }

    /// Forgets lines before a place of the source.
    func forget(before offset: UInt64) {
        if let first = taken.first, first < offset { taken.removeAll { $0 < offset } }
    }

    // MARK: Lines

    /// Takes a frame in: it joins an open record, begins one, or stands alone.
    func add(_ frame: Frame, _ text: ByteSlice) {
        lineCount += 1
        defer { closeBeyondLimits(end: frame.next) }
        guard frame.fault == nil, frame.format >= 0, let plan = plans[frame.format] else { return alone(frame) }
        let line = text.sub(frame.start, frame.end)
        guard let found = find(line, frame, plan) else { return alone(frame) }
        let kind = plan.kinds[found.line.kind]
        if let number = open.last(where: { groups[$0].key == found.key && groups[$0].frame.format == frame.format }) {
            let isSeveral = kind.part >= 0 && plan.parts[kind.part].isSeveral
            if isSeveral || !groups[number].lines.contains(where: { $0.kind == found.line.kind }) {
                groups[number].lines.append(found.line)
                groups[number].bytes += line.count + 1
                if kind.ends { close(number, .closed) }
                return
            }
            close(number, .closed)
        }
        guard kind.opens else { return alone(frame) }
        groups.append(
            Group(
                frame: frame, lines: [found.line], key: found.key, state: kind.ends ? .closed : .open, stamp: found.stamp, lineNumber: lineCount,
                bytes: line.count + 1))
        if !kind.ends { open.append(groups.count - 1) }
    }

    /// Counts a line that belongs to a record that is done.
    func pass(_ frame: Frame) {
        lineCount += 1
        closeBeyondLimits(end: frame.next)
    }

    /// Closes all that begin before a place in the text.
    func close(before place: Int, _ state: State) {
        for number in open where groups[number].frame.start < place { groups[number].state = state }
        open.removeAll { groups[$0].state != .open }
    }

    private func alone(_ frame: Frame) { groups.append(Group(frame: frame)) }

    private func close(_ number: Int, _ state: State) {
        groups[number].state = state
        open.removeAll { $0 == number }
    }

    private func closeBefore(stamp: Int64) {
        guard !open.isEmpty else { return }
        for number in open where groups[number].stamp.map({ $0 < stamp }) ?? false { groups[number].state = .closed }
        open.removeAll { groups[$0].state != .open }
    }

    private func closeBeyondLimits(end: Int) {
        while let oldest = open.first, let plan = plans[groups[oldest].frame.format] {
            let group = groups[oldest]
            guard lineCount - group.lineNumber >= plan.mostLines || end - group.frame.start >= plan.mostBytes else { return }
            close(oldest, .cut)
        }
    }

    /// What a line tells about itself, nil where it stands alone. Its stamp ends records that are older.
    private func find(_ line: ByteSlice, _ frame: Frame, _ plan: LineJoin) -> (line: Line, key: [UInt8], stamp: Int64?)? {
        guard let table = kindTables[frame.format] else { return nil }
        switch plan.finding {
        case .members:
            guard let paths = paths[frame.format], let kind = JSONMember.text(line, at: paths.kind) else { return nil }
            let number = Int(table.find(kind))
            guard number >= 0, let key = JSONMember.text(line, at: paths.key), key.count > 0 else { return nil }
            return (Line(frame: frame, kind: number, textStart: frame.start, textEnd: frame.end), Self.bytes(key), nil)
        case .patterns(let patterns, let keySlots):
            arena.reset()
            for (number, pattern) in patterns.enumerated() {
                if pattern.flat.cannotBegin(line) { continue }
                for slot in 0..<slotCount { slots[slot] = Value() }
                var matcher = PatternMatcher(pattern.flat, line, slots: slots, arena: arena)
                guard matcher.match() else { continue }
                let stamp = slots[Int(LineJoin.stampSlot)].kind == .text ? Self.microseconds(slots[Int(LineJoin.stampSlot)].raw) : nil
                if let stamp, let most = plan.mostMicroseconds { closeBefore(stamp: stamp - most) }
                let kind = Int(table.find(slots[Int(LineJoin.kindSlot)].raw))
                guard kind >= 0 else { return nil }
                var key: [UInt8] = [UInt8(truncatingIfNeeded: number)]
                for slot in keySlots[number] { key += Self.bytes(slots[Int(slot)].raw) + [0] }
                let text = slots[Int(LineJoin.textSlot)]
                let start = text.kind == .text ? (text.base.map { $0 - line.base } ?? 0) : 0
                return (Line(frame: frame, kind: kind, textStart: frame.start + start, textEnd: frame.end), key, stamp)
            }
            return nil
        }
    }

    private static func bytes(_ slice: ByteSlice) -> [UInt8] { Array(UnsafeBufferPointer(start: slice.base, count: slice.count)) }

    /// Seconds with a fraction; nil where they are none.
    static func microseconds(_ text: ByteSlice) -> Int64? {
        let point = text.firstIndex(of: UInt8(ascii: ".")) ?? text.count
        guard point <= 12, let seconds = text.sub(0, point).decimal else { return nil }
        var fraction: Int64 = 0
        for place in 1...6 {
            let digit = point + place < text.count ? Int64(text[point + place]) - 48 : 0
            guard (0...9).contains(digit) else { return nil }
            fraction = fraction * 10 + digit
        }
        return Int64(seconds) * 1_000_000 + fraction
    }
}
