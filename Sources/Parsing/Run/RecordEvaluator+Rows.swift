import AuditModel

/// Building rows from the names of a record.
extension RecordEvaluator {
    /// A text longer than this is cut, and the event marked.
    static let longestText = 64 << 10
    /// More targets, changes or roles than this are cut, and the event marked.
    static let longestList = 1_024
    /// A record that fans out into more events is refused: they would not fit one batch.
    static let mostEvents = 10_000
    /// Bytes of columns that one record may fan out into; more is refused.
    static let mostFanOutBytes = 256 << 20

    /// Adds one row.
    func row(_ body: UnsafePointer<FlatBody>, _ writer: RowWriter) throws(Rejection) {
        guard writer.block.rowCount < rowLimit.pointee else { throw Rejection(reason: "", isFull: true) }
        writer.beginRow()
        if let observed { writer.block.set(writer.block.observed, observed) }
        var present: UInt64 = 0
        let fields = body.pointee.fields
        var number = 0
        while number < fields.count {
            let field = fields.base + number
            if set(Int(field.pointee.column), field.pointee.site, writer) { present |= 1 &<< UInt64(field.pointee.column) }
            number &+= 1
        }
        let hasAction = present & Self.actionBit != 0
        if body.pointee.action.count > 0 { setAction(body.pointee.action.base, present, writer) }
        if hasAction || body.pointee.action.count > 0 { setCategory(writer) }
        number = 0
        while number < body.pointee.times.count {
            try setTime(body, number, writer)
            number &+= 1
        }
        if body.pointee.roles.count > 0 { try setRoles(body.pointee.roles.base, writer) }
        number = 0
        while number < body.pointee.targets.count {
            try addTargets(body.pointee.targets.base + number, writer)
            number &+= 1
        }
        number = 0
        while number < body.pointee.changes.count {
            try addChanges(body.pointee.changes.base + number, writer)
            number &+= 1
        }
        addAttributes(body.pointee.attributes, writer)
        writer.endRow(body.pointee.number, plan.bodies[Int(body.pointee.number)].classes)
    }

    private static var actionBit: UInt64 { 1 &<< UInt64(RowWriter.Column.of(.action)) }
    private static var sourceActionBit: UInt64 { 1 &<< UInt64(RowWriter.Column.of(.sourceAction)) }

    /// Sets a scalar column from its place, some only when the writer settles them; false where there is no text.
    @inline(__always)
    private func set(_ column: Int, _ site: TextSite, _ writer: RowWriter) -> Bool {
        switch site.kind {
        case .load:
            let text = text(of: site.slot)
            if text.isAbsent { return false }
            writer.setLater(column, shown(text, writer))
        case .constant: writer.set(column, code: writer.code(column, constant: site.constant))
        case .function:
            let input = text(of: site.slot)
            if input.isAbsent, site.needsSlot { return false }
            writer.beginText()
            switch writer.recall(site.memo, input) {
            case .nothing: break
            case .code(let code):
                if code == TextColumn.absent { return false }
                writer.set(column, code: code)
                return true
            case .waiting(let number):
                writer.set(column, waiting: number)
                return true
            }
            let result = text(site.expression)
            if result.isAbsent {
                writer.remember(site.memo, input, TextColumn.absent)
                return false
            }
            if result.constant >= 0 {
                let code = writer.code(column, constant: result.constant)
                writer.set(column, code: code)
                writer.remember(site.memo, input, code)
            } else {
                writer.setLater(column, shown(result, writer), memo: site.memo, of: input)
            }
        case .general:
            let result = text(site.expression)
            if result.isAbsent { return false }
            if result.constant >= 0 {
                writer.set(column, code: writer.code(column, constant: result.constant))
            } else {
                writer.setLater(column, shown(result, writer))
            }
        }
        return true
    }

    @inline(__always)
    private func setComputed(_ column: Int, _ text: Text, _ writer: RowWriter) {
        if text.constant >= 0 {
            writer.set(column, code: writer.code(column, constant: text.constant))
        } else {
            writer.setLater(column, shown(text, writer))
        }
    }

    /// Adds a text to a member of a list, absent where there is none; false then. Texts are looked up when the writer settles.
    @inline(__always)
    private func append(_ column: Int, _ site: TextSite, _ writer: RowWriter) -> Bool {
        switch site.kind {
        case .load: return append(column, text(of: site.slot), writer)
        case .constant:
            writer.append(column, code: writer.code(column, constant: site.constant))
            return true
        case .function:
            let input = text(of: site.slot)
            switch writer.recall(site.memo, input) {
            case .nothing: break
            case .code(let code):
                writer.append(column, code: code)
                return code != TextColumn.absent
            case .waiting(let number):
                writer.append(column, waiting: number)
                return true
            }
            let result = text(site.expression)
            let isThere = append(column, result, writer)
            if isThere, result.constant < 0 {
                writer.rememberLater(site.memo, input)
            } else {
                writer.remember(site.memo, input, writer.lastCode(column))
            }
            return isThere
        case .general: return append(column, text(site.expression), writer)
        }
    }

    @inline(__always)
    private func append(_ column: Int, _ text: Text, _ writer: RowWriter) -> Bool {
        if text.isAbsent {
            writer.append(column, code: TextColumn.absent)
            return false
        }
        if text.constant >= 0 {
            writer.append(column, code: writer.code(column, constant: text.constant))
        } else {
            writer.appendLater(column, shown(text, writer))
        }
        return true
    }

    /// The text as an event holds it: one that is too long is cut.
    @inline(__always)
    private func shown(_ text: Text, _ writer: RowWriter) -> Text { text.count <= Self.longestText ? text : cut(text, writer) }

    @inline(never)
    private func cut(_ text: Text, _ writer: RowWriter) -> Text {
        writer.block.setFlag(Event.Flag.truncated)
        let bytes = text.slice
        var end = Self.longestText
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return Text(bytes.sub(0, end))
    }

    private func setAction(_ action: UnsafePointer<FlatBody.Action>, _ present: UInt64, _ writer: RowWriter) {
        let site = action.pointee.code
        let code = site.kind == .load ? text(of: site.slot) : text(site.expression)
        if code.isAbsent {
            if present & Self.actionBit == 0 {
                writer.set(RowWriter.Column.of(.action), code: writer.code(RowWriter.Column.of(.action), constant: action.pointee.other))
            }
            return
        }
        if present & Self.sourceActionBit == 0 { setComputed(RowWriter.Column.of(.sourceAction), code, writer) }
        guard present & Self.actionBit == 0 else { return }
        if case .code(let known) = writer.recall(action.pointee.action.memo, code) {
            writer.set(RowWriter.Column.of(.action), code: known)
            return
        }
        let found = plan.tables[action.pointee.table].find(code.slice)
        let column = writer.code(RowWriter.Column.of(.action), constant: found >= 0 ? found : action.pointee.other)
        writer.set(RowWriter.Column.of(.action), code: column)
        writer.remember(action.pointee.action.memo, code, column)
    }

    /// The category follows from the action.
    private func setCategory(_ writer: RowWriter) {
        // An action is a constant nearly always, so that its code is there.
        if writer.lastCode(RowWriter.Column.of(.action)) == TextColumn.absent { writer.settle() }
        let category = writer.category(ofAction: writer.lastCode(RowWriter.Column.of(.action)))
        if category != TextColumn.absent { writer.set(RowWriter.Column.of(.category), code: category) }
    }

    // MARK: Lists

    /// Does something for each element of a list, and of the lists inside; once where there is no list.
    @inline(__always)
    private func forEachElement(_ each: Int32, _ body: () -> Void) throws(Rejection) {
        if each < 0 { return body() }
        try forEachInner(each, body)
    }

    private func forEachInner(_ each: Int32, _ body: () -> Void) throws(Rejection) {
        let inner = inner(each)
        var cursor = elements(each)
        while try next(&cursor) {
            if inner >= 0 { try forEachInner(inner, body) } else { body() }
        }
    }

    private func setRoles(_ roles: UnsafePointer<FlatBody.Roles>, _ writer: RowWriter) throws(Rejection) {
        try forEachElement(roles.pointee.each) { addRoles(roles, writer) }
    }

    private func addRoles(_ roles: UnsafePointer<FlatBody.Roles>, _ writer: RowWriter) {
        let list = writer.block.roles
        let first = Int(list.offsets[list.rowCount])
        let column = list.members[0]
        for number in 0..<roles.pointee.values.count {
            let text = text(roles.pointee.values[number])
            guard !text.isAbsent else { continue }
            guard column.count - first < Self.longestList else { return writer.block.setFlag(Event.Flag.truncated) }
            let bytes = text.slice
            let isKnown = (first..<column.count).contains { place in
                let entry = column.entry(column.codes[place])
                guard entry.count == bytes.count, let base = entry.baseAddress else { return false }
                return ByteSlice(base: base.assumingMemoryBound(to: UInt8.self), count: entry.count).equals(bytes)
            }
            if !isKnown { writer.append(RowWriter.Column.roles, shown(text, writer)) }
        }
    }

    private func addTargets(_ plan: UnsafePointer<FlatBody.Target>, _ writer: RowWriter) throws(Rejection) {
        try forEachElement(plan.pointee.each) { add(plan, writer) }
    }

    private func add(_ plan: UnsafePointer<FlatBody.Target>, _ writer: RowWriter) {
        if plan.pointee.condition >= 0, !isTrue(plan.pointee.condition) { return }
        let list = writer.block.targets
        guard hasRoom(list, writer, ifThere: plan.pointee.id, plan.pointee.name) else { return }
        let before = list.elementCount
        writer.beginElement()
        let hasID = append(RowWriter.Column.targetID, plan.pointee.id, writer)
        let hasName = append(RowWriter.Column.targetName, plan.pointee.name, writer)
        guard hasID || hasName else { return writer.takeBack(RowWriter.Column.targetType...RowWriter.Column.targetName, to: before) }
        _ = append(RowWriter.Column.targetType, plan.pointee.type, writer)
    }

    private func addChanges(_ plan: UnsafePointer<FlatBody.Change>, _ writer: RowWriter) throws(Rejection) {
        try forEachElement(plan.pointee.each) { add(plan, writer) }
    }

    private func add(_ plan: UnsafePointer<FlatBody.Change>, _ writer: RowWriter) {
        if plan.pointee.condition >= 0, !isTrue(plan.pointee.condition) { return }
        let list = writer.block.changes
        let before = list.elementCount
        writer.beginElement()
        let waiting = writer.pendingMark
        guard append(RowWriter.Column.changeField, plan.pointee.field, writer) else {
            return writer.takeBack(RowWriter.Column.changeField...RowWriter.Column.changeField, to: before)
        }
        let hasBefore = append(RowWriter.Column.changeBefore, plan.pointee.before, writer)
        let hasAfter = append(RowWriter.Column.changeAfter, plan.pointee.after, writer)
        if hasBefore || hasAfter, before - Int(list.offsets[list.rowCount]) < Self.longestList { return }
        if hasBefore || hasAfter { writer.block.setFlag(Event.Flag.truncated) }
        writer.dropPending(from: waiting)
        writer.takeBack(RowWriter.Column.changeField...RowWriter.Column.changeAfter, to: before)
    }

    /// Whether one more target fits; a target that is there and does not marks the event.
    private func hasRoom(_ list: ListColumn, _ writer: RowWriter, ifThere id: TextSite, _ name: TextSite) -> Bool {
        if list.elementCount - Int(list.offsets[list.rowCount]) < Self.longestList { return true }
        if !text(id.expression).isAbsent || !text(name.expression).isAbsent { writer.block.setFlag(Event.Flag.truncated) }
        return false
    }

    private func addAttributes(_ attributes: FlatList<FlatBody.Attribute>, _ writer: RowWriter) {
        var number = 0
        while number < attributes.count {
            let attribute = attributes.base + number
            number &+= 1
            let site = attribute.pointee.value
            // Most attributes are not there: nothing is appended for them.
            if site.needsSlot, !slots[Int(site.slot)].isScalar { continue }
            let name = RowWriter.Column.attributeName
            writer.beginElement()
            if append(RowWriter.Column.attributeValue, site, writer) {
                writer.append(name, code: writer.code(name, constant: attribute.pointee.name))
            } else {
                writer.takeBackLast(RowWriter.Column.attributeValue)
            }
        }
    }
}
