extension CanonicalLines {
    /// The members of a line in canonical order, those that no row of the range has left out.
    func makePlan() -> [LineStep] {
        var plan = LinePlan(lines: self)
        plan.text(.action)
        plan.group("actor") { plan in
            plan.text(.actorEmail)
            plan.text(.actorID)
            plan.text(.actorName)
            plan.text(.actorOnBehalfOf)
            plan.list(.roles, "roles", block.roles, [(0, "", false)])
            plan.text(.actorType)
        }
        plan.group("approval") { plan in
            plan.text(.approvalBy)
            plan.integer(.time, "expires", block.approvalExpires)
            plan.text(.approvalRef)
            plan.text(.approvalState)
            plan.text(.approvalSubjectHash)
        }
        plan.attributes(block.attributes)
        plan.text(.category)
        plan.list(.elements, "changes", block.changes, [(2, "after", false), (1, "before", false), (0, "field", true)])
        plan.text(.correlation)
        plan.text(.eventID)
        plan.flags(block.flags)
        plan.text(.instance)
        plan.text(.job)
        plan.text(.message)
        plan.integer(.time, "observed", block.observed)
        plan.group("origin") { plan in
            plan.text(.originHost)
            plan.text(.originIP)
            plan.text(.originNet)
            plan.text(.originUserAgent)
        }
        plan.text(.outcome)
        plan.text(.parser)
        plan.text(.parserVersion)
        plan.group("policy") { plan in
            plan.text(.policyID)
            plan.text(.policyVersion)
        }
        plan.text(.reason)
        plan.integer(.integer, "replaces", block.replaces)
        plan.text(.request)
        plan.given(.salt, "salt")
        plan.integer(.integer, "schema", block.schema, absent: Int64(Event.currentSchema))
        plan.given(.seq, "seq")
        plan.text(.session)
        plan.text(.severity)
        plan.text(.source)
        plan.text(.sourceAction)
        plan.text(.surface)
        plan.list(.elements, "targets", block.targets, [(1, "id", false), (2, "name", false), (0, "type", false)])
        plan.text(.tenant)
        plan.integer(.time, "time", block.time)
        plan.integer(.integer, "time_bound", block.timeBound)
        plan.text(.trace)
        return plan.finished()
    }
}

/// Makes the steps of a line for one range of rows.
private struct LinePlan {
    private let lines: CanonicalLines
    private let rows: Range<Int>
    private var steps: [LineStep] = []
    /// Members that are the same in all rows and wait for a neighbour.
    private var literal: [UInt8] = []

    init(lines: CanonicalLines) {
        self.lines = lines
        rows = lines.rows
    }

    mutating func finished() -> [LineStep] {
        flush()
        return steps
    }

    /// A scalar text, under the last part of its name.
    mutating func text(_ field: EventField) {
        let column = lines.block[field]
        guard column.count > rows.lowerBound, column.entryCount > 0 else { return }
        let key = Array(",\"\(field.name.split(separator: ".").last!)\":".utf8)
        let codes = self.codes(of: column)
        if let only = Self.only(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(start: codes, count: rows.upperBound)[rows])) {
            guard only != TextColumn.absent else { return }
            literal += key
            CanonicalJSON.writeString(String(decoding: column.entry(only), as: UTF8.self), to: &literal)
            return
        }
        add(textStep(column, codes, prefix: key, slotCount: rows.count))
    }

    /// A time or an integer.
    mutating func integer(_ kind: LineStep.Kind, _ name: String, _ column: IntegerColumn, absent: Int64 = IntegerColumn.absent) {
        let key = Array(",\"\(name)\":".utf8)
        guard column.count > rows.lowerBound else {
            if absent != IntegerColumn.absent {
                literal += key
                CanonicalJSON.writeInteger(absent, to: &literal)
            }
            return
        }
        let values = self.values(of: column)
        if let only = Self.only(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(start: values, count: rows.upperBound)[rows])) {
            let value = only == IntegerColumn.absent ? absent : only
            guard value != IntegerColumn.absent else { return }
            literal += key
            if kind == .time {
                CanonicalJSON.writeString(Timestamp(microseconds: value).description, to: &literal)
            } else {
                CanonicalJSON.writeInteger(value, to: &literal)
            }
            return
        }
        var step = given(kind, key)
        step.values = values
        step.absentValue = absent
        add(step)
    }

    /// A member whose values are given with the rows.
    mutating func given(_ kind: LineStep.Kind, _ name: String) {
        add(given(kind, Array(",\"\(name)\":".utf8)))
    }

    mutating func flags(_ marks: UnsafeMutableBufferPointer<UInt32>) {
        guard marks[rows].contains(where: { $0 != 0 }) else { return }
        var step = LineStep(kind: .flags)
        step.marks = UnsafePointer(marks.baseAddress!)
        add(step)
    }

    /// Members under one key; nothing where there are none.
    mutating func group(_ name: String, _ members: (inout LinePlan) -> Void) {
        flush()
        let before = steps.count
        add(LineStep(kind: .groupStart, prefix: lines.fragments.literal(",\"\(name)\":".utf8)))
        members(&self)
        flush()
        if steps.count == before + 1 {
            steps.removeLast()
        } else {
            add(LineStep(kind: .groupEnd))
        }
    }

    /// A list of texts, for a member without name, or of objects. Members in canonical order: place in the column, name, whether an absent one
    /// is written as the empty text.
    mutating func list(_ kind: LineStep.Kind, _ name: String, _ list: ListColumn, _ members: [(Int, String, Bool)]) {
        let prefixes = members.map { Array(($0.1.isEmpty ? "," : ",\"\($0.1)\":").utf8) }
        var steps = listSteps(kind, name, list, members.map { list.members[$0.0] }, prefixes)
        guard !steps.isEmpty else { return }
        for (place, member) in members.enumerated() { steps[place + 1].writesAbsent = member.2 }
        for step in steps { add(step) }
    }

    /// The map of attributes: names are what keys are elsewhere.
    mutating func attributes(_ list: ListColumn) {
        var steps = listSteps(.attributes, "attributes", list, list.members, [[44], []])
        guard !steps.isEmpty else { return }
        steps[1].suffix = 58
        steps[1].writesAbsent = true
        steps[2].writesAbsent = true
        for step in steps { add(step) }
    }

    private func listSteps(
        _ kind: LineStep.Kind, _ name: String, _ list: ListColumn, _ members: [TextColumn], _ prefixes: [[UInt8]]
    ) -> [LineStep] {
        let offsets = list.offsets
        precondition(list.rowCount >= rows.upperBound, "the lists of all rows are ended")
        let elements = Int(offsets[rows.upperBound]) - Int(offsets[rows.lowerBound])
        guard elements > 0 else { return [] }
        var step = LineStep(kind: kind, prefix: lines.fragments.literal(",\"\(name)\":".utf8))
        step.offsets = offsets.baseAddress
        step.memberCount = members.count
        return [step]
            + zip(members, prefixes).map { textStep($0, UnsafePointer($0.codes.baseAddress!), prefix: $1, slotCount: elements) }
    }

    private func textStep(_ column: TextColumn, _ codes: UnsafePointer<UInt32>, prefix: [UInt8], slotCount: Int) -> LineStep {
        var step = LineStep(kind: .text)
        if !prefix.isEmpty { step.prefix = lines.fragments.literal(prefix) }
        step.codes = codes
        step.entryBytes = column.entryBytes.baseAddress
        step.entryOffsets = column.entryOffsets.baseAddress
        // A piece is worth its memory where it is copied a few times; writing a short text out costs little more than a copy.
        if column.isDistinct, column.entryCount <= max(slotCount / 4, 16) {
            let pieces = UnsafeMutablePointer<LineFragments.Piece>.allocate(capacity: column.entryCount)
            pieces.initialize(repeating: 0, count: column.entryCount)
            lines.owned.append(UnsafeMutableRawPointer(pieces))
            step.pieces = pieces
        }
        return step
    }

    /// A step with memory for its last text: the prefix, and for a time the quotes already.
    private func given(_ kind: LineStep.Kind, _ key: [UInt8]) -> LineStep {
        let prefix = kind == .time ? key + [34] : key
        var step = LineStep(kind: kind, prefix: lines.fragments.literal(prefix))
        let memo = UnsafeMutableRawBufferPointer.allocate(byteCount: 128, alignment: 16)
        memo.initializeMemory(as: UInt8.self, repeating: 34)
        memo.copyBytes(from: prefix)
        lines.owned.append(memo.baseAddress!)
        step.memo = memo.baseAddress
        if kind == .time { step.memoBytes = prefix.count + 28 }
        return step
    }

    private mutating func add(_ step: LineStep) {
        flush()
        steps.append(step)
    }

    private mutating func flush() {
        guard !literal.isEmpty else { return }
        let piece = lines.fragments.literal(literal)
        literal = []
        steps.append(LineStep(kind: .literal, prefix: piece))
    }

    /// The codes by row; those of rows that the column has not reached yet are absent.
    private func codes(of column: TextColumn) -> UnsafePointer<UInt32> {
        if column.count >= rows.upperBound { return UnsafePointer(column.codes.baseAddress!) }
        return padded(UnsafeBufferPointer(column.codes), TextColumn.absent)
    }

    private func values(of column: IntegerColumn) -> UnsafePointer<Int64> {
        if column.count >= rows.upperBound { return UnsafePointer(column.values.baseAddress!) }
        return padded(UnsafeBufferPointer(column.values), IntegerColumn.absent)
    }

    private func padded<Value: BitwiseCopyable>(_ values: UnsafeBufferPointer<Value>, _ filler: Value) -> UnsafePointer<Value> {
        let copy = UnsafeMutablePointer<Value>.allocate(capacity: rows.upperBound)
        copy.initialize(repeating: filler, count: rows.upperBound)
        copy.update(from: values.baseAddress!, count: values.count)
        lines.owned.append(UnsafeMutableRawPointer(copy))
        return UnsafePointer(copy)
    }

    /// The one value of all of them, nil where they differ.
    private static func only<Value: Equatable>(_ values: UnsafeBufferPointer<Value>) -> Value? {
        guard let first = values.first else { return nil }
        var place = 1
        while place < values.count {
            if values[place] != first { return nil }
            place &+= 1
        }
        return first
    }
}
