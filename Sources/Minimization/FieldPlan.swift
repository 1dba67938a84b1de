import AuditModel
import Vault

/// What is done with each field and attribute of the events of one rule, decided once.
final class FieldPlan {
    /// A scalar that is searched as text.
    struct TextField {
        let field: EventField
        let guarding: TextTreatment.Guarding
        let limitBytes: Int
        /// Words of a vocabulary cannot be an actor's name.
        let holdsNames: Bool
    }

    /// An attribute's name with its class and treatment.
    struct AttributePlan {
        let name: String
        let dataClass: DataClass
        let treatment: Treatment
    }

    /// Kept, so that its address names no other while this plan lives.
    let classes: ClassAssignment
    let actor: [(field: EventField, role: Identity.Role)]
    /// All other scalars that do not stay.
    let replaced: [(field: EventField, treatment: Treatment, dataClass: DataClass)]
    let texts: [TextField]
    /// In the order in which events hold attributes.
    let attributes: [AttributePlan]

    init(_ classes: ClassAssignment, policy: MinimizationPolicy) {
        self.classes = classes
        func treatment(_ field: EventField) -> Treatment { policy.treatment(of: classes.dataClass(of: field)) }
        actor = Self.actorFields.filter { treatment($0.field) == .token }
        let actorFields = Set(actor.map(\.field))
        replaced = EventField.allCases.compactMap { field in
            let treatment = treatment(field)
            guard treatment != .keep, treatment != .scrub, !actorFields.contains(field) else { return nil }
            return (field, treatment, classes.dataClass(of: field))
        }
        texts = EventField.allCases.compactMap { field in
            guard !Self.ownFields.contains(field), [.keep, .scrub].contains(treatment(field)) else { return nil }
            return TextField(
                field: field, guarding: Self.identifiers.contains(field) ? .identifiersOnly : .everything,
                limitBytes: field == .message ? policy.messageLimitBytes : policy.textLimitBytes,
                holdsNames: !Self.vocabulary.contains(field))
        }
        attributes = classes.attributes.sorted { CanonicalJSON.keyPrecedes($0.key, $1.key) }
            .map { AttributePlan(name: $0.key, dataClass: $0.value, treatment: policy.treatment(of: $0.value)) }
    }

    /// Whether long numbers in this field are ids, no cards and no phones.
    static func isIdentifier(_ field: EventField) -> Bool { identifiers.contains(field) }

    /// Whether the field's words cannot be an actor's name.
    static func isVocabulary(_ field: EventField) -> Bool { vocabulary.contains(field) }

    private static let actorFields: [(field: EventField, role: Identity.Role)] = [
        (.actorID, .id), (.actorEmail, .email), (.actorName, .name),
    ]
    /// Fields that ingestion and definitions fill, not sources.
    private static let ownFields: Set<EventField> = [.source, .instance, .parser, .parserVersion, .originNet]
    /// Fields that hold ids of machines' making.
    private static let identifiers: Set<EventField> = [
        .eventID, .session, .request, .trace, .job, .correlation, .approvalRef, .approvalSubjectHash, .policyID, .policyVersion,
    ]
    /// Fields with a vocabulary of ours or a class system's.
    private static let vocabulary: Set<EventField> = [.actorType, .action, .category, .surface, .outcome, .severity, .approvalState]
}
