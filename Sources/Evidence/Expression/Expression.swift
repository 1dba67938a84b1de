/// A condition or computation of a report definition, parsed and checked when the definition is loaded.
///
/// Grammar (docs/reports.md): `or`, `and`, `not`, comparisons `== != < <= > >= in`, `+ -` on times, durations and numbers,
/// function calls, names with dots, texts in quotes, durations such as `24h`, whole numbers.
indirect enum Expression: Hashable, Sendable {
    case literal(Value)
    case name(Name)
    case not(Expression)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case compare(Comparison, Expression, Expression)
    case isIn(Expression, [Expression])
    case add(Expression, Expression)
    case subtract(Expression, Expression)
    case call(Function, [Expression])

    /// A reference: the first word says where, the rest which field.
    struct Name: Hashable, Sendable {
        let root: String
        /// Empty for a parameter or a computed value.
        let field: String

        var text: String { field.isEmpty ? root : "\(root).\(field)" }

        /// The join, value or parameter meant: of `last.closed.time` it is `closed`.
        var subject: String { root == "last" ? String(field.prefix { $0 != "." }) : root }
    }

    enum Comparison: String, Sendable {
        case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="

        /// The same with its sides exchanged.
        var turned: Comparison {
            switch self {
            case .equal, .notEqual: self
            case .less: .greater
            case .lessOrEqual: .greaterOrEqual
            case .greater: .less
            case .greaterOrEqual: .lessOrEqual
            }
        }
    }

    /// What may be called.
    enum Function: String, CaseIterable, Sendable {
        case present, missing, count, first, has, day, week, month, seconds, people
        case samePerson = "same_person"
        // Texts and lists.
        case lower, starts, ends, contains, matches, overlap, split
        // Texts that stand for something else.
        case time, number, duration
        // Calendar.
        case days, weekday, hour
        case condition = "if"
        // Over the rows of a join.
        case any, all, distinct, values
        case tallyOf = "tally_of"
        // Over all items of the population; for narrative and figures.
        case median, max, min, sum, tally, share

        /// Whether it works on all items rather than on one.
        var isAggregate: Bool {
            switch self {
            case .median, .max, .min, .sum, .tally, .share: true
            default: false
            }
        }

        /// Whether its first value is a join, and its second is worked out for each row of it.
        var isOverRows: Bool {
            switch self {
            case .any, .all, .distinct, .values, .tallyOf: true
            default: false
            }
        }

        var arity: ClosedRange<Int> {
            switch self {
            case .first, .people: 1...8
            case .has, .samePerson, .starts, .ends, .contains, .matches, .overlap, .split, .any, .all, .distinct, .values, .tallyOf: 2...2
            case .day, .weekday, .hour: 1...2
            case .condition: 3...3
            default: 1...1
            }
        }

        /// `1 value`, `1 or 2 values`, for messages.
        var arityText: String {
            arity.count == 1
                ? "\(arity.lowerBound) value\(arity.lowerBound == 1 ? "" : "s")" : "\(arity.lowerBound) to \(arity.upperBound) values"
        }
    }

    /// Every name that occurs, in order.
    var names: [Name] {
        switch self {
        case .literal: []
        case .name(let name): [name]
        case .not(let a): a.names
        case .and(let a, let b), .or(let a, let b), .compare(_, let a, let b), .add(let a, let b), .subtract(let a, let b):
            a.names + b.names
        case .isIn(let a, let list): a.names + list.flatMap(\.names)
        case .call(_, let arguments): arguments.flatMap(\.names)
        }
    }

    /// Whether an aggregate is called anywhere inside.
    var hasAggregate: Bool {
        switch self {
        case .literal, .name: false
        case .not(let a): a.hasAggregate
        case .and(let a, let b), .or(let a, let b), .compare(_, let a, let b), .add(let a, let b), .subtract(let a, let b):
            a.hasAggregate || b.hasAggregate
        case .isIn(let a, let list): a.hasAggregate || list.contains(where: \.hasAggregate)
        case .call(let function, let arguments): function.isAggregate || arguments.contains(where: \.hasAggregate)
        }
    }
}
