import AuditModel
import EventStore
import Parsing
import Vault

/// Accounts for the records of one call of a parser in a block's batches, closing those that are full.
///
/// Counts of records that follow one another in one batch are gathered and written once.
struct RecordTaker {
    private let block: IngestBlock
    private let contentID: String
    private let batchEvents: Int
    /// Offset after the last record taken.
    private var taken: UInt64
    private var counts = RecordCounts()
    /// The content's stretch in the open batch, once it is known.
    private var range: Int?
    /// Rows in the open batch, and ends of its rows and records.
    private var batchRows: Int
    private var rowEnd: Int
    private var recordEnd: Int

    init(_ block: IngestBlock, contentID: String, taken: UInt64, limits: IngestLimits) {
        self.block = block
        self.contentID = contentID
        self.taken = taken
        batchEvents = limits.batchEvents
        let open = block.batches[block.batches.count - 1]
        batchRows = open.rows.count
        rowEnd = open.rows.upperBound
        recordEnd = open.records.upperBound
    }

    /// Takes records in order.
    ///
    /// - Parameters:
    ///   - firstRecord: Number of the first one among the block's records.
    ///   - setAside: Makes a quarantine entry.
    ///   - reason: The parser's text for a number.
    mutating func take(
        _ records: UnsafeBufferPointer<BlockRecord>, firstRecord: Int, setAside: (BlockRecord, String) -> QuarantineStore.Entry,
        reason: (Int32) -> String
    ) {
        var moved = 0
        var at = 0
        while at < records.count {
            let record = records[at]
            let number = firstRecord &+ at
            at &+= 1
            if record.kind == .events, Int(record.rowCount) <= batchEvents {
                if batchRows &+ Int(record.rowCount) > batchEvents { cut() }
                let range = stretch()
                block.parsed.append(
                    IngestBlock.Parsed(
                        firstRow: record.firstRow &- Int32(truncatingIfNeeded: moved), rowCount: record.rowCount,
                        record: Int32(truncatingIfNeeded: number), batch: Int32(truncatingIfNeeded: block.batches.count &- 1),
                        range: Int32(truncatingIfNeeded: range)))
                batchRows &+= Int(record.rowCount)
                rowEnd &+= Int(record.rowCount)
                counts.parsed &+= 1
            } else {
                _ = stretch()
                let last = block.batches.count - 1
                if record.kind == .skipped {
                    counts.skipped += 1
                    block.batches[last].skippedRules[reason(record.reason), default: 0] += 1
                } else {
                    moved += record.kind == .events ? Int(record.rowCount) : 0
                    let why = record.kind == .events ? "the record holds more than \(batchEvents) events" : reason(record.reason)
                    counts.quarantined += 1
                    block.quarantinedBytes += record.length
                    block.batches[last].quarantinedReasons[why, default: 0] += 1
                    block.batches[last].quarantine.append(setAside(record, why))
                }
            }
            recordEnd &+= 1
            counts.received &+= 1
            taken = max(taken, record.next)
        }
    }

    /// Accounts for bytes without a record up to `offset`, and for names that were dropped.
    mutating func end(at offset: UInt64, dropped: [String: Int]) {
        if offset > taken || counts.received > 0 {
            _ = stretch()
            taken = max(taken, offset)
            flush()
        }
        for (name, count) in dropped { block.batches[block.batches.count - 1].dropped[name, default: 0] += count }
    }

    /// The content's stretch in the open batch; a batch that holds as many contents as it may is closed before.
    private mutating func stretch() -> Int {
        if let range { return range }
        if !block.batches[block.batches.count - 1].hasRoom(for: contentID) { cut() }
        let found = block.batches[block.batches.count - 1].range(of: contentID, from: taken)
        range = found
        return found
    }

    /// Closes the open batch.
    private mutating func cut() {
        flush()
        block.closeBatch()
        range = nil
        batchRows = 0
    }

    /// Writes what was gathered.
    private mutating func flush() {
        guard let range else { return }
        let open = block.batches.count - 1
        block.batches[open].ranges[range].counts += counts
        block.batches[open].extend(range, to: taken)
        block.batches[open].rows = block.batches[open].rows.lowerBound..<rowEnd
        block.batches[open].records = block.batches[open].records.lowerBound..<recordEnd
        counts = RecordCounts()
    }
}
