/// A test on slots while a definition is compiled.
indirect enum Condition: Sendable {
    case equals(Expression, Int32)
    case isIn(Expression, table: Int32)
    case prefix(Expression, Int32)
    case suffix(Expression, Int32)
    case contains(Expression, Int32)
    case matches(Expression, pattern: Int32)
    case shape(Expression, ValueShape)
    case present(slot: Int32)
    case presentValue(Expression)
    /// Two names have a value, and it is one and the same, or it is not.
    case sameAs(Expression, slot: Int32)
    case differsFrom(Expression, slot: Int32)
    case all([Condition])
    case any([Condition])
    case not(Condition)
}

/// A test laid out for running: one trivial node, its parts by number.
struct ConditionNode: BitwiseCopyable {
    enum Test: UInt8 {
        case equals, isIn, prefix, suffix, contains, matches, shape, present, presentValue, sameAs, differsFrom, all, any, not
    }

    let test: Test
    var shape = ValueShape.ip
    var expression = Expression(start: 0, end: 0)
    /// Constant, table, pattern or slot; for `all`, `any` and `not` the place of the first part in the list of parts.
    var number: Int32 = 0
    /// Parts of `all`, `any` and `not`.
    var count: Int32 = 0
}

/// Lays conditions out.
struct ConditionFlattener {
    private(set) var nodes: [ConditionNode] = []
    /// Numbers of nodes: the parts of nodes that have some, one run each.
    private(set) var parts: [Int32] = []

    /// The number of the node for a condition.
    mutating func add(_ condition: Condition) -> Int32 {
        switch condition {
        case .equals(let expression, let number): append(.init(test: .equals, expression: expression, number: number))
        case .isIn(let expression, let table): append(.init(test: .isIn, expression: expression, number: table))
        case .prefix(let expression, let number): append(.init(test: .prefix, expression: expression, number: number))
        case .suffix(let expression, let number): append(.init(test: .suffix, expression: expression, number: number))
        case .contains(let expression, let number): append(.init(test: .contains, expression: expression, number: number))
        case .matches(let expression, let pattern): append(.init(test: .matches, expression: expression, number: pattern))
        case .shape(let expression, let shape): append(.init(test: .shape, shape: shape, expression: expression))
        case .present(let slot): append(.init(test: .present, number: slot))
        case .presentValue(let expression): append(.init(test: .presentValue, expression: expression))
        case .sameAs(let expression, let slot): append(.init(test: .sameAs, expression: expression, number: slot))
        case .differsFrom(let expression, let slot): append(.init(test: .differsFrom, expression: expression, number: slot))
        case .all(let conditions): append(.all, conditions)
        case .any(let conditions): append(.any, conditions)
        case .not(let condition): append(.not, [condition])
        }
    }

    private mutating func append(_ node: ConditionNode) -> Int32 {
        nodes.append(node)
        return Int32(nodes.count - 1)
    }

    private mutating func append(_ test: ConditionNode.Test, _ conditions: [Condition]) -> Int32 {
        var numbers: [Int32] = []
        for condition in conditions { numbers.append(add(condition)) }
        let first = Int32(parts.count)
        parts += numbers
        return append(ConditionNode(test: test, number: first, count: Int32(numbers.count)))
    }
}
