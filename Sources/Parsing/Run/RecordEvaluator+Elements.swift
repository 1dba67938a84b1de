import AuditModel

/// Going through the elements of an array, the members of an object or the parts of a text.
extension RecordEvaluator {
    /// Elements that one record may go through, all lists and all its events together.
    static let mostElements = 1_000_000

    /// Where a run over elements stands.
    struct ElementCursor {
        enum Kind: UInt8 { case none, scalar, lone, array, members, parts }

        let each: Int32
        var kind: Kind
        /// Structural position of the next element or key, or the byte at which the next part begins.
        var at = 0
        var document: Int16 = 0
        var whole = Text.absent
    }

    /// Begins a run over one list; ``next(_:)`` then puts one element after another into its slots.
    func elements(_ number: Int32) -> ElementCursor {
        let each = plan.eaches.base + Int(number)
        if each.pointee.kind == .text {
            let whole = text(each.pointee.text)
            return ElementCursor(each: number, kind: whole.isAbsent ? .none : .parts, whole: whole)
        }
        let container = slots[Int(each.pointee.slot)]
        let (at, document) = (Int(container.structural), container.document)
        if each.pointee.kind == .members {
            let kind: ElementCursor.Kind = container.kind == .object ? .members : .none
            return ElementCursor(each: number, kind: kind, at: at &+ 1, document: document)
        }
        switch container.kind {
        case .array: return ElementCursor(each: number, kind: .array, at: at &+ 1, document: document)
        // A lone value counts as its only element.
        case .object: return ElementCursor(each: number, kind: .lone, at: at, document: document)
        case .text, .number, .boolean: return ElementCursor(each: number, kind: .scalar)
        case .absent, .null: return ElementCursor(each: number, kind: .none)
        }
    }

    /// The `each` of the list inside an element, or -1 for the innermost.
    @inline(__always)
    func inner(_ number: Int32) -> Int32 { plan.eaches.base[Int(number)].inner }

    /// Puts the next element into its slots; false after the last, and the slots are clear again.
    func next(_ cursor: inout ElementCursor) throws(Rejection) -> Bool {
        let each = plan.eaches.base + Int(cursor.each)
        clear(each)
        elementsLeft.pointee &-= 1
        guard elementsLeft.pointee > 0 else { throw Rejection(reason: "the record's lists hold more than a million elements") }
        switch cursor.kind {
        case .none: return false
        case .scalar:
            cursor.kind = .none
            slots[Int(each.pointee.itemSlot)] = slots[Int(each.pointee.slot)]
            return true
        case .lone:
            cursor.kind = .none
            _ = try walk(cursor.at, cursor.document, each.pointee.trie)
            return true
        case .array:
            let view = views + Int(cursor.document)
            guard cursor.at < view.pointee.structurals, view.pointee.text[Int(view.pointee.positions[cursor.at])] != UInt8(ascii: "]")
            else {
                return false
            }
            cursor.goOn(to: try walk(cursor.at, cursor.document, each.pointee.trie), in: view)
            return true
        case .members: return try nextMember(&cursor, each)
        case .parts: return nextPart(&cursor, each)
        }
    }

    /// Walks a value with the trie of elements; the structural position behind it.
    func walk(_ at: Int, _ document: Int16, _ trie: Int32) throws(Rejection) -> Int {
        let walker = JSONWalker(views[Int(document)], document: document, elementTargets[Int(trie)])
        let next = walker.walk(from: at)
        if let fault = JSONWalker.fault(of: next) { throw Rejection(reason: fault.rawValue) }
        // The grammar was checked when the record was walked: a comma or the end follows.
        guard next < views[Int(document)].structurals || next == views[Int(document)].structurals && at == 0 else {
            throw Rejection(reason: JSONFault.grammar.rawValue)
        }
        return next
    }

    private func nextMember(_ cursor: inout ElementCursor, _ each: UnsafePointer<FlatBody.Each>) throws(Rejection) -> Bool {
        let view = views[Int(cursor.document)]
        guard cursor.at &+ 2 < view.structurals else { return false }
        let from = Int(view.positions[cursor.at])
        guard view.text[from] == UInt8(ascii: "\"") else { return false }
        var close = Int(view.positions[cursor.at &+ 1]) &- 1
        while close > from, view.text[close] != UInt8(ascii: "\"") { close &-= 1 }
        let key = ByteSlice(base: view.text + from + 1, count: max(0, close &- from &- 1))
        let next = try walk(cursor.at &+ 2, cursor.document, each.pointee.trie)
        let isEscaped = key.firstIndex(of: UInt8(ascii: "\\")) != nil
        slots[Int(each.pointee.keySlot)] = Value(
            kind: .text, isEscaped: isEscaped, document: cursor.document, structural: 0, base: key.base, count: key.count)
        cursor.goOn(to: next, in: views + Int(cursor.document))
        return true
    }

    private func nextPart(_ cursor: inout ElementCursor, _ each: UnsafePointer<FlatBody.Each>) -> Bool {
        let whole = cursor.whole.slice
        let separator = constants[each.pointee.separator]
        while cursor.at <= whole.count {
            let end = whole.firstRange(of: separator, from: cursor.at) ?? whole.count
            let part = whole.sub(cursor.at, end).trimmed
            cursor.at = end + max(1, separator.count)
            if !part.isEmpty {
                set(each.pointee.itemSlot, part)
                if each.pointee.keys >= 0 { readPairs(part, each.pointee.pairs, keys: each.pointee.keys) }
                if each.pointee.keys >= 0 { readPairs(part, each.pointee.pairs, keys: each.pointee.keys) }
                return true
            }
        }
        return false
    }

    @inline(__always)
    private func clear(_ each: UnsafePointer<FlatBody.Each>) {
        var number = 0
        while number < each.pointee.slots.count {
            slots[Int(each.pointee.slots[number])] = Value()
            number &+= 1
        }
    }

    // MARK: Lists {name, value} as names

    /// Puts the values of a list's elements into the slots of their names; false where there is no list. The first of equal names counts.
    func readPairs(_ step: UnsafePointer<FlatStep>) throws(Rejection) -> Bool {
        let sources = step.pointee.sources
        var number = 0
        while number < sources.count, slots[Int(sources[number])].kind != .array, slots[Int(sources[number])].kind != .object { number &+= 1 }
        guard number < sources.count else { return false }
        let list = slots[Int(sources[number])]
        guard list.kind == .array else {
            _ = try readPair(step, Int(list.structural), list.document)
            return true
        }
        let view = views + Int(list.document)
        var cursor = ElementCursor(each: -1, kind: .array, at: Int(list.structural) &+ 1, document: list.document)
        while cursor.kind == .array, cursor.at < view.pointee.structurals,
            view.pointee.text[Int(view.pointee.positions[cursor.at])] != UInt8(ascii: "]")
        {
            cursor.goOn(to: try readPair(step, cursor.at, cursor.document), in: view)
        }
        return true
    }

    private func readPair(_ step: UnsafePointer<FlatStep>, _ at: Int, _ document: Int16) throws(Rejection) -> Int {
        let own = step.pointee.slots
        var number = 0
        while number < own.count {
            slots[Int(own[number])] = Value()
            number &+= 1
        }
        let next = try walk(at, document, step.pointee.trie)
        let name = text(of: own[0])
        guard !name.isAbsent else { return next }
        let slot = plan.keyTables[step.pointee.number].find(name.slice)
        number = 1
        while number < own.count, !hasValue(own[number]) { number &+= 1 }
        guard number < own.count else { return next }
        if slot < 0 {
            dropped[Int(-1 &- slot)] &+= 1
        } else if slots[Int(slot)].kind == .absent {
            slots[Int(slot)] = slots[Int(own[number])]
        }
        return next
    }

    /// Whether a slot holds a text, an object or an array.
    @inline(__always)
    func hasValue(_ slot: Int32) -> Bool {
        let value = slots[Int(slot)]
        return value.kind == .object || value.kind == .array || value.isScalar && value.count > 0
    }

    // MARK: A list as one text

    /// The values of a list's elements with a text between them.
    func join(_ number: Int32) -> Text {
        let join = plan.joins.base + Int(number)
        var joined: [UInt8] = []
        do {
            try add(join, join.pointee.each, to: &joined)
        } catch {
            fault = .duplicateKey
            return .absent
        }
        return joined.withUnsafeBufferPointer { bytes in
            Text(bytes.baseAddress.map { arena.copy(ByteSlice(base: $0, count: bytes.count)) })
        }
    }

    private func add(_ join: UnsafePointer<FlatBody.Join>, _ each: Int32, to joined: inout [UInt8]) throws(Rejection) {
        let inner = inner(each)
        var cursor = elements(each)
        while try next(&cursor) {
            if inner >= 0 {
                try add(join, inner, to: &joined)
                continue
            }
            guard let text = value(join.pointee.value), joined.count <= Self.longestText else { continue }
            if !joined.isEmpty {
                let separator = constants[join.pointee.separator]
                joined.append(contentsOf: UnsafeBufferPointer(start: separator.base, count: separator.count))
            }
            joined.append(contentsOf: UnsafeBufferPointer(start: text.base, count: text.count))
        }
    }

    // MARK: A body for each element

    /// Runs a body for each element by itself: its steps, its requirements, its rules.
    func runElements(_ body: UnsafePointer<FlatBody>, _ writer: RowWriter) throws(Rejection) -> Outcome {
        let locals = body.pointee.locals
        let kept = saved + Int(body.pointee.savedAt)
        var number = 0
        while number < locals.count {
            kept[number] = slots[Int(locals[number])]
            number &+= 1
        }
        var fan = FanOut(firstRow: writer.block.rowCount, bytes: writer.block.byteCount)
        try runElements(body, body.pointee.each, &fan, writer)
        // An empty list is still a record of something: the event without the element.
        if !fan.hasElement { return try runOnce(body, writer) }
        restore(body)
        if writer.block.rowCount == fan.firstRow, let rule = fan.skipped { return .skipped(rule) }
        return .events
    }

    /// What became of elements so far.
    struct FanOut {
        let firstRow: Int
        let bytes: Int
        var hasElement = false
        /// The rule that passed over the first element that some rule passed over.
        var skipped: String?
    }

    private func runElements(
        _ body: UnsafePointer<FlatBody>, _ each: Int32, _ fan: inout FanOut, _ writer: RowWriter
    ) throws(Rejection) {
        let inner = inner(each)
        var cursor = elements(each)
        while try next(&cursor) {
            if inner >= 0 {
                try runElements(body, inner, &fan, writer)
                continue
            }
            guard writer.block.rowCount - fan.firstRow < Self.mostEvents else {
                throw Rejection(reason: "the record holds more than 10,000 events")
            }
            guard writer.block.byteCount - fan.bytes <= Self.mostFanOutBytes else {
                throw Rejection(reason: "the record's events hold more than 256 MiB")
            }
            if fan.hasElement { restore(body) }
            fan.hasElement = true
            if case .skipped(let rule) = try runOnce(body, writer), fan.skipped == nil { fan.skipped = rule }
        }
    }

    @inline(__always)
    private func restore(_ body: UnsafePointer<FlatBody>) {
        let locals = body.pointee.locals
        let kept = saved + Int(body.pointee.savedAt)
        var number = 0
        while number < locals.count {
            slots[Int(locals[number])] = kept[number]
            number &+= 1
        }
    }
}

extension RecordEvaluator.ElementCursor {
    /// Goes on behind an element that ends before a structural position.
    @inline(__always)
    fileprivate mutating func goOn(to next: Int, in view: UnsafePointer<JSONView>) {
        if next < view.pointee.structurals, view.pointee.text[Int(view.pointee.positions[next])] == UInt8(ascii: ",") {
            at = next &+ 1
        } else {
            kind = .none
        }
    }
}
