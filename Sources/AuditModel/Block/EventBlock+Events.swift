/// Whole events in and out of a block: for slow paths, small commits and tests.
extension EventBlock {
    /// A block of these events.
    public convenience init(_ events: [Event], classes: ClassAssignment = .none) {
        self.init(capacity: events.count)
        for event in events { append(event, classes: classes) }
        pad()
    }

    /// Adds an event as a row.
    public func append(_ event: Event, classes: ClassAssignment = .none) {
        beginRow()
        for field in EventField.allCases {
            if var text = event[field] { text.withUTF8 { set(field, UnsafeRawBufferPointer($0)) } }
        }
        if event.schema != Event.currentSchema { set(schema, Int64(event.schema)) }
        if let value = event.time { set(time, value.microseconds) }
        if let value = event.timeBoundMicroseconds { set(timeBound, value) }
        if let value = event.observed { set(observed, value.microseconds) }
        if let value = event.approvalExpires { set(approvalExpires, value.microseconds) }
        if let value = event.replaces { set(replaces, value) }
        for role in event.roles { roles.append(role) }
        for target in event.targets { targets.append(target.type, target.id, target.name) }
        for change in event.changes { changes.append(change.field, change.before, change.after) }
        for attribute in event.attributes { attributes.append(attribute.name, attribute.value) }
        for flag in event.flags { setFlag(flag) }
        endRow(number(of: classes))
    }

    /// The event in a row.
    public func event(_ row: Int) -> Event {
        var event = Event()
        for field in EventField.allCases {
            if let text = texts[Int(field.rawValue)].string(row) { event[field] = text }
        }
        if let value = schema[row] { event.schema = Int(value) }
        event.time = time[row].map { Timestamp(microseconds: $0) }
        event.timeBoundMicroseconds = timeBound[row]
        event.observed = observed[row].map { Timestamp(microseconds: $0) }
        event.approvalExpires = approvalExpires[row].map { Timestamp(microseconds: $0) }
        event.replaces = replaces[row]
        event.roles = roles.elements(of: row).compactMap { roles.members[0].string($0) }
        event.targets = targets.elements(of: row).map { element in
            Event.Target(
                type: targets.members[0].string(element), id: targets.members[1].string(element), name: targets.members[2].string(element))
        }
        event.changes = changes.elements(of: row).map { element in
            Event.Change(
                field: changes.members[0].string(element) ?? "", before: changes.members[1].string(element),
                after: changes.members[2].string(element))
        }
        for element in attributes.elements(of: row) {
            event.setAttribute(attributes.members[0].string(element) ?? "", attributes.members[1].string(element) ?? "")
        }
        for (bit, name) in flagNames.enumerated() where flags[row] >> UInt32(bit) & 1 == 1 { event.setFlag(name) }
        return event
    }

    /// The class assignment of a row.
    public func classAssignment(_ row: Int) -> ClassAssignment { classTable[Int(classes[row])] }

    /// Adds rows of another block, in their order.
    public func append(rows: Range<Int>, of other: EventBlock) {
        guard !rows.isEmpty else { return }
        let first = rowCount
        for (mine, theirs) in zip(integers, other.integers) {
            mine.pad(to: first)
            for row in rows { mine.append(row < theirs.count ? theirs.values[row] : IntegerColumn.absent) }
        }
        for (mine, theirs) in zip(texts, other.texts) where theirs.count > rows.lowerBound {
            mine.pad(to: first)
            Self.copy(rows.lowerBound..<min(rows.upperBound, theirs.count), of: theirs, to: mine)
        }
        let numbers = other.classTable.map { number(of: $0) }
        let bits = other.flagNames.map { bit(of: $0) }
        for row in rows {
            beginRow()
            for (mine, theirs) in zip(lists, other.lists) {
                for (member, source) in zip(mine.members, theirs.members) { Self.copy(theirs.elements(of: row), of: source, to: member) }
            }
            for (place, bit) in bits.enumerated() where other.flags[row] >> UInt32(place) & 1 == 1 { setFlag(flagNames[Int(bit)]) }
            endRow(numbers.isEmpty ? 0 : numbers[Int(other.classes[row])])
        }
    }

    private static func copy(_ slots: Range<Int>, of source: TextColumn, to column: TextColumn) {
        for slot in slots {
            let code = source.codes[slot]
            if code == TextColumn.absent { column.append(code: code) } else { column.append(source.entry(code)) }
        }
    }
}
