import AuditModel
import Vault

/// Minimizes one block: first its identities, row by row in order, then, knowing their tokens, every text, column by column.
///
/// The order of fields within a row is that of ``EventPass``, the reference.
final class BlockPass {
    let block: EventBlock
    let policy: MinimizationPolicy
    let tools: TextTools
    let agents: AgentMemory
    let batches: [Range<Int>]
    /// By batch.
    @exclusivity(unchecked) var counts: [ScrubCounts]
    /// By class number; nil where no row has it.
    @exclusivity(unchecked) private(set) var plans: [BlockPlan?] = []
    let literals: RowLiterals
    @exclusivity(unchecked) private var passes: [TextPass?]
    @exclusivity(unchecked) private var areIdentitiesKnown = false
    private let truncatedMark: UInt32

    init(_ block: EventBlock, batches: [Range<Int>], policy: MinimizationPolicy, tools: TextTools, agents: AgentMemory) {
        block.padFilled()
        // Columns that are read or written in every row, whatever is in them.
        for field in [EventField.source, .actorID, .actorEmail, .actorName, .originNet] { block[field].pad(to: block.rowCount) }
        self.block = block
        self.policy = policy
        self.tools = tools
        self.agents = agents
        self.batches = batches
        counts = batches.map { _ in ScrubCounts() }
        literals = RowLiterals(rowCount: block.rowCount)
        passes = [TextPass?](repeating: nil, count: EventField.count)
        truncatedMark = 1 << block.bit(of: Event.Flag.truncated)
    }

    func run(plans plan: (ClassAssignment) -> FieldPlan, memories: (String) -> IdentityMemory) throws {
        var isUsed = [Bool](repeating: false, count: block.classTable.count)
        for number in block.classes { isUsed[Int(number)] = true }
        plans = zip(block.classTable, isUsed).map { classes, isUsed in
            isUsed ? BlockPlan(plan(classes), names: block.attributes.members[0]) : nil
        }
        try checkAttributes()
        let runs = sourceRuns()
        // The identity pass of a source's rows serves their lists too.
        var identities: [IdentityPass] = []
        for run in runs {
            let pass = IdentityPass(self, memories(run.source))
            try pass.replace(run.rows)
            identities.append(pass)
        }
        areIdentitiesKnown = true
        for pass in passes { pass?.beginSearch() }
        for field in EventField.allCases { try treat(field) }
        try treat(block.roles, member: 0, isSkipped: nil)
        try treatTargets()
        for (run, pass) in zip(runs, identities) { try pass.finishLists(run.rows) }
        var removed: [Int] = []
        for pass in identities { removed += pass.droppedAttributes }
        block.attributes.remove(elements: removed)
    }

    /// Every attribute has a class, before anything is asked of the vault.
    private func checkAttributes() throws {
        let names = block.attributes.members[0]
        guard names.count > 0 else { return }
        let (offsets, codes, classes) = (block.attributes.offsets.baseAddress!, names.codes.baseAddress!, block.classes)
        var row = 0
        while row < block.rowCount {
            let number = classes[row]
            var end = row + 1
            while end < block.rowCount, classes[end] == number { end &+= 1 }
            let plan = plans[Int(number)]!
            var element = Int(offsets[row])
            while element < Int(offsets[end]) {
                if plan.attribute(codes[element]) == nil { throw unclassified(row) }
                element &+= 1
            }
            row = end
        }
    }

    private func unclassified(_ row: Int) -> MinimizationError {
        MinimizationError(
            .unclassified,
            "source \(block[.source].string(row) ?? ""): an attribute has no data class, so nothing was ingested; give it one in the parser definition"
        )
    }

    /// Consecutive rows of one source: nearly always all of them.
    private func sourceRuns() -> [(rows: Range<Int>, source: String)] {
        let column = block[.source]
        var runs: [(rows: Range<Int>, source: String)] = []
        var start = 0
        while start < block.rowCount {
            var end = start + 1
            while end < block.rowCount, column.codes[end] == column.codes[start] { end += 1 }
            let name = column.string(start) ?? ""
            if let last = runs.last, last.source == name {
                runs[runs.count - 1].rows = last.rows.lowerBound..<end
            } else {
                runs.append((start..<end, name))
            }
            start = end
        }
        return runs
    }

    /// The batch of a row, for callers that go through rows in order: `batch` is where they were before.
    @inline(__always)
    func advance(_ batch: inout Int, to row: Int) {
        while row >= batches[batch].upperBound { batch += 1 }
    }

    // MARK: Texts

    /// The pass over a field's column.
    func pass(_ field: EventField) -> TextPass {
        if let pass = passes[Int(field.rawValue)] { return pass }
        let pass = TextPass(
            block[field], isIdentifier: FieldPlan.isIdentifier(field), holdsNames: !FieldPlan.isVocabulary(field),
            limitBytes: field == .message ? policy.messageLimitBytes : policy.textLimitBytes, tools: tools)
        if areIdentitiesKnown { pass.beginSearch() }
        passes[Int(field.rawValue)] = pass
        return pass
    }

    /// A pass over a list's member, when all identities are known.
    func pass(member column: TextColumn) -> TextPass {
        let pass = TextPass(column, isIdentifier: false, limitBytes: policy.textLimitBytes, tools: tools)
        pass.beginSearch()
        return pass
    }

    /// Treats one scalar column.
    private func treat(_ field: EventField) throws {
        let isText = plans.map { $0?.isText[Int(field.rawValue)] ?? false }
        guard isText.contains(true) else { return }
        guard block[field].codes.contains(where: { $0 != TextColumn.absent }) else { return }
        let isAll = !zip(plans, isText).contains { $0 != nil && !$1 }
        let pass = pass(field)
        let (codes, states, classes) = (pass.codes, pass.states, block.classes)
        for (number, batch) in batches.enumerated() {
            var row = batch.lowerBound
            while row < batch.upperBound {
                let code = codes[row]
                if code != TextColumn.absent, isAll || isText[Int(classes[row])] {
                    var state = states[Int(code)]
                    if state == TextPass.State.unseen { state = pass.look(code) }
                    if state != TextPass.State.stays { try replace(pass, slot: row, row: row, number) }
                }
                row &+= 1
            }
        }
        passes[Int(field.rawValue)] = nil
    }

    /// Treats the text of one slot that may not stay: it was looked at.
    @inline(never)
    func replace(_ pass: TextPass, slot: Int, row: Int, _ batch: Int) throws {
        let code = pass.codes[slot]
        if literals.signatures[row].mayMeet(pass.signatures[Int(code)]) {
            if let result = try pass.result(code, among: literals.ranges(of: row)) { apply(result, pass, slot, row, batch) }
        } else if pass.states[Int(code)] >= TextPass.State.record {
            apply(try pass.base(code), pass, slot, row, batch)
        }
    }

    func apply(_ result: TextPass.Result, _ pass: TextPass, _ slot: Int, _ row: Int, _ batch: Int) {
        pass.codes[slot] = result.code
        counts[batch].add(places: pass.kinds[result.kindStart..<(result.kindStart + result.kindCount)])
        counts[batch].literals += result.literals
        if result.isCut {
            counts[batch].truncated += 1
            block.flags[row] |= truncatedMark
        }
    }

    /// Treats a member of a list, element by element.
    ///
    /// - Parameter isSkipped: By element.
    private func treat(_ list: ListColumn, member: Int, isSkipped: UnsafePointer<Bool>?) throws {
        guard list.elementCount > 0, block.rowCount > 0 else { return }
        let pass = pass(member: list.members[member])
        let offsets = list.offsets.baseAddress!
        let (codes, states) = (pass.codes, pass.states)
        for (number, batch) in batches.enumerated() where !batch.isEmpty {
            var row = batch.lowerBound
            var element = Int(offsets[row])
            let end = Int(offsets[batch.upperBound])
            while element < end {
                let code = codes[element]
                if code != TextColumn.absent, isSkipped == nil || !isSkipped![element] {
                    var state = states[Int(code)]
                    if state == TextPass.State.unseen { state = pass.look(code) }
                    if state != TextPass.State.stays {
                        while Int(offsets[row &+ 1]) <= element { row &+= 1 }
                        try replace(pass, slot: element, row: row, number)
                    }
                }
                element &+= 1
            }
        }
    }

    private func treatTargets() throws {
        let types = block.targets.members[0]
        let kinds = TargetKinds(types)
        // Types are texts too: what they were decides, not what they become.
        try withUnsafeTemporaryAllocation(of: Bool.self, capacity: block.targets.elementCount) { isIdentity in
            for element in isIdentity.indices { isIdentity[element] = kinds[types.codes[element]] != nil }
            for member in 0..<3 { try treat(block.targets, member: member, isSkipped: isIdentity.baseAddress.map { UnsafePointer($0) }) }
        }
    }
}

/// Which target types are identities, and of what kind, by code.
struct TargetKinds {
    private let kinds: [IdentityKind?]

    init(_ types: TextColumn) {
        kinds = (0..<types.entryCount).map { code in
            let text = types.entry(UInt32(code))
            guard text.count <= 16 else { return nil }
            let name = String(decoding: text, as: UTF8.self)
            guard Event.Target.identityTypes.contains(name) else { return nil }
            return name == "device" ? .device : name == "mailbox" ? .mailbox : .user
        }
    }

    @inline(__always)
    subscript(_ code: UInt32) -> IdentityKind? { code == TextColumn.absent ? nil : kinds[Int(code)] }
}
