import AuditModel
import Vault

/// What is done with the rows of one class assignment, as columns see it.
final class BlockPlan {
    /// A scalar that is replaced.
    struct Step {
        let field: EventField
        let kind: IdentityKind
        let treatment: Treatment
        let dataClass: DataClass
    }

    let plan: FieldPlan
    /// All ones where the actor's value is replaced as a person's, else 0.
    let idMask: UInt32
    let emailMask: UInt32
    let nameMask: UInt32
    let steps: [Step]
    /// By field, whether it is searched as text.
    let isText: [Bool]
    /// Fields whose texts may give user names away, in the order of fields.
    let loginFields: [EventField]
    /// Whether all attributes are texts.
    let hasTextAttributesAlone: Bool
    /// By code of an attribute's name its place among the plan's attributes; -1 unknown, -2 without a class.
    private var attributePlaces: [Int32] = []
    private var changeClasses: [UInt32: DataClass] = [:]

    init(_ plan: FieldPlan) {
        self.plan = plan
        let actor = Set(plan.actor.map(\.field))
        func mask(_ field: EventField) -> UInt32 { actor.contains(field) ? .max : 0 }
        (idMask, emailMask, nameMask) = (mask(.actorID), mask(.actorEmail), mask(.actorName))
        steps = plan.replaced.map { field, treatment, dataClass in
            let kind: IdentityKind = treatment == .tokenAndPrefix || field == .originIP ? .address : field == .originHost ? .host : .user
            return Step(field: field, kind: kind, treatment: treatment, dataClass: dataClass)
        }
        var isText = [Bool](repeating: false, count: EventField.count)
        for text in plan.texts { isText[Int(text.field.rawValue)] = true }
        self.isText = isText
        loginFields = plan.texts.map(\.field).filter { $0 == .message || $0 == .reason }
        hasTextAttributesAlone = plan.attributes.allSatisfy { Self.isText($0.treatment) }
    }

    static func isText(_ treatment: Treatment) -> Bool { treatment == .keep || treatment == .scrub }

    /// The place of an attribute in the plan by its name's code; nil where it has no class.
    func attributePlace(_ code: UInt32, _ names: TextColumn) -> Int? {
        while attributePlaces.count <= Int(code) { attributePlaces.append(-1) }
        var place = attributePlaces[Int(code)]
        if place == -1 {
            let name = String(decoding: names.entry(code), as: UTF8.self)
            place = plan.attributes.firstIndex { $0.name == name }.map(Int32.init) ?? -2
            attributePlaces[Int(code)] = place
        }
        return place < 0 ? nil : Int(place)
    }

    /// The class of a change's values by the code of its field's name.
    func changeClass(_ code: UInt32, _ fields: TextColumn) -> DataClass {
        if let known = changeClasses[code] { return known }
        let name = code == TextColumn.absent ? "" : String(decoding: fields.entry(code), as: UTF8.self)
        let found = plan.classes.changes[name] ?? .freeText
        changeClasses[code] = found
        return found
    }
}
