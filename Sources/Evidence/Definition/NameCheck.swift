import AuditModel

/// Says which names an expression of a definition may use, and what is wrong with those that it does use.
struct NameCheck {
    /// The fields of an item or of a row.
    enum Fields: Sendable {
        /// Those of an event, and these.
        case event(and: [String])
        /// These alone.
        case only([String])

        func contains(_ field: String) -> Bool {
            switch self {
            case .event(let more): FieldNames.isEventField(field) || more.contains(field)
            case .only(let names): names.contains(field)
            }
        }

        var names: [String] {
            switch self {
            case .event(let more): FieldNames.allOfEvent + more
            case .only(let names): names
            }
        }
    }

    /// Which of the names may be used at one place.
    enum Scope {
        /// The item's own fields alone.
        case itemOnly
        /// A row alone, with these fields.
        case rowOnly(Fields)
        /// Item, candidate row of a join, and the joins above it.
        case itemAndRow(Fields, above: [String])
        /// Item, joins, parameters and these computed values.
        case item(computed: Set<String>)
        /// Figures and aggregates over all items.
        case everything
    }

    var parameters: [String] = []
    var computed: [String] = []
    /// By population's name.
    var populations: [(name: String, fields: Fields)] = []
    var joins: [(name: String, fields: Fields)] = []
    var inventories: [String] = []

    /// Why an expression cannot stand where it does; nil where it can.
    ///
    /// - Parameter of: The populations for which it is worked out; empty is all. A field must belong to one of them.
    func problem(_ expression: Expression, scope: Scope, of: [String]) -> String? {
        if expression.hasAggregate {
            guard case .everything = scope else { return "median, max, min, sum, tally and share belong into `narrative`" }
        }
        return walk(expression, scope, row: nil, of)
    }

    private func walk(_ expression: Expression, _ scope: Scope, row: Fields?, _ of: [String]) -> String? {
        switch expression {
        case .literal: return nil
        case .name(let name): return problem(name, scope, row: row, of)
        case .not(let a): return walk(a, scope, row: row, of)
        case .and(let a, let b), .or(let a, let b), .compare(_, let a, let b), .add(let a, let b), .subtract(let a, let b):
            return walk(a, scope, row: row, of) ?? walk(b, scope, row: row, of)
        case .isIn(let a, let list): return walk(a, scope, row: row, of) ?? list.lazy.compactMap { walk($0, scope, row: row, of) }.first
        case .call(let function, let arguments) where function.isOverRows:
            guard case .name(let name) = arguments[0], name.field.isEmpty, let join = joins.first(where: { $0.name == name.root }) else {
                return "the first value of `\(function.rawValue)` must be the name of a join\(NearestName.hint(arguments[0].names.first?.text ?? "", among: joins.map(\.name)))"
            }
            switch scope {
            case .item, .everything: return walk(arguments[1], scope, row: join.fields, of)
            case .itemAndRow(_, let above) where above.contains(join.name):
                return walk(arguments[1], .itemAndRow(join.fields, above: above), row: join.fields, of)
            default: return "`\(function.rawValue)` has no joins to look at here"
            }
        case .call(_, let arguments): return arguments.lazy.compactMap { walk($0, scope, row: row, of) }.first
        }
    }

    private func problem(_ name: Expression.Name, _ scope: Scope, row: Fields?, _ of: [String]) -> String? {
        var roots = ["period", "asof", "inventory"] + parameters
        var row = row
        var hasJoins = false
        switch scope {
        case .itemOnly: roots.append("item")
        case .rowOnly(let fields): row = fields
        case .itemAndRow(let fields, let above):
            roots += ["item", "last"] + above
            row = fields
        case .item(let known):
            roots += ["item"] + known.sorted()
            hasJoins = true
        case .everything:
            roots += ["item", "figures"] + computed
            hasJoins = true
        }
        if row != nil { roots.append("row") }
        if hasJoins { roots += joins.map(\.name) + ["last"] }
        guard roots.contains(name.root) else {
            return "nothing is named `\(name.root)` here\(NearestName.hint(name.root, among: roots))"
        }
        return fieldProblem(name, row: row, of)
    }

    private func fieldProblem(_ name: Expression.Name, row: Fields?, _ of: [String]) -> String? {
        switch name.root {
        case "item":
            let spaces = populations.filter { of.isEmpty || of.contains($0.name) }.map(\.fields)
            if spaces.contains(where: { $0.contains(name.field) }) || FieldNames.ofItem.contains(name.field) { return nil }
            return unknown(name, spaces.flatMap(\.names) + FieldNames.ofItem)
        case "period": return FieldNames.ofPeriod.contains(name.field) ? nil : unknown(name, FieldNames.ofPeriod)
        case "figures": return FieldNames.ofFigures.contains(name.field) ? nil : unknown(name, FieldNames.ofFigures)
        case "row":
            guard let row, !row.contains(name.field) else { return nil }
            return unknown(name, row.names)
        case "inventory", "last":
            let parts = name.field.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let isLast = name.root == "last"
            let known = isLast ? joins.map(\.name) : inventories
            guard known.contains(parts[0]) else {
                return "there is no \(isLast ? "join" : "inventory") `\(parts[0])`\(NearestName.hint(parts[0], among: known))"
            }
            let fields = isLast ? joins.first { $0.name == parts[0] }?.fields ?? .only([]) : .only(FieldNames.ofInventory)
            if parts.count == 2, fields.contains(parts[1]) { return nil }
            return unknown(Expression.Name(root: "\(name.root).\(parts[0])", field: parts.count == 2 ? parts[1] : ""), fields.names)
        default:
            if let join = joins.first(where: { $0.name == name.root }) {
                return name.field.isEmpty || join.fields.contains(name.field) ? nil : unknown(name, join.fields.names)
            }
            return name.field.isEmpty ? nil : "`\(name.root)` has no fields"
        }
    }

    private func unknown(_ name: Expression.Name, _ fields: [String]) -> String {
        "`\(name.root)` has no field `\(name.field)`\(NearestName.hint(name.field, among: fields))"
    }
}
