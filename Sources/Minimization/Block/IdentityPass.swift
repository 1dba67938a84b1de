import AuditModel
import Vault

/// Replaces the identities of one source's rows, in the order in which ``EventPass`` meets them.
final class IdentityPass {
    let pass: BlockPass
    let block: EventBlock
    let literals: RowLiterals
    private let memory: IdentityMemory
    private let actors = PersonTable()
    private let targets = PersonTable()
    private var maps: [MapKey: CodeMap] = [:]
    private let targetKinds: TargetKinds
    @exclusivity(unchecked) var batch = 0
    /// Elements of the attribute list to take away, ascending.
    @exclusivity(unchecked) private(set) var droppedAttributes: [Int] = []

    private struct MapKey: Hashable {
        let column: ObjectIdentifier
        let kind: IdentityKind
        let treatment: Treatment
    }

    /// A step with its column's slots and map. Neither is retained: both outlive the pass over the rows.
    private struct OpenStep {
        let step: BlockPlan.Step
        let codes: UnsafeMutablePointer<UInt32>
        /// The slots of `origin.net`, where the prefix goes there.
        let prefixes: UnsafeMutablePointer<UInt32>?
        let map: Unmanaged<CodeMap>
    }

    /// The attribute list: where the elements of each row begin, and the codes of their names.
    struct OpenAttributes {
        let offsets: UnsafePointer<UInt32>
        let names: UnsafeMutablePointer<UInt32>

        init(_ list: ListColumn) {
            offsets = list.offsets.baseAddress!
            names = list.members[0].codes.baseAddress!
        }
    }

    /// A text that may give user names away.
    private struct LoginText {
        let codes: UnsafeMutablePointer<UInt32>
        let states: UnsafeMutablePointer<UInt32>
        let text: Unmanaged<TextPass>
    }

    init(_ pass: BlockPass, _ memory: IdentityMemory) {
        self.pass = pass
        self.memory = memory
        block = pass.block
        literals = pass.literals
        targetKinds = TargetKinds(pass.block.targets.members[0])
    }

    /// Replaces everything but texts and changed values; collects what their texts must lose.
    func replace(_ rows: Range<Int>) throws {
        guard !rows.isEmpty else { return }
        let steps = pass.plans.map { plan in plan.map { open($0) } ?? [] }
        let texts = pass.plans.map { plan in plan.map { loginTexts($0) } ?? [] }
        let hasTargets = block.targets.elementCount > 0
        let hasAttributes = block.attributes.elementCount > 0 && pass.plans.contains { $0.map { !$0.hasTextAttributesAlone } ?? false }
        let attributes = OpenAttributes(block.attributes)
        let (ids, emails, names) = (block[.actorID], block[.actorEmail], block[.actorName])
        let codes = (id: ids.codes.baseAddress!, email: emails.codes.baseAddress!, name: names.codes.baseAddress!)
        let classes = block.classes
        // Rows of one class follow one another: what is the same for all of them is looked up once.
        var row = rows.lowerBound
        while row < rows.upperBound {
            let number = Int(classes[row])
            let plan = pass.plans[number]!
            let (own, logins) = (steps[number], texts[number])
            let masks = (id: ~plan.idMask, email: ~plan.emailMask, name: ~plan.nameMask)
            while row < rows.upperBound, Int(classes[row]) == number {
                pass.advance(&batch, to: row)
                let (id, email, name) = (codes.id[row] | masks.id, codes.email[row] | masks.email, codes.name[row] | masks.name)
                if id & email & name != TextColumn.absent {
                    let known = try (actors.find(id, email, name) ?? addActor(id, email, name)).pointee
                    if masks.id == 0 { codes.id[row] = known.newA }
                    if masks.email == 0 { codes.email[row] = known.newB }
                    if masks.name == 0 { codes.name[row] = known.newC }
                    literals.add(known.span)
                }
                var place = 0
                while place < own.count {
                    try replaceScalar(row, own[place])
                    place &+= 1
                }
                if hasTargets { try replaceTargets(row) }
                if hasAttributes, !plan.hasTextAttributesAlone { try replaceAttributes(row, plan, attributes) }
                place = 0
                while place < logins.count {
                    try learnLogins(row, logins[place])
                    place &+= 1
                }
                literals.endRow()
                row &+= 1
            }
        }
        withExtendedLifetime(maps) {}
    }

    // MARK: Persons

    /// Id, e-mail and name of the actor hang on one subject.
    private func addActor(_ id: UInt32, _ email: UInt32, _ name: UInt32) throws -> UnsafePointer<PersonTable.Row> {
        let (ids, emails, names) = (block[.actorID], block[.actorEmail], block[.actorName])
        let known = try memory.person(.user, id: ids.text(id), email: emails.text(email), name: names.text(name))
        return actors.add(
            PersonTable.Row(
                a: id, b: email, c: name, newA: enter(known.id, ids), newB: enter(known.email, emails), newC: enter(known.name, names),
                span: known.span))
    }

    private func replaceTargets(_ row: Int) throws {
        let offsets = block.targets.offsets
        var element = Int(offsets[row])
        let end = Int(offsets[row &+ 1])
        guard element < end else { return }
        let types = block.targets.members[0].codes
        while element < end {
            if let kind = targetKinds[types[element]] { try replaceTarget(element, kind) }
            element &+= 1
        }
    }

    private func replaceTarget(_ element: Int, _ kind: IdentityKind) throws {
        let (ids, names) = (block.targets.members[1], block.targets.members[2])
        if pass.policy.treatment(of: .identity) == .drop {
            pass.counts[batch].count(drop: .identity)
            ids.codes[element] = TextColumn.absent
            names.codes[element] = TextColumn.absent
            return
        }
        let (id, name) = (ids.codes[element], names.codes[element])
        let number = UInt32(truncatingIfNeeded: kind.rawValue)
        var row = targets.find(id, number, name)
        if row == nil {
            let known = try memory.person(kind, id: ids.text(id), email: nil, name: names.text(name))
            row = targets.add(
                PersonTable.Row(
                    a: id, b: number, c: name, newA: enter(known.id, ids), newB: 0, newC: enter(known.name, names), span: known.span))
        }
        let known = row!.pointee
        ids.codes[element] = known.newA
        names.codes[element] = known.newC
        literals.add(known.span)
    }

    private func enter(_ stretch: IdentityMemory.Stretch?, _ column: TextColumn) -> UInt32 {
        guard let stretch else { return TextColumn.absent }
        return memory.withBytes(stretch) { column.code(of: $0) }
    }

    // MARK: Single values

    private func open(_ plan: BlockPlan) -> [OpenStep] {
        plan.steps.compactMap { step in
            let column = block[step.field]
            guard column.codes.contains(where: { $0 != TextColumn.absent }) else { return nil }
            let isNetwork = step.treatment == .tokenAndPrefix && step.field == .originIP
            return OpenStep(
                step: step, codes: column.codes.baseAddress!, prefixes: isNetwork ? block[.originNet].codes.baseAddress! : nil,
                map: Unmanaged.passUnretained(map(column, step.kind, step.treatment)))
        }
    }

    private func map(_ column: TextColumn, _ kind: IdentityKind, _ treatment: Treatment) -> CodeMap {
        let key = MapKey(column: ObjectIdentifier(column), kind: kind, treatment: treatment)
        if let known = maps[key] { return known }
        let made = CodeMap(column)
        maps[key] = made
        return made
    }

    /// The other fields that are not texts: tokens, prefixes, families, drops.
    @inline(__always)
    private func replaceScalar(_ row: Int, _ open: OpenStep) throws {
        let code = open.codes[row]
        guard code != TextColumn.absent else { return }
        if open.step.treatment == .drop {
            pass.counts[batch].count(drop: open.step.dataClass)
            open.codes[row] = TextColumn.absent
            return
        }
        let known = try open.map._withUnsafeGuaranteedRef { map in
            try (map[code] ?? replacement(code, map, open.step.kind, open.step.treatment)).pointee
        }
        open.codes[row] = known.code
        if let prefixes = open.prefixes { prefixes[row] = known.prefix }
        literals.add(known.span)
    }

    private func replacement(
        _ code: UInt32, _ map: CodeMap, _ kind: IdentityKind, _ treatment: Treatment
    ) throws -> UnsafePointer<CodeMap.Row> {
        let text = map.column.entry(code)
        if treatment == .generalize {
            return map.set(code, CodeMap.Row(code: map.column.code(of: pass.agents.family(of: String(decoding: text, as: UTF8.self)))))
        }
        let known = try memory.single(kind, text)
        let isNetwork = treatment == .tokenAndPrefix && map.column === block[.originIP]
        return map.set(
            code,
            CodeMap.Row(
                code: enter(known.token, map.column), prefix: isNetwork ? enter(known.prefix, block[.originNet]) : TextColumn.absent,
                span: known.span))
    }

    // MARK: Attributes and logins

    /// Treats attributes that are not texts.
    @inline(__always)
    private func replaceAttributes(_ row: Int, _ plan: BlockPlan, _ open: OpenAttributes) throws {
        var element = Int(open.offsets[row])
        let end = Int(open.offsets[row &+ 1])
        while element < end {
            if let mark = plan.attribute(open.names[element]), !mark.isText {
                try replaceAttribute(element, plan.plan.attributes[mark.place])
            }
            element &+= 1
        }
    }

    private func replaceAttribute(_ element: Int, _ attribute: FieldPlan.AttributePlan) throws {
        switch attribute.treatment {
        case .keep, .scrub: break
        case .token, .tokenAndPrefix, .generalize:
            literals.add(try replace(block.attributes.members[1], element, attribute.treatment, attribute.dataClass))
        case .drop:
            pass.counts[batch].count(drop: attribute.dataClass)
            droppedAttributes.append(element)
        }
    }

    /// Replaces the value of a list's element; gives the literals that its event's texts lose from now on.
    func replace(
        _ column: TextColumn, _ element: Int, _ treatment: Treatment, _ dataClass: DataClass
    ) throws -> LiteralStore.Span {
        let code = column.codes[element]
        guard code != TextColumn.absent else { return LiteralStore.Span() }
        let kind: IdentityKind = dataClass == .networkIdentity ? .address : .user
        // All treatments but the generalizing one give the token alone.
        let map = map(column, kind, treatment == .generalize ? .generalize : .token)
        let known = try (map[code] ?? replacement(code, map, kind, treatment == .generalize ? .generalize : .token)).pointee
        column.codes[element] = known.code
        return known.span
    }

    private func loginTexts(_ plan: BlockPlan) -> [LoginText] {
        plan.loginFields.compactMap { field in
            guard block[field].codes.contains(where: { $0 != TextColumn.absent }) else { return nil }
            let text = pass.pass(field)
            return LoginText(codes: text.codes, states: text.states, text: Unmanaged.passUnretained(text))
        }
    }

    /// Learns the user names that a text's structure gives away, so that they go from the event's other fields too.
    @inline(__always)
    private func learnLogins(_ row: Int, _ open: LoginText) throws {
        let code = open.codes[row]
        guard code != TextColumn.absent else { return }
        var state = open.states[Int(code)]
        if state == TextPass.State.unseen { state = open.text._withUnsafeGuaranteedRef { $0.look(code) } }
        guard TextPass.hasLogin(state) else { return }
        try open.text.takeUnretainedValue().forEachLogin(code) { raw in
            if let span = try pass.tools.findings.login(raw, pass.tools.literals) { literals.add(span) }
        }
    }
}

extension TextColumn {
    /// The bytes behind a code; nil where it stands for no value.
    fileprivate func text(_ code: UInt32) -> UnsafeRawBufferPointer? { code == Self.absent ? nil : entry(code) }
}
