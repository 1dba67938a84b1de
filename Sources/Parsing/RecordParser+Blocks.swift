import AuditModel

/// Reading into columns.
extension RecordParser {
    /// Reads on: adds rows to `block`, and every complete record to `records`, which is emptied first.
    ///
    /// The bytes of records are valid as long as `bytes` is and until the next call of this parser: the first record of a piece may lie in the
    /// parser's own memory, because its beginning came with the piece before.
    ///
    /// - Parameter block: Any block; the same for all calls until it is full.
    /// - Returns: How many of `bytes` are taken. Fewer than all only where the block is full: call again with the rest of the bytes and another
    ///   block. None may be taken although there are records: bytes held back from earlier calls come first.
    public func feed(_ bytes: UnsafeRawBufferPointer, into block: EventBlock, records: RecordBuffer) -> Int {
        begin(block, records)
        let used = advance(Self.slice(bytes), records).used
        end(block)
        return used
    }

    /// Ends the source: what is left is read, as a record or quarantined.
    ///
    /// - Returns: Whether that is all; false where the block is full: call again with another.
    public func finish(into block: EventBlock, records: RecordBuffer) -> Bool {
        begin(block, records)
        let isStopped = end(records)
        end(block)
        return !isStopped
    }

    /// Reads a record of several lines that ends with the last complete line, for a source that has been quiet: only the
    /// beginning of the next record would have ended it.
    ///
    /// - Returns: Whether that is all; false where the block is full: call again with another.
    public func flush(into block: EventBlock, records: RecordBuffer) -> Bool {
        begin(block, records)
        let isStopped = joiner != nil ? closeJoined(before: .max, records) : holdsOpenRecord && complete(records)
        end(block)
        return !isStopped
    }

    /// Reads records of lines that stand apart and begin before a place of the source, because the rest of them did not come in time. They are
    /// taken as they are; what comes later is a record of its own.
    ///
    /// - Returns: Whether that is all; false where the block is full: call again with another.
    public func close(before offset: UInt64, into block: EventBlock, records: RecordBuffer) -> Bool {
        begin(block, records)
        let isStopped = closeJoined(before: offset, records)
        end(block)
        return !isStopped
    }

    private func begin(_ block: EventBlock, _ records: RecordBuffer) {
        records.removeAll()
        writer.begin(block)
        evaluator.rowLimit.pointee = blockRows
    }

    private func end(_ block: EventBlock) {
        evaluator.window.end()
        writer.completeRows()
        block.padFilled()
    }
}
