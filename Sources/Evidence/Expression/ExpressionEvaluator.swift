import AuditModel

/// Works out the value of expressions over one item, or over all of them.
struct ExpressionEvaluator {
    let people: PersonDirectory
    let parameters: [String: Value]
    let period: Period
    /// How far the sources of the report were seen.
    let asOf: Timestamp
    /// The same by source.
    let seenUntil: [String: Timestamp]

    /// What names refer to.
    struct Scope {
        var item: TestItem?
        /// Candidate of a join.
        var row: EventRow?
        /// All items, for aggregates.
        var items: [TestItem] = []
        var figures: [String: Int64] = [:]
    }

    func value(_ expression: Expression, in scope: Scope) throws(EvidenceError) -> Value {
        switch expression {
        case .literal(let value): return value
        case .name(let name): return try lookUp(name, in: scope)
        case .not, .and, .or, .compare, .isIn: return .truth(try truth(expression, in: scope))
        case .add(let a, let b): return try sum(try value(a, in: scope), try value(b, in: scope), sign: 1)
        case .subtract(let a, let b): return try sum(try value(a, in: scope), try value(b, in: scope), sign: -1)
        case .call(let function, let arguments): return try call(function, arguments, in: scope)
        }
    }

    /// A condition's truth; nothing counts as no.
    func truth(_ expression: Expression, in scope: Scope) throws(EvidenceError) -> Truth {
        switch expression {
        case .not(let inner): return !(try truth(inner, in: scope))
        case .and(let a, let b):
            let left = try truth(a, in: scope)
            return left == .no ? .no : left.and(try truth(b, in: scope))
        case .or(let a, let b):
            let left = try truth(a, in: scope)
            return left == .yes ? .yes : left.or(try truth(b, in: scope))
        case .compare(let comparison, let a, let b):
            return try compare(comparison, try value(a, in: scope), try value(b, in: scope))
        case .isIn(let a, let list):
            let left = try value(a, in: scope)
            var result = Truth.no
            for element in list {
                let right = try value(element, in: scope)
                if case .list(let texts) = right, case .text(let text) = left {
                    result = result.or(Truth(texts.contains(text)))
                } else {
                    result = result.or(try compare(.equal, left, right))
                }
            }
            return result
        default:
            switch try value(expression, in: scope) {
            case .truth(let truth): return truth
            case .missing: return .no
            case .text(let text) where text == "true" || text == "false": return Truth(text == "true")
            case let other: throw mistake("a condition is expected, not \(other.kind)")
            }
        }
    }

    // MARK: Operators

    private func mistake(_ message: String) -> EvidenceError { EvidenceError(.evaluation, message) }

    private func compare(_ comparison: Expression.Comparison, _ a: Value, _ b: Value) throws(EvidenceError) -> Truth {
        if a.isMissing || b.isMissing {
            // Nothing equals only nothing, and is neither before nor after anything.
            switch comparison {
            case .equal: return Truth(a.isMissing && b.isMissing)
            case .notEqual: return Truth(a.isMissing != b.isMissing)
            default: return .no
            }
        }
        switch (a, b) {
        case (.text(let x), .text(let y)): return order(comparison, x < y ? -1 : x == y ? 0 : 1)
        case (.number(let x), .number(let y)): return order(comparison, x < y ? -1 : x == y ? 0 : 1)
        case (.text(let x), .number(let y)):
            guard let x = Int64(x) else { return Truth(comparison == .notEqual) }
            return order(comparison, x < y ? -1 : x == y ? 0 : 1)
        case (.time(let x, let boundX), .time(let y, let boundY)):
            return measured(comparison, x.microseconds.subtractingReportingOverflow(y.microseconds).partialValue, bound: boundX + boundY)
        case (.duration(let x, let boundX), .duration(let y, let boundY)):
            return measured(comparison, x.subtractingReportingOverflow(y).partialValue, bound: boundX + boundY)
        case (.people(let x), .people(let y)):
            switch comparison {
            case .equal: return Truth(!x.isDisjoint(with: y))
            case .notEqual: return Truth(x.isDisjoint(with: y))
            default: throw mistake("people have no order")
            }
        case (.truth(let x), .truth(let y)):
            if x == .undecidable || y == .undecidable { return .undecidable }
            return order(comparison, x == y ? 0 : 1)
        default: throw mistake("\(a.kind) cannot be compared with \(b.kind)")
        }
    }

    private func order(_ comparison: Expression.Comparison, _ sign: Int) -> Truth {
        switch comparison {
        case .equal: Truth(sign == 0)
        case .notEqual: Truth(sign != 0)
        case .less: Truth(sign < 0)
        case .lessOrEqual: Truth(sign <= 0)
        case .greater: Truth(sign > 0)
        case .greaterOrEqual: Truth(sign >= 0)
        }
    }

    /// Order of two measured values: undecidable where their intervals overlap.
    private func measured(_ comparison: Expression.Comparison, _ difference: Int64, bound: Int64) -> Truth {
        guard bound > 0, difference.magnitude <= UInt64(bound) else { return order(comparison, difference.signum().intValue) }
        return .undecidable
    }

    private func sum(_ a: Value, _ b: Value, sign: Int64) throws(EvidenceError) -> Value {
        func add(_ x: Int64, _ y: Int64) throws(EvidenceError) -> Int64 {
            let (value, overflow) = sign > 0 ? x.addingReportingOverflow(y) : x.subtractingReportingOverflow(y)
            guard !overflow else { throw mistake("a sum is too large") }
            return value
        }
        switch (a, b) {
        case _ where a.isMissing || b.isMissing: return .missing
        case (.number(let x), .number(let y)): return .number(try add(x, y))
        case (.duration(let x, let boundX), .duration(let y, let boundY)): return .duration(try add(x, y), bound: boundX + boundY)
        case (.time(let x, let boundX), .duration(let y, let boundY)):
            return .time(Timestamp(microseconds: try add(x.microseconds, y)), bound: boundX + boundY)
        case (.time(let x, let boundX), .time(let y, let boundY)) where sign < 0:
            return .duration(try add(x.microseconds, y.microseconds), bound: boundX + boundY)
        default: throw mistake("\(a.kind) and \(b.kind) cannot be \(sign > 0 ? "added" : "subtracted")")
        }
    }

    // MARK: Functions

    private func call(_ function: Expression.Function, _ arguments: [Expression], in scope: Scope) throws(EvidenceError) -> Value {
        if function.isAggregate { return try aggregate(function, arguments[0], in: scope) }
        if function == .present || function == .missing || function == .count, case .name(let name) = arguments[0], name.field.isEmpty,
            let rows = scope.item?.joined[name.root]
        {
            if function == .count { return .number(Int64(rows.count)) }
            return .truth(Truth(rows.isEmpty == (function == .missing)))
        }
        let first = try value(arguments[0], in: scope)
        switch function {
        case .present: return .truth(Truth(!first.isMissing))
        case .missing: return .truth(Truth(first.isMissing))
        case .count:
            switch first {
            case .list(let list): return .number(Int64(list.count))
            case .people(let people): return .number(Int64(people.count))
            default: return .number(first.isMissing ? 0 : 1)
            }
        case .first:
            if !first.isMissing { return first }
            for argument in arguments.dropFirst() {
                let next = try value(argument, in: scope)
                if !next.isMissing { return next }
            }
            return .missing
        case .people:
            var union: Set<String> = []
            for argument in arguments { union.formUnion(try named(try value(argument, in: scope))) }
            return .people(union)
        case .has:
            guard case .text(let wanted) = try value(arguments[1], in: scope) else { return .truth(.no) }
            switch first {
            case .list(let list): return .truth(Truth(list.contains(wanted)))
            case .text(let text): return .truth(Truth(text == wanted))
            default: return .truth(.no)
            }
        case .samePerson:
            let second = try value(arguments[1], in: scope)
            guard case .people(let a) = first, case .people(let b) = second else { return .truth(.no) }
            return .truth(Truth(!a.isDisjoint(with: b)))
        case .day, .week, .month:
            guard case .time(let time, _) = first else { return first.isMissing ? .missing : .text(ValueText.plain(first)) }
            switch function {
            case .day: return .text(CalendarText.day(time))
            case .week: return .text(CalendarText.day(CalendarText.weekStart(time)))
            default: return .text(CalendarText.month(time))
            }
        case .seconds:
            guard case .duration(let length, _) = first else { return .missing }
            return .number(length / 1_000_000)
        case .median, .max, .min, .sum, .tally, .share: return .missing
        }
    }

    /// The people that a value names: tokens count as whom they stand for.
    private func named(_ value: Value) throws(EvidenceError) -> Set<String> {
        let tokens: [String]
        switch value {
        case .people(let people): return people
        case .text(let text): tokens = [text]
        case .list(let list): tokens = list
        default: return []
        }
        do { return try people.people(tokens) } catch {
            throw EvidenceError(.file, "the vault could not be asked who a token stands for", cause: error)
        }
    }

    private func aggregate(_ function: Expression.Function, _ argument: Expression, in scope: Scope) throws(EvidenceError) -> Value {
        var values: [Value] = []
        var yes: Int64 = 0
        for item in scope.items {
            var inner = Scope()
            inner.item = item
            if function == .tally || function == .share {
                if try truth(argument, in: inner) == .yes { yes += 1 }
            } else {
                let value = try value(argument, in: inner)
                if !value.isMissing { values.append(value) }
            }
        }
        switch function {
        case .tally: return .number(yes)
        case .share: return .text(scope.items.isEmpty ? "–" : "\((yes * 100 + Int64(scope.items.count) / 2) / Int64(scope.items.count)) %")
        default: break
        }
        let numbers = values.compactMap(Self.magnitude).sorted()
        guard let sample = values.first, !numbers.isEmpty else { return .missing }
        let result: Int64
        switch function {
        case .median: result = numbers[(numbers.count - 1) / 2]
        case .max: result = numbers[numbers.count - 1]
        case .min: result = numbers[0]
        default: result = numbers.reduce(0) { $0.addingReportingOverflow($1).partialValue }
        }
        switch sample {
        case .duration: return .duration(result, bound: 0)
        case .time: return .time(Timestamp(microseconds: result), bound: 0)
        default: return .number(result)
        }
    }

    /// The number behind a value that can be measured.
    static func magnitude(_ value: Value) -> Int64? {
        switch value {
        case .number(let number): number
        case .duration(let length, _): length
        case .time(let time, _): time.microseconds
        default: nil
        }
    }

    // MARK: Names

    private func lookUp(_ name: Expression.Name, in scope: Scope) throws(EvidenceError) -> Value {
        if name.root == "asof" {
            // For an item that is tested in one source, what that source showed counts.
            return .time(scope.item?.system.flatMap { seenUntil[$0] } ?? asOf, bound: 0)
        }
        if name.root == "period" { return .time(name.field == "start" ? period.start : period.end, bound: 0) }
        if name.root == "figures" { return scope.figures[name.field].map { .number($0) } ?? .missing }
        if let value = parameters[name.root], name.field.isEmpty { return value }
        if name.root == "row" {
            guard let row = scope.row else { return .missing }
            return try field(name.field, of: row)
        }
        guard let item = scope.item else { return .missing }
        if name.root == "item" { return try field(name.field, of: item) }
        if let rows = item.joined[name.root] {
            guard let row = rows.first else { return .missing }
            return name.field.isEmpty ? .truth(.yes) : try field(name.field, of: row)
        }
        return item.computed[name.root] ?? .missing
    }

    private func field(_ field: String, of item: TestItem) throws(EvidenceError) -> Value {
        switch field {
        case "id": return .text(item.id)
        case "time": return .time(item.time, bound: item.timeBound)
        case "person": return .people(item.people)
        case "system": return item.system.map { .text($0) } ?? .missing
        default: break
        }
        if let cell = item.coverage?[field] { return cell }
        guard let row = item.row else { return .missing }
        return try self.field(field == "recorded" ? "time" : field, of: row)
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
            default: return EventField(name: field).flatMap { event[$0] }.map { .text($0) } ?? .missing
            }
        } catch {
            throw EvidenceError(.file, "the vault could not be asked who a token stands for", cause: error)
        }
    }
}

extension Int64 {
    fileprivate var intValue: Int { Int(self) }
}
