import AuditModel

/// Finds the rows of a set or an inventory that agree with an item, by the first of the join's pairs.
struct JoinIndex {
    private let join: ReportDefinition.Join
    private let evaluator: ExpressionEvaluator
    private let rows: [FactRow]
    /// Places in ``rows`` by each key that the first pair gives them, ascending.
    private var byKey: [String: [Int]] = [:]

    /// - Parameter rows: In the order of ``FactRow/isBefore(_:_:)``.
    init(_ join: ReportDefinition.Join, rows: [FactRow], evaluator: ExpressionEvaluator) throws(EvidenceError) {
        self.join = join
        self.evaluator = evaluator
        self.rows = rows
        guard let pair = join.on.first else { return }
        for (place, row) in rows.enumerated() {
            for key in Self.keys(try evaluator.value(pair.row, in: .row(row))) { byKey[key, default: []].append(place) }
        }
    }

    /// The rows that belong to an item: within the window, all pairs agreeing, in order, as many as the join takes.
    func rows(for item: TestItem) throws(EvidenceError) -> [FactRow] {
        var scope = ExpressionEvaluator.Scope.item(item)
        let places = try places(scope)
        var found: [FactRow] = []
        for place in join.take == .last ? places.reversed() : places where isInWindow(rows[place], of: item) {
            scope.row = rows[place]
            guard try agrees(scope) else { continue }
            found.append(rows[place])
            if join.take != .all { break }
        }
        return found
    }

    /// Candidates in order, each once.
    private func places(_ scope: ExpressionEvaluator.Scope) throws(EvidenceError) -> [Int] {
        guard let pair = join.on.first else { return Array(rows.indices) }
        let keys = Self.keys(try evaluator.value(pair.item, in: scope))
        if keys.count == 1 { return byKey[keys[0]] ?? [] }
        var places: Set<Int> = []
        for key in keys { places.formUnion(byKey[key] ?? []) }
        return places.sorted()
    }

    private func isInWindow(_ row: FactRow, of item: TestItem) -> Bool {
        guard let time = row.event?.time else { return true }
        let distance = time.microseconds - item.time.microseconds
        return (join.from.map { distance >= $0 } ?? true) && (join.to.map { distance <= $0 } ?? true)
    }

    private func agrees(_ scope: ExpressionEvaluator.Scope) throws(EvidenceError) -> Bool {
        for pair in join.on {
            let left = try evaluator.value(pair.item, in: scope)
            // Nothing equals nothing in a condition, but two absent keys do not join.
            guard !left.isMissing else { return false }
            guard try evaluator.compare(.equal, left, try evaluator.value(pair.row, in: scope)) == .yes else { return false }
        }
        guard let when = join.when else { return true }
        return try evaluator.truth(when, in: scope) == .yes
    }

    private static func keys(_ value: Value) -> [String] {
        if let people = value.asPeople { return Array(people) }
        switch value {
        case .list(let list): return list
        case .missing: return []
        default: return [ValueText.plain(value)]
        }
    }
}
