import AuditModel

/// Finds the rows of a set that agree with an item, by the first of the join's pairs.
struct JoinIndex {
    private let join: ReportDefinition.Join
    private let evaluator: ExpressionEvaluator
    /// Rows by each key that the first pair gives them, in time order.
    private var byKey: [String: [EventRow]] = [:]

    init(_ join: ReportDefinition.Join, rows: [EventRow], evaluator: ExpressionEvaluator) throws(EvidenceError) {
        self.join = join
        self.evaluator = evaluator
        for row in rows {
            var scope = ExpressionEvaluator.Scope()
            scope.row = row
            for key in Self.keys(try evaluator.value(join.on[0].row, in: scope)) { byKey[key, default: []].append(row) }
        }
    }

    /// The rows that belong to an item: within the window, all pairs agreeing, in time order, as many as the join takes.
    func rows(for item: TestItem) throws(EvidenceError) -> [EventRow] {
        var scope = ExpressionEvaluator.Scope()
        scope.item = item
        var candidates: Set<EventRow> = []
        for key in Self.keys(try evaluator.value(join.on[0].item, in: scope)) { candidates.formUnion(byKey[key] ?? []) }
        var found: [EventRow] = []
        for row in candidates where isInWindow(row, of: item) {
            scope.row = row
            if try agrees(scope) { found.append(row) }
        }
        found.sort(by: EventRow.isBefore)
        switch join.take {
        case .first: return Array(found.prefix(1))
        case .last: return Array(found.suffix(1))
        case .all: return found
        }
    }

    private func isInWindow(_ row: EventRow, of item: TestItem) -> Bool {
        let distance = row.time.microseconds - item.time.microseconds
        return (join.from.map { distance >= $0 } ?? true) && (join.to.map { distance <= $0 } ?? true)
    }

    private func agrees(_ scope: ExpressionEvaluator.Scope) throws(EvidenceError) -> Bool {
        for pair in join.on {
            guard try evaluator.truth(.compare(.equal, pair.item, pair.row), in: scope) == .yes else { return false }
            // Nothing equals nothing in a condition, but two absent keys do not join.
            guard try !evaluator.value(pair.item, in: scope).isMissing else { return false }
        }
        guard let when = join.when else { return true }
        return try evaluator.truth(when, in: scope) == .yes
    }

    private static func keys(_ value: Value) -> [String] {
        switch value {
        case .people(let people): Array(people)
        case .list(let list): list
        case .missing: []
        default: [ValueText.plain(value)]
        }
    }
}
