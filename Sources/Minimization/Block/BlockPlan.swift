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
    /// By code of an attribute's name its ``AttributeMark``; -1 where nobody asked, -2 without a class.
    ///
    /// Invariant: a place for each entry that the names had when the plan was made; none is added while it lives.
    private let attributeMarks: UnsafeMutablePointer<Int32>
    private let names: TextColumn
    private var changeClasses: [UInt32: DataClass] = [:]

    /// - Parameter names: Those of the block's attributes.
    init(_ plan: FieldPlan, names: TextColumn) {
        self.plan = plan
        self.names = names
        attributeMarks = .allocate(capacity: names.entryCount + 1)
        attributeMarks.update(repeating: -1, count: names.entryCount + 1)
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

    deinit { attributeMarks.deallocate() }

    static func isText(_ treatment: Treatment) -> Bool { treatment == .keep || treatment == .scrub }

    /// An attribute's place among the plan's attributes, doubled; one more where it is no text.
    struct AttributeMark {
        let value: Int32

        var place: Int { Int(value >> 1) }
        var isText: Bool { @inline(__always) get { value & 1 == 0 } }
    }

    /// What is known of an attribute by its name's code; nil where it has no class.
    @inline(__always)
    func attribute(_ code: UInt32) -> AttributeMark? {
        let value = attributeMarks[Int(code)]
        return value >= 0 ? AttributeMark(value: value) : findAttribute(code)
    }

    @inline(never)
    private func findAttribute(_ code: UInt32) -> AttributeMark? {
        if attributeMarks[Int(code)] == -1 {
            let name = String(decoding: names.entry(code), as: UTF8.self)
            let place = plan.attributes.firstIndex { $0.name == name }
            attributeMarks[Int(code)] = place.map { Int32($0 * 2 + (Self.isText(plan.attributes[$0].treatment) ? 0 : 1)) } ?? -2
        }
        let value = attributeMarks[Int(code)]
        return value >= 0 ? AttributeMark(value: value) : nil
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
