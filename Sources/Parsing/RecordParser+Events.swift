import AuditModel

/// Reading one record at a time, each with its events.
extension RecordParser {
    /// Reads on; emits every record that is complete.
    public func feed(_ bytes: UnsafeRawBufferPointer, emit: (ParsedRecord) throws -> Void) rethrows {
        var rest = Self.slice(bytes)
        guard rest.count > 0 else { return }
        try emitEach(emit) { records in
            let (used, isStopped) = advance(rest, records, most: shownAtOnce)
            rest = rest.sub(used, rest.count)
            return isStopped
        }
    }

    /// Reads on from an array.
    public func feed(_ bytes: [UInt8], emit: (ParsedRecord) throws -> Void) rethrows {
        try bytes.withUnsafeBytes { try feed($0, emit: emit) }
    }

    /// Ends the source: what is left is emitted, as a record or quarantined.
    public func finish(emit: (ParsedRecord) throws -> Void) rethrows {
        try emitEach(emit) { end($0, most: shownAtOnce) }
    }

    /// Emits a record of several lines that ends with the last complete line, for a source that has been quiet: only the
    /// beginning of the next record would have ended it.
    public func flush(emit: (ParsedRecord) throws -> Void) rethrows {
        if joiner != nil { return try emitEach(emit) { closeJoined(before: .max, $0, most: shownAtOnce) } }
        guard holdsOpenRecord else { return }
        try emitEach(emit) { complete($0, most: shownAtOnce) }
    }

    /// Emits records as long as `step` says that there are more.
    private func emitEach(_ emit: (ParsedRecord) throws -> Void, _ step: (RecordBuffer) -> Bool) rethrows {
        defer { evaluator.window.end() }
        var isMore = true
        while isMore {
            shownRecords.removeAll()
            if shownBlock.byteCount > 1 << 20 { shownBlock = EventBlock() }
            writer.begin(shownBlock)
            // A record with very many events has its rows to itself, or fewer records beside it.
            evaluator.rowLimit.pointee = RecordEvaluator.mostEvents
            isMore = step(shownRecords)
            writer.completeRows()
            for record in shownRecords.records { try emit(shown(record)) }
            if shownBlock.rowCount > 0 { shownBlock.truncate(to: 0) }
        }
    }

    private func shown(_ record: BlockRecord) -> ParsedRecord {
        let result: ParsedRecord.Result
        switch record.kind {
        case .events:
            result = .events(
                record.rows.map { ParsedEvent(event: shownBlock.event($0), classes: shownBlock.classAssignment($0)) })
        case .quarantined: result = .quarantined(reason: shownRecords.reason(record.reason))
        case .skipped: result = .skipped(rule: shownRecords.reason(record.reason))
        }
        return ParsedRecord(firstLine: record.line, range: record.offset..<record.end, bytes: record.bytes, result: result)
    }
}
