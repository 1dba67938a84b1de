import AuditModel

/// The plans of the class assignments that one thread met, made once each.
struct FieldPlans {
    /// More are not kept: a definition has a few, and a process that reads many definitions begins anew.
    private static let limit = 4_096

    private let policy: MinimizationPolicy
    private var plans: [ObjectIdentifier: FieldPlan] = [:]

    init(policy: MinimizationPolicy) { self.policy = policy }

    /// The plan of an assignment.
    mutating func plan(of classes: ClassAssignment) -> FieldPlan {
        if let plan = plans[ObjectIdentifier(classes)] { return plan }
        if plans.count > Self.limit { plans.removeAll() }
        let plan = FieldPlan(classes, policy: policy)
        plans[ObjectIdentifier(classes)] = plan
        return plan
    }
}
