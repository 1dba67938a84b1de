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
    /// By name.
    let inventories: [String: InventoryTable]

    /// What names refer to.
    struct Scope {
        var item: TestItem?
        /// Candidate of a join.
        var row: FactRow?
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
        case .call(.condition, let arguments):
            // The branch not taken is not worked out: it may not make sense.
            switch try truth(arguments[0], in: scope) {
            case .yes: return try value(arguments[1], in: scope)
            case .no: return try value(arguments[2], in: scope)
            case .undecidable: return .truth(.undecidable)
            }
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
                } else if case .list(let texts) = right, case .list(let own) = left {
                    result = result.or(Truth(!Set(own).isDisjoint(with: texts)))
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

    func mistake(_ message: String) -> EvidenceError { EvidenceError(.evaluation, message) }

    func compare(_ comparison: Expression.Comparison, _ a: Value, _ b: Value) throws(EvidenceError) -> Truth {
        if a.isUndecidable || b.isUndecidable { return .undecidable }
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
        case (.number, .text(let text)) where Int64(text) != nil: return try compare(comparison.turned, b, a)
        case (.time(let x, let boundX), .time(let y, let boundY)):
            return measured(comparison, x.microseconds.subtractingReportingOverflow(y.microseconds).partialValue, bound: boundX + boundY)
        case (.duration(let x, let boundX), .duration(let y, let boundY)):
            return measured(comparison, x.subtractingReportingOverflow(y).partialValue, bound: boundX + boundY)
        case (.truth(let x), .truth(let y)):
            return order(comparison, x == y ? 0 : 1)
        default: break
        }
        if a.asPeople != nil || b.asPeople != nil {
            // A text beside people is a token, and counts as whom it stands for.
            let x = try named(a), y = try named(b)
            switch comparison {
            case .equal: return Truth(!x.isDisjoint(with: y))
            case .notEqual: return Truth(x.isDisjoint(with: y))
            default: throw mistake("people have no order")
            }
        }
        throw mistake("\(a.kind) cannot be compared with \(b.kind)")
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
        case _ where a.isUndecidable || b.isUndecidable: return .truth(.undecidable)
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

    func aggregate(_ function: Expression.Function, _ argument: Expression, in scope: Scope) throws(EvidenceError) -> Value {
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
}

extension Int64 {
    fileprivate var intValue: Int { Int(self) }
}
