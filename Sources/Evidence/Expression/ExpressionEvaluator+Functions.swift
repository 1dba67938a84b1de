import AuditModel
import Foundation

extension ExpressionEvaluator {
    func call(_ function: Expression.Function, _ arguments: [Expression], in scope: Scope) throws(EvidenceError) -> Value {
        if function.isAggregate { return try aggregate(function, arguments[0], in: scope) }
        if function.isOverRows { return try overRows(function, arguments, in: scope) }
        if function == .present || function == .missing || function == .count, case .name(let name) = arguments[0], name.field.isEmpty,
            let rows = scope.item?.joined[name.root]
        {
            if function == .count { return .number(Int64(rows.count)) }
            return .truth(Truth(rows.isEmpty == (function == .missing)))
        }
        var values: [Value] = []
        // `first` stops at the first that is there.
        for argument in arguments {
            let value = try value(argument, in: scope)
            if function == .first, !value.isMissing { return value }
            values.append(value)
        }
        switch function {
        case .present: return .truth(Truth(!values[0].isMissing))
        case .missing: return .truth(Truth(values[0].isMissing))
        case .count:
            if let people = values[0].asPeople { return .number(Int64(people.count)) }
            if case .list(let list) = values[0] { return .number(Int64(list.count)) }
            return .number(values[0].isMissing ? 0 : 1)
        case .people:
            var union: Set<String> = []
            for value in values { union.formUnion(try named(value)) }
            return .people(union)
        case .samePerson: return .truth(Truth(!(try named(values[0])).isDisjoint(with: try named(values[1]))))
        case .has, .starts, .ends, .contains, .matches, .overlap: return .truth(Self.textTruth(function, values[0], values[1]))
        case .lower:
            switch values[0] {
            case .text(let text): return .text(text.lowercased())
            case .list(let list): return .list(list.map { $0.lowercased() })
            case let other: return other
            }
        case .split:
            guard case .text(let text) = values[0], case .text(let mark) = values[1], !mark.isEmpty else { return values[0] }
            return .list(text.components(separatedBy: mark).map(\.trimmed).filter { !$0.isEmpty })
        case .time, .number, .duration: return Self.reading(function, values[0])
        case .day, .week, .month, .weekday, .hour: return try calendar(function, values[0], zone: values.count > 1 ? values[1] : nil)
        case .seconds:
            guard case .duration(let length, _) = values[0] else { return .missing }
            return .number(length / 1_000_000)
        case .days:
            guard case .duration(let length, _) = values[0] else { return .missing }
            return .number(length / CalendarText.dayMicroseconds)
        case .first, .condition, .any, .all, .distinct, .values, .tallyOf, .median, .max, .min, .sum, .tally, .share: return .missing
        }
    }

    /// The people that a value names: tokens count as whom they stand for.
    func named(_ value: Value) throws(EvidenceError) -> Set<String> {
        let tokens: [String]
        switch value {
        case .people(let people), .person(_, let people): return people
        case .text(let text): tokens = [text]
        case .list(let list): tokens = list
        default: return []
        }
        do { return try people.people(tokens) } catch {
            throw EvidenceError(.file, "the vault could not be asked who a token stands for", cause: error)
        }
    }

    /// `any`, `all`, `tally_of`, `distinct`, `values`: a condition or value for each row of a join.
    private func overRows(_ function: Expression.Function, _ arguments: [Expression], in scope: Scope) throws(EvidenceError) -> Value {
        guard case .name(let name) = arguments[0] else { return .missing }
        var inner = scope
        var truth: Truth = function == .all ? .yes : .no
        var count: Int64 = 0
        var seen: Set<String> = []
        for row in scope.item?.joined[name.root] ?? [] {
            inner.row = row
            if function == .values {
                switch try value(arguments[1], in: inner) {
                case .missing: break
                case .people(let people): seen.formUnion(people)
                case .list(let list): seen.formUnion(list)
                case let value: seen.insert(ValueText.plain(value))
                }
                continue
            }
            if function == .distinct {
                let value = try value(arguments[1], in: inner)
                if !value.isMissing { seen.insert(value.asPeople.map { $0.sorted().joined(separator: "\n") } ?? ValueText.plain(value)) }
                continue
            }
            let one = try self.truth(arguments[1], in: inner)
            if one == .yes { count += 1 }
            truth = function == .all ? truth.and(one) : truth.or(one)
        }
        switch function {
        case .tallyOf: return .number(count)
        case .distinct: return .number(Int64(seen.count))
        case .values: return .list(seen.sorted())
        default: return .truth(truth)
        }
    }

    /// Conditions on texts; of a list one element suffices.
    private static func textTruth(_ function: Expression.Function, _ value: Value, _ wanted: Value) -> Truth {
        func texts(_ value: Value) -> [String] {
            switch value {
            case .text(let text): [text]
            case .list(let list): list
            case .number, .person: [ValueText.plain(value)]
            default: []
            }
        }
        let own = texts(value), others = texts(wanted)
        if function == .overlap { return Truth(!Set(own).isDisjoint(with: others)) }
        guard let other = others.first else { return .no }
        return Truth(
            own.contains { text in
                switch function {
                case .starts: text.hasPrefix(other)
                case .ends: text.hasSuffix(other)
                case .contains: other.isEmpty || text.contains(other)
                case .matches: matches(Array(text.unicodeScalars), Array(other.unicodeScalars))
                default: text == other
                }
            })
    }

    /// Whether a text is what a pattern with `*` (any text) and `?` (one character) describes. Linear in the product of their lengths at worst.
    static func matches(_ text: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
        var t = 0, p = 0
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                p = last.pattern + 1
                t = last.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }

    /// A text read as something else; nothing where it is not that.
    private static func reading(_ function: Expression.Function, _ value: Value) -> Value {
        switch (function, value) {
        case (.time, .time), (.number, .number), (.duration, .duration): return value
        case (.time, .text(let text)): return Timestamp(dateOrTime: text).map { .time($0, bound: 0) } ?? .missing
        case (.number, .text(let text)): return Int64(text).map { .number($0) } ?? .missing
        case (.duration, .text(let text)): return DurationText.parse(text).map { .duration($0, bound: 0) } ?? .missing
        default: return .missing
        }
    }

    private func calendar(_ function: Expression.Function, _ value: Value, zone: Value?) throws(EvidenceError) -> Value {
        guard case .time(let moment, _) = value else { return value.isMissing ? .missing : .text(ValueText.plain(value)) }
        var time = moment
        if case .text(let name)? = zone {
            guard let zone = TimeZone(identifier: name) else { throw mistake("there is no time zone `\(name)`; write Europe/Berlin or UTC") }
            let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000))
            time = Timestamp(microseconds: time.microseconds + Int64(offset) * 1_000_000)
        }
        switch function {
        case .day: return .text(CalendarText.day(time))
        case .week: return .text(CalendarText.day(CalendarText.weekStart(time)))
        case .month: return .text(CalendarText.month(time))
        case .weekday:
            let day = (CalendarText.dayStart(time).microseconds - CalendarText.weekStart(time).microseconds) / CalendarText.dayMicroseconds
            return .text(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][Int(day)])
        default: return .number((time.microseconds - CalendarText.dayStart(time).microseconds) / 3_600_000_000)
        }
    }
}
