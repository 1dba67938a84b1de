import AuditModel

/// Reading with several parsers in turn (docs/decisions/0097-parsers-in-turn.md).
extension RecordParser {
    /// A parser that is asked where those before it quarantine a record.
    struct Turn {
        let evaluator: RecordEvaluator
        let writer: RowWriter
    }

    /// What became of a record that others are asked for.
    enum Answer {
        case read(BlockRecord.Kind, String?)
        /// The block has no room for its rows.
        case full
        /// Why none of them reads it, for the reason.
        case refused(String)
    }

    /// Asks the parsers after the first one, in their order.
    ///
    /// - Parameter record: As the first parser framed it.
    func askOthers(_ record: ByteSlice) -> Answer {
        var reasons = ""
        for turn in turns {
            let line = record.sub(0, record.firstIndex(of: 10) ?? record.count)
            let plan = turn.evaluator.plan
            let accepts = (0..<plan.framings.count).first { plan.framings.base[$0].accepts(line, slots: turn.evaluator.slots, arena: turn.evaluator.arena) }
            guard let format = accepts else { continue }
            // Rows of the one are whole before the other adds any.
            writer.completeRows()
            turn.writer.begin(writer.block)
            turn.evaluator.rowLimit.pointee = evaluator.rowLimit.pointee
            do {
                let outcome = try turn.evaluator.evaluate(record, format: format, into: turn.writer)
                turn.writer.completeRows()
                if case .skipped(let rule) = outcome { return .read(.skipped, rule) }
                return .read(.events, nil)
            } catch {
                turn.writer.completeRows()
                if error.isFull, writer.block.rowCount > 0 { return .full }
                reasons += "; \(turn.evaluator.definition.id): \(error.isFull ? "more events than a block holds" : error.reason)"
            }
        }
        return .refused(reasons)
    }

    /// Counts of dropped names of all parsers.
    func droppedByAll() -> [String: Int] {
        var counts = evaluator.takeDropped()
        for turn in turns { counts.merge(turn.evaluator.takeDropped(), uniquingKeysWith: +) }
        return counts
    }
}

extension ParserDefinition {
    /// Between the ids of parsers in turn.
    static let turnSeparator: Character = "+"

    /// Several definitions in turn: the first frames and is asked first.
    ///
    /// Its bytes are those of all, a line `---` between them (a stream of YAML documents), so that a seal's hash names them all.
    convenience init(inTurn members: [ParserDefinition]) {
        let separator = String(Self.turnSeparator)
        var bytes: [UInt8] = []
        for member in members {
            if !bytes.isEmpty { bytes += Array("---\n".utf8) }
            bytes += member.definitionBytes
            if bytes.last != 10 { bytes.append(10) }
        }
        self.init(
            id: members.map(\.id).joined(separator: separator), version: members.map(\.version).joined(separator: separator),
            title: members.map(\.title).joined(separator: "; "), definitionBytes: bytes, folder: members[0].folder,
            notApplicable: members.reduce(members[0].notApplicable) { $0.intersection($1.notApplicable) }, plan: members[0].plan,
            handOverNames: [], turns: members)
    }
}
