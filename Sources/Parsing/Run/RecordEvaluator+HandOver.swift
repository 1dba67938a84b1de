import AuditModel

/// Parts of a record that another parser reads.
extension RecordEvaluator {
    /// What the parser read of the part wins; what it did not say is what this parser knows of the whole record.
    func handOver(_ hand: HandOverPlan, _ body: UnsafePointer<FlatBody>, _ writer: RowWriter) throws(Rejection) -> Outcome {
        let parser = hand.parser
        guard let child = children[parser] else { throw Rejection(reason: "the part for \(parser) is not there") }
        let wholeBlock = Self.emptied(wholeWriter)
        try row(body, wholeWriter)
        wholeWriter.completeRows()
        let whole = wholeBlock.event(0)
        let parts = Self.emptied(child.partWriter)
        switch try evaluate(hand, by: child, body) {
        case .skipped(let rule): return .skipped("\(parser): \(rule)")
        case .events:
            child.partWriter.completeRows()
            writer.completeRows()
            guard writer.block.rowCount + parts.rowCount <= rowLimit.pointee else {
                child.dropped.update(from: child.droppedBefore, count: child.plan.droppedNames.count)
                throw Rejection(reason: "", isFull: true)
            }
            let classes = mergedClasses(parts.classAssignment(0), plan.bodies[Int(body.pointee.number)].classes)
            for number in 0..<parts.rowCount {
                writer.block.append(Event(part: parts.event(number), whole: whole), classes: classes)
            }
            return .events
        }
    }

    /// The block of a writer without rows; a new one now and then, because entries stay.
    private static func emptied(_ writer: RowWriter) -> EventBlock {
        writer.removeAll()
        if writer.block.byteCount > 1 << 20 { writer.begin(EventBlock()) }
        return writer.block
    }

    private func mergedClasses(_ inner: ClassAssignment, _ outer: ClassAssignment) -> ClassAssignment {
        let key = [ObjectIdentifier(inner), ObjectIdentifier(outer)]
        if let known = merged[key] { return known }
        let new = ClassAssignment(
            attributes: outer.attributes.merging(inner.attributes) { $1 }, overrides: outer.overrides.merging(inner.overrides) { $1 },
            changes: outer.changes.merging(inner.changes) { $1 })
        merged[key] = new
        return new
    }

    private func evaluate(
        _ hand: HandOverPlan, by child: RecordEvaluator, _ body: UnsafePointer<FlatBody>
    ) throws(Rejection) -> Outcome {
        guard let part = hand.part else {
            guard let link = definition.handOverLinks[Int(body.pointee.number)] else {
                throw Rejection(reason: "the names for \(hand.parser) are not there")
            }
            child.beginPart()
            child.resetSlots()
            for (number, name) in hand.names.enumerated() where link.slots[number] >= 0 {
                guard let text = value(name.value) else { continue }
                // A JSON text may say so; in a line of a log it would be none.
                guard text.firstIndex(of: 0) == nil else { throw Rejection(reason: "the record holds a NUL byte") }
                child.set(link.slots[number], text)
            }
            if let fault { throw Rejection(reason: fault.rawValue) }
            return try child.evaluateNames(format: link.format, child.partWriter)
        }
        guard let text = value(part) else { throw Rejection(reason: "the part for \(hand.parser) is not there") }
        return try child.evaluatePart(text, child.partWriter)
    }

    private func beginPart() {
        arena.reset()
        fault = nil
        droppedBefore.update(from: dropped, count: plan.droppedNames.count)
    }

    /// Reads what names say that another parser filled.
    private func evaluateNames(format: Int, _ writer: RowWriter) throws(Rejection) -> Outcome {
        let outcome: Outcome
        do {
            outcome = try run(plan.flatBodies.base + plan.flatFormats.base[format].body, writer)
        } catch {
            throw error.isFull ? error : Rejection(reason: "\(definition.id): \(error.reason)")
        }
        if let fault { throw Rejection(reason: "\(definition.id): \(fault.rawValue)") }
        return outcome
    }

    /// Reads a part that another parser hands over; the part lives in that parser's memory.
    private func evaluatePart(_ part: ByteSlice, _ writer: RowWriter) throws(Rejection) -> Outcome {
        beginPart()
        var format = 0
        while format < plan.framings.count, !plan.framings.base[format].accepts(part, slots: slots, arena: arena) { format += 1 }
        guard format < plan.framings.count else {
            throw Rejection(reason: "\(definition.id): no format begins like the part handed over")
        }
        do {
            return try evaluateInside(part, format: format, writer)
        } catch {
            throw error.isFull ? error : Rejection(reason: "\(definition.id): \(error.reason)")
        }
    }
}

extension Event {
    /// The event of a part, completed by what the whole record says.
    fileprivate init(part: Event, whole: Event) {
        self = part
        for field in EventField.allCases where self[field] == nil { self[field] = whole[field] }
        // An action names its category: they come from the same side.
        if part[.action] != nil { self[.category] = part[.category] }
        self[.parser] = whole[.parser]
        self[.parserVersion] = whole[.parserVersion]
        if time == nil { time = whole.time }
        if approvalExpires == nil { approvalExpires = whole.approvalExpires }
        if roles.isEmpty { roles = whole.roles }
        for target in whole.targets where !targets.contains(target) { targets.append(target) }
        if changes.isEmpty { changes = whole.changes }
        for attribute in whole.attributes where self.attribute(attribute.name) == nil { setAttribute(attribute.name, attribute.value) }
    }
}
