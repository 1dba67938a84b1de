import AuditModel

extension ExpressionEvaluator {
    func lookUp(_ name: Expression.Name, in scope: Scope) throws(EvidenceError) -> Value {
        switch name.root {
        case "asof":
            // For an item that is tested in one source, what that source showed counts.
            return .time(scope.item?.system.flatMap { seenUntil[$0] } ?? asOf, bound: 0)
        case "period": return .time(name.field == "start" ? period.start : period.end, bound: 0)
        case "figures": return scope.figures[name.field].map { .number($0) } ?? .missing
        case "inventory", "last": return try lookUp(inside: name, in: scope)
        case "row": return try scope.row.map { row throws(EvidenceError) in try field(name.field, of: row) } ?? .missing
        default: break
        }
        if let value = parameters[name.root], name.field.isEmpty { return value }
        guard let item = scope.item else { return .missing }
        if name.root == "item" { return try field(name.field, of: item) }
        if let rows = item.joined[name.root] {
            guard let row = rows.first else { return .missing }
            return name.field.isEmpty ? .truth(.yes) : try field(name.field, of: row)
        }
        return item.computed[name.root] ?? .missing
    }

    /// `inventory.<name>.<fact>` and `last.<join>.<field>`.
    private func lookUp(inside name: Expression.Name, in scope: Scope) throws(EvidenceError) -> Value {
        let parts = name.field.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return .missing }
        if name.root == "inventory" { return inventories[parts[0]]?.fact(parts[1]) ?? .missing }
        guard let row = scope.item?.joined[parts[0]]?.last else { return .missing }
        return try field(parts[1], of: row)
    }

    private func field(_ field: String, of item: TestItem) throws(EvidenceError) -> Value {
        if let value = item.fields[field] { return value }
        switch field {
        case "id": return .text(item.id)
        case "time": return .time(item.time, bound: item.timeBound)
        case "person": return .people(item.people)
        case "system": return item.system.map { .text($0) } ?? .missing
        case "population": return .text(item.population)
        default: break
        }
        guard let row = item.row else { return .missing }
        return try self.field(field == "recorded" ? "time" : field, of: row)
    }

    private func field(_ field: String, of row: FactRow) throws(EvidenceError) -> Value {
        switch row {
        case .event(let row): try self.field(field, of: row)
        case .inventory(let row): row.fields[field] ?? .missing
        }
    }

    /// A field of an event; `time` and the like carry the event's time bound.
    func field(_ field: String, of row: EventRow) throws(EvidenceError) -> Value {
        let event = row.event
        func text(_ value: String?) -> Value { value.map { .text($0) } ?? .missing }
        do {
            switch field {
            case "time": return .time(row.time, bound: event.timeBoundMicroseconds ?? 0)
            case "observed": return event.observed.map { .time($0, bound: 0) } ?? .missing
            case "approval.expires": return event.approvalExpires.map { .time($0, bound: 0) } ?? .missing
            case "seq": return .number(row.seq)
            case "roles": return .list(event.roles)
            case "flags": return .list(event.flags)
            case "actor": return text(event[.actorEmail] ?? event[.actorID] ?? event[.actorName])
            case "approver": return text(event[.approvalBy])
            case "target": return text(event.targets.lazy.compactMap { $0.name ?? $0.id }.first)
            case "target.id": return text(event.targets.lazy.compactMap(\.id).first)
            case "target.name": return text(event.targets.lazy.compactMap(\.name).first)
            case "target.type": return text(event.targets.lazy.compactMap(\.type).first)
            case "actor.person": return .people(try people.actor(event))
            case "target.person": return .people(try people.targets(event))
            case "approval.person": return .people(try people.approver(event))
            case "on_behalf_of.person": return .people(try people.onBehalfOf(event))
            case "any.person": return .people(try people.actor(event).union(people.targets(event)))
            case _ where field.hasPrefix("attributes."): return text(event.attribute(String(field.dropFirst(11))))
            case _ where field.hasPrefix("targets."): return try target(field, of: event)
            case _ where field.hasPrefix("changes."):
                guard let wanted = ChangeField(field), let change = event.changes.first(where: { $0.field == wanted.field }) else { return .missing }
                return text(wanted.isBefore ? change.before : change.after)
            default: return EventField(name: field).flatMap { event[$0] }.map { .text($0) } ?? .missing
            }
        } catch {
            throw EvidenceError(.file, "the vault could not be asked who a token stands for", cause: error)
        }
    }

    private func target(_ field: String, of event: Event) throws -> Value {
        guard let wanted = TargetField(field), let target = event.targets.first(where: { $0.type == wanted.type }) else { return .missing }
        switch wanted.part {
        case .id: return target.id.map { .text($0) } ?? .missing
        case .name: return target.name.map { .text($0) } ?? .missing
        case .person: return .people(try people.people([target.id, target.name]))
        }
    }
}
