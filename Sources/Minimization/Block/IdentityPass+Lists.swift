import AuditModel

/// Lists that learn on the way: a changed value is an identity that goes from what follows it in its event.
extension IdentityPass {
    /// Changed values by the class of their field, then the attributes that are texts: a changed identity goes from what follows it.
    func finishLists(_ rows: Range<Int>) throws {
        let hasChanges = block.changes.elementCount > 0
        let hasAttributes = block.attributes.elementCount > 0
        guard hasChanges || hasAttributes else { return }
        let changes = block.changes.members.map { pass.pass(member: $0) }
        let changeOffsets = block.changes.offsets.baseAddress!
        let values = pass.pass(member: block.attributes.members[1])
        let (codes, states) = (values.codes, values.states)
        let (attributes, classes) = (OpenAttributes(block.attributes), block.classes)
        batch = 0
        var learned: [LiteralStore.Span] = []
        var row = rows.lowerBound
        while row < rows.upperBound {
            let plan = pass.plans[Int(classes[row])]!
            let isPlain = plan.hasTextAttributesAlone
            pass.advance(&batch, to: row)
            if changeOffsets[row] < changeOffsets[row &+ 1] {
                learned.removeAll(keepingCapacity: true)
                for element in block.changes.elements(of: row) { try treatChange(row, element, plan, changes, &learned) }
            } else if !learned.isEmpty {
                learned.removeAll(keepingCapacity: true)
            }
            let hasLearned = !learned.isEmpty
            var element = Int(attributes.offsets[row])
            let end = Int(attributes.offsets[row &+ 1])
            while element < end {
                let code = codes[element]
                if code != TextColumn.absent, isPlain || plan.attribute(attributes.names[element])!.isText {
                    if hasLearned {
                        try treat(values, element, row, learned)
                    } else {
                        var state = states[Int(code)]
                        if state == TextPass.State.unseen { state = values.look(code) }
                        if state != TextPass.State.stays { try pass.replace(values, slot: element, row: row, batch) }
                    }
                }
                element &+= 1
            }
            row &+= 1
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
                let span = try replace(column, element, treatment, dataClass)
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
        let code = text.codes[element]
        guard code != TextColumn.absent else { return }
        if text.states[Int(code)] == TextPass.State.unseen { _ = text.look(code) }
        guard !learned.isEmpty else { return try pass.replace(text, slot: element, row: row, batch) }
        if let result = try text.result(code, among: literals.ranges(of: row), learned) { pass.apply(result, text, element, row, batch) }
    }
}
