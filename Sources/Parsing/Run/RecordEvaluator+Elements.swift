/// Going through the elements of an array or the parts of a text.
extension RecordEvaluator {
    /// Where a run over elements stands.
    struct ElementCursor {
        enum Kind: UInt8 { case none, lone, array, parts }

        let each: Int32
        var kind: Kind
        /// Structural position of the next element, or the byte at which the next part begins.
        var at = 0
        var document: Int16 = 0
        var whole = Text.absent
    }

    /// Begins a run; ``next(_:)`` then puts one element after another into its slots.
    func elements(_ number: Int32) -> ElementCursor {
        let each = plan.eaches.base + Int(number)
        if each.pointee.isText {
            let whole = text(each.pointee.text)
            return ElementCursor(each: number, kind: whole.isAbsent ? .none : .parts, whole: whole)
        }
        let container = slots[Int(each.pointee.slot)]
        switch container.kind {
        case .array: return ElementCursor(each: number, kind: .array, at: Int(container.structural) + 1, document: container.document)
        // A lone value counts as its only element.
        case .object, .text, .number, .boolean:
            return ElementCursor(each: number, kind: .lone, at: Int(container.structural), document: container.document)
        case .absent, .null: return ElementCursor(each: number, kind: .none)
        }
    }

    /// Puts the next element into its slots; false after the last, and the slots are clear again.
    func next(_ cursor: inout ElementCursor) throws(Rejection) -> Bool {
        let each = plan.eaches.base + Int(cursor.each)
        clear(each)
        switch cursor.kind {
        case .none: return false
        case .lone:
            cursor.kind = .none
            _ = try walk(&cursor, each)
            return true
        case .array:
            let view = views + Int(cursor.document)
            guard cursor.at < view.pointee.structurals, view.pointee.text[Int(view.pointee.positions[cursor.at])] != UInt8(ascii: "]")
            else {
                return false
            }
            let next = try walk(&cursor, each)
            // The grammar was checked when the record was walked: a comma or the end follows.
            guard next < view.pointee.structurals else { throw Rejection(reason: JSONFault.grammar.rawValue) }
            if view.pointee.text[Int(view.pointee.positions[next])] == UInt8(ascii: ",") {
                cursor.at = next &+ 1
            } else {
                cursor.kind = .none
            }
            return true
        case .parts: return nextPart(&cursor, each)
        }
    }

    private func walk(_ cursor: inout ElementCursor, _ each: UnsafePointer<FlatBody.Each>) throws(Rejection) -> Int {
        let walker = JSONWalker(views[Int(cursor.document)], document: cursor.document, elementTargets[Int(each.pointee.trie)])
        let next = walker.walk(from: cursor.at)
        if let fault = JSONWalker.fault(of: next) { throw Rejection(reason: fault.rawValue) }
        return next
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
}
