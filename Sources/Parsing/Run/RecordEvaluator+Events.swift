import AuditModel

/// Building events from the names of a record.
extension RecordEvaluator {
    /// A text longer than this is cut, and the event marked.
    static let longestText = 64 << 10
    /// More targets or changes than this are cut, and the event marked.
    static let longestList = 1_024
    /// A record that fans out into more events is refused: they would not fit one batch.
    static let mostEvents = 10_000

    func events(_ body: BodyPlan) throws(Rejection) -> [ParsedEvent] {
        guard let each = body.each else { return [ParsedEvent(event: try event(body), classes: body.classes)] }
        var events: [ParsedEvent] = []
        try forEach(each) { () throws(Rejection) in
            guard events.count < Self.mostEvents else { throw Rejection(reason: "the record holds more than 10,000 events") }
            events.append(ParsedEvent(event: try event(body), classes: body.classes))
        }
        // An empty list is still a record of something: the event without the element.
        if events.isEmpty { events.append(ParsedEvent(event: try event(body), classes: body.classes)) }
        return events
    }

    func event(_ body: BodyPlan) throws(Rejection) -> Event {
        var event = Event()
        event[.source] = options.source
        event[.instance] = options.instance
        event[.parser] = definition.id
        event[.parserVersion] = definition.version
        event.observed = options.observed
        for (field, expression) in body.fields {
            if let text = value(expression) { event[field] = shown(text, &event) }
        }
        if let action = body.action { setAction(action, &event) }
        if let name = event[.action] { event[.category] = ActionTaxonomy.entry(for: name)?.category }
        for time in body.times { try setTime(time, &event) }
        try setLists(body, &event)
        for (name, expression) in body.attributes {
            if let text = value(expression) { event.setAttribute(name, shown(text, &event)) }
        }
        return event
    }

    private func shown(_ text: ByteSlice, _ event: inout Event) -> String {
        guard text.count > Self.longestText else { return text.text }
        event.setFlag(Event.Flag.truncated)
        var end = Self.longestText
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return text.sub(0, end).text
    }

    private func setAction(_ action: ActionPlan, _ event: inout Event) {
        guard let code = value(action.code) else {
            if event[.action] == nil { event[.action] = plan.constants[Int(action.other)].text }
            return
        }
        if event[.sourceAction] == nil { event[.sourceAction] = shown(code, &event) }
        if event[.action] == nil {
            event[.action] = plan.constants[Int(plan.tables[Int(action.table)].find(code) ?? action.other)].text
        }
    }

    private func setTime(_ time: TimePlan, _ event: inout Event) throws(Rejection) {
        guard let text = value(time.value) else { return }
        for format in time.formats {
            guard let reading = TimeReader.read(text, format) else { continue }
            let moment = try self.moment(reading, text, time)
            switch time.column {
            case .time: event.time = moment
            case .approvalExpires: event.approvalExpires = moment
            }
            return
        }
        throw Rejection(reason: "a time is not in a known format")
    }

    private func moment(_ reading: TimeReading, _ text: ByteSlice, _ plan: TimePlan) throws(Rejection) -> Timestamp {
        switch reading {
        case .moment(let micros): return Timestamp(microseconds: micros)
        case .civil(let time, let zoneName):
            guard let local = time.year == nil ? years.resolve(time) : time.microseconds() else {
                throw Rejection(reason: "a time names no moment of the calendar")
            }
            let offset: Int64
            if let minutes = time.offsetMinutes {
                offset = Int64(minutes) * 60_000_000
            } else if let name = zoneName.map({ text.sub($0.from, $0.to) }) ?? plan.zone.flatMap(value) {
                guard let known = zones.offset(named: name.text, at: local) else {
                    throw Rejection(reason: "a time zone's name is unknown or stands for several; configure the source's timezone")
                }
                offset = known
            } else {
                offset = zones.configuredOffset(at: local)
            }
            let moment = Timestamp(microseconds: local - offset)
            guard moment >= .earliest, moment <= .latest else { throw Rejection(reason: "a time names no moment of the calendar") }
            return moment
        }
    }

    private func setLists(_ body: BodyPlan, _ event: inout Event) throws(Rejection) {
        if let roles = body.roles {
            var found: [String] = []
            func add() {
                for expression in roles.values {
                    if let text = value(expression), !found.contains(text.text) { found.append(shown(text, &event)) }
                }
            }
            if let each = roles.each { try forEach(each) { () throws(Rejection) in add() } } else { add() }
            event.roles = found
        }
        for target in body.targets {
            if let each = target.each {
                try forEach(each) { () throws(Rejection) in add(target, &event) }
            } else {
                add(target, &event)
            }
        }
        for change in body.changes {
            if let each = change.each {
                try forEach(each) { () throws(Rejection) in add(change, &event) }
            } else {
                add(change, &event)
            }
        }
    }

    private func add(_ plan: TargetPlan, _ event: inout Event) {
        if let condition = plan.condition, !isTrue(condition) { return }
        let id = plan.id.flatMap(value)
        let name = plan.name.flatMap(value)
        guard id != nil || name != nil, hasRoom(event.targets.count, &event) else { return }
        event.targets.append(
            Event.Target(type: value(plan.type)?.text, id: id.map { shown($0, &event) }, name: name.map { shown($0, &event) }))
    }

    private func add(_ plan: ChangePlan, _ event: inout Event) {
        if let condition = plan.condition, !isTrue(condition) { return }
        guard let field = value(plan.field) else { return }
        let before = plan.before.flatMap(value).map { shown($0, &event) }
        let after = plan.after.flatMap(value).map { shown($0, &event) }
        guard before != nil || after != nil, hasRoom(event.changes.count, &event) else { return }
        event.changes.append(Event.Change(field: field.text, before: before, after: after))
    }

    private func hasRoom(_ count: Int, _ event: inout Event) -> Bool {
        if count >= Self.longestList { event.setFlag(Event.Flag.truncated) }
        return count < Self.longestList
    }
}
