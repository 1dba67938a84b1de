import AuditModel
import Vault

/// Replaces the identities of one source's rows, in the order in which ``EventPass`` meets them.
final class IdentityPass {
    private let pass: BlockPass
    private let block: EventBlock
    private let memory: IdentityMemory
    private var actors = PersonTable()
    private var targets = PersonTable()
    private var maps: [MapKey: CodeMap] = [:]
    private let targetKinds: TargetKinds
    private var batch = 0
    /// Elements of the attribute list to take away, ascending.
    private(set) var droppedAttributes: [Int] = []

    private struct MapKey: Hashable {
        let column: ObjectIdentifier
        let kind: IdentityKind
        let treatment: Treatment
    }

    init(_ pass: BlockPass, _ memory: IdentityMemory) {
        self.pass = pass
        self.memory = memory
        block = pass.block
        targetKinds = TargetKinds(pass.block.targets.members[0])
    }

    /// Replaces everything but texts and changed values; collects what their texts must lose.
    func replace(_ rows: Range<Int>) throws {
        let steps = pass.plans.map { plan in plan.map { stepMaps($0) } ?? [] }
        let hasTargets = block.targets.elementCount > 0
        let hasAttributes = block.attributes.elementCount > 0
        for row in rows {
            pass.advance(&batch, to: row)
            let number = Int(block.classes[row])
            let plan = pass.plans[number]!
            try replaceActor(row, plan)
            for step in steps[number] { try replaceScalar(row, step) }
            if hasTargets { try replaceTargets(row) }
            if hasAttributes { try replaceAttributes(row, plan) }
            for field in plan.loginFields { try learnLogins(row, field) }
            pass.literals.endRow()
        }
    }

    // MARK: Persons

    /// Id, e-mail and name of the actor hang on one subject.
    private func replaceActor(_ row: Int, _ plan: BlockPlan) throws {
        let (ids, emails, names) = (block[.actorID], block[.actorEmail], block[.actorName])
        let id = plan.hasActorID ? ids.codes[row] : TextColumn.absent
        let email = plan.hasActorEmail ? emails.codes[row] : TextColumn.absent
        let name = plan.hasActorName ? names.codes[row] : TextColumn.absent
        guard id & email & name != TextColumn.absent else { return }
        var number = actors.find(id, email, name)
        if number < 0 {
            let known = try memory.person(.user, id: ids.text(id), email: emails.text(email), name: names.text(name))
            number = actors.add(
                PersonTable.Row(
                    a: id, b: email, c: name, newA: enter(known.id, ids), newB: enter(known.email, emails), newC: enter(known.name, names),
                    span: known.span))
        }
        let known = actors.rows[number]
        if plan.hasActorID { ids.codes[row] = known.newA }
        if plan.hasActorEmail { emails.codes[row] = known.newB }
        if plan.hasActorName { names.codes[row] = known.newC }
        pass.literals.add(known.span)
    }

    private func replaceTargets(_ row: Int) throws {
        let (types, ids, names) = (block.targets.members[0], block.targets.members[1], block.targets.members[2])
        for element in block.targets.elements(of: row) {
            guard let kind = targetKinds[types.codes[element]] else { continue }
            if pass.policy.treatment(of: .identity) == .drop {
                pass.counts[batch].count(drop: .identity)
                ids.codes[element] = TextColumn.absent
                names.codes[element] = TextColumn.absent
                continue
            }
            let (id, name) = (ids.codes[element], names.codes[element])
            var number = targets.find(id, UInt32(truncatingIfNeeded: kind.rawValue), name)
            if number < 0 {
                let known = try memory.person(kind, id: ids.text(id), email: nil, name: names.text(name))
                number = targets.add(
                    PersonTable.Row(
                        a: id, b: UInt32(truncatingIfNeeded: kind.rawValue), c: name, newA: enter(known.id, ids), newB: 0,
                        newC: enter(known.name, names), span: known.span))
            }
            let known = targets.rows[number]
            ids.codes[element] = known.newA
            names.codes[element] = known.newC
            pass.literals.add(known.span)
        }
    }

    private func enter(_ stretch: IdentityMemory.Stretch?, _ column: TextColumn) -> UInt32 {
        guard let stretch else { return TextColumn.absent }
        return memory.withBytes(stretch) { column.code(of: $0) }
    }

    // MARK: Single values

    private func stepMaps(_ plan: BlockPlan) -> [(step: BlockPlan.Step, map: CodeMap)] {
        plan.steps.compactMap { step in
            let column = block[step.field]
            guard column.codes.contains(where: { $0 != TextColumn.absent }) else { return nil }
            return (step, map(column, step.kind, step.treatment))
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
    private func replaceScalar(_ row: Int, _ entry: (step: BlockPlan.Step, map: CodeMap)) throws {
        let column = entry.map.column
        let code = column.codes[row]
        guard code != TextColumn.absent else { return }
        if entry.step.treatment == .drop {
            pass.counts[batch].count(drop: entry.step.dataClass)
            column.codes[row] = TextColumn.absent
            return
        }
        let known = try entry.map[code] ?? replacement(code, entry.map, entry.step.kind, entry.step.treatment)
        column.codes[row] = known.code
        if entry.step.treatment == .tokenAndPrefix, entry.step.field == .originIP { block[.originNet].codes[row] = known.prefix }
        pass.literals.add(known.span)
    }

    private func replacement(_ code: UInt32, _ map: CodeMap, _ kind: IdentityKind, _ treatment: Treatment) throws -> CodeMap.Row {
        let text = map.column.entry(code)
        if treatment == .generalize {
            return map.set(code, CodeMap.Row(code: map.column.code(of: agents.family(of: String(decoding: text, as: UTF8.self)))))
        }
        let known = try memory.single(kind, text)
        let isNetwork = treatment == .tokenAndPrefix && map.column === block[.originIP]
        return map.set(
            code,
            CodeMap.Row(
                code: enter(known.token, map.column), prefix: isNetwork ? enter(known.prefix, block[.originNet]) : TextColumn.absent,
                span: known.span))
    }

    private var agents: AgentMemory { pass.agents }

    // MARK: Attributes and logins

    /// Treats attributes that are not texts.
    private func replaceAttributes(_ row: Int, _ plan: BlockPlan) throws {
        let (names, values) = (block.attributes.members[0], block.attributes.members[1])
        for element in block.attributes.elements(of: row) {
            let attribute = plan.attribute(names.codes[element], names)!
            switch attribute.treatment {
            case .keep, .scrub: continue
            case .token, .tokenAndPrefix, .generalize: try replace(values, element, attribute.treatment, attribute.dataClass, row: nil)
            case .drop:
                pass.counts[batch].count(drop: attribute.dataClass)
                droppedAttributes.append(element)
            }
        }
    }

    /// Replaces the value of a list's element; gives the literals that its event's texts lose from now on.
    @discardableResult
    private func replace(
        _ column: TextColumn, _ element: Int, _ treatment: Treatment, _ dataClass: DataClass, row: Int?
    ) throws -> LiteralStore.Span {
        let code = column.codes[element]
        guard code != TextColumn.absent else { return LiteralStore.Span() }
        let kind: IdentityKind = dataClass == .networkIdentity ? .address : .user
        // All treatments but the generalizing one give the token alone.
        let map = map(column, kind, treatment == .generalize ? .generalize : .token)
        let known = try map[code] ?? replacement(code, map, kind, treatment == .generalize ? .generalize : .token)
        column.codes[element] = known.code
        if row == nil { pass.literals.add(known.span) }
        return known.span
    }

    /// Learns the user names that a text's structure gives away, so that they go from the event's other fields too.
    private func learnLogins(_ row: Int, _ field: EventField) throws {
        let code = block[field].codes[row]
        guard code != TextColumn.absent else { return }
        try pass.pass(field).forEachLogin(code) { raw in
            if let span = try pass.tools.findings.login(raw, pass.tools.literals) { pass.literals.add(span) }
        }
    }

    // MARK: Lists that learn on the way

    /// Changed values by the class of their field, then the attributes that are texts: a changed identity goes from what follows it.
    func finishLists(_ rows: Range<Int>) throws {
        let hasChanges = block.changes.elementCount > 0
        let hasAttributes = block.attributes.elementCount > 0
        guard hasChanges || hasAttributes else { return }
        let limit = pass.policy.textLimitBytes
        let changes = block.changes.members.map { TextPass($0, isIdentifier: false, limitBytes: limit, tools: pass.tools) }
        let values = TextPass(block.attributes.members[1], isIdentifier: false, limitBytes: limit, tools: pass.tools)
        batch = 0
        var next = 0
        for row in rows {
            pass.advance(&batch, to: row)
            var learned: [LiteralStore.Span] = []
            let plan = pass.plans[Int(block.classes[row])]!
            if hasChanges {
                for element in block.changes.elements(of: row) { try treatChange(row, element, plan, changes, &learned) }
            }
            guard hasAttributes else { continue }
            for element in block.attributes.elements(of: row) {
                if next < droppedAttributes.count, droppedAttributes[next] == element {
                    next += 1
                    continue
                }
                let treatment = plan.attribute(block.attributes.members[0].codes[element], block.attributes.members[0])!.treatment
                guard treatment == .keep || treatment == .scrub else { continue }
                try treat(values, element, row, learned)
            }
        }
    }

    private func treatChange(
        _ row: Int, _ element: Int, _ plan: BlockPlan, _ passes: [TextPass], _ learned: inout [LiteralStore.Span]
    ) throws {
        let dataClass = plan.changeClass(block.changes.members[0].codes[element], block.changes.members[0])
        let treatment = pass.policy.treatment(of: dataClass)
        for member in 1...2 {
            let column = block.changes.members[member]
            guard column.codes[element] != TextColumn.absent else { continue }
            switch treatment {
            case .keep, .scrub: try treat(passes[member], element, row, learned)
            case .token, .tokenAndPrefix, .generalize:
                let span = try replace(column, element, treatment, dataClass, row: row)
                if span.count > 0 { learned.append(span) }
            case .drop:
                pass.counts[batch].count(drop: dataClass)
                column.codes[element] = TextColumn.absent
            }
        }
        try treat(passes[0], element, row, learned)
    }

    /// Treats a text among the row's literals and those learned since.
    private func treat(_ text: TextPass, _ element: Int, _ row: Int, _ learned: [LiteralStore.Span]) throws {
        guard !learned.isEmpty else { return try pass.treat(text, slot: element, row: row, batch) }
        let code = text.column.codes[element]
        guard code != TextColumn.absent else { return }
        if text.states[Int(code)] == 0 { _ = text.look(code) }
        let ranges = Array(pass.literals.ranges(of: row)) + learned.map { $0.start..<($0.start + $0.count) }
        if let result = try text.result(code, among: ranges) { pass.apply(result, text, element, row, batch) }
    }
}

extension TextColumn {
    /// The bytes behind a code; nil where it stands for no value.
    fileprivate func text(_ code: UInt32) -> UnsafeRawBufferPointer? { code == Self.absent ? nil : entry(code) }
}
