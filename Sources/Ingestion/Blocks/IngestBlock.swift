import AuditModel
import EventStore

/// A block of one source's events with what else was learned from its records: cut into batches, and all that duplicates are told by.
///
/// One task at a time touches it: the reader that fills it, then the pipeline's stages.
final class IngestBlock: @unchecked Sendable {
    /// The events; identities are in it until the block is minimized.
    let events: EventBlock
    /// Consecutive stretches of rows and records, the last one open while the block is filled.
    var batches: [OpenBatch]
    /// Digests of all records.
    let digests: RecordDigests
    /// Records that gave events, in order.
    var parsed: [Parsed] = []
    /// Bytes of quarantined records.
    var quarantinedBytes = 0

    /// A record that gave events.
    struct Parsed: BitwiseCopyable {
        var firstRow: Int32
        var rowCount: Int32
        /// Its place in ``digests``.
        var record: Int32
        /// Its batch and, in that, its content's stretch.
        var batch: Int32
        var range: Int32

        var rows: Range<Int> { Int(firstRow)..<Int(firstRow) + Int(rowCount) }
    }

    /// - Parameter rows: Rows, and records that give events, to make room for.
    init(rows: Int = 16) {
        events = EventBlock(capacity: rows)
        digests = RecordDigests(capacity: rows)
        parsed.reserveCapacity(rows)
        batches = [OpenBatch(row: 0, record: 0)]
    }

    /// Bytes in memory, about. Columns that no row fills count as if they were full: what is made of a block grows with its rows.
    var byteCount: Int { events.byteCount + unfilledBytes + 32 * digests.count + 20 * parsed.count + quarantinedBytes }
    /// Bytes that scalar columns would take more if all were as long as there are rows.
    private var unfilledBytes: Int {
        let rows = events.rowCount
        return EventField.allCases.reduce(0) { $0 + 4 * max(0, rows - events[$1].count) }
            + events.integers.reduce(0) { $0 + 8 * max(0, rows - $1.count) }
    }

    /// Whether nothing at all is in it.
    var isEmpty: Bool { batches.count == 1 && batches[0].isEmpty }
    /// Whether there are records.
    var hasRecords: Bool { digests.count > 0 }

    /// Closes the open batch; the next one begins behind it.
    func closeBatch() {
        guard let last = batches.last, !last.isEmpty else { return }
        batches.append(OpenBatch(row: last.rows.upperBound, record: last.records.upperBound))
    }

    /// Ends the filling: a batch that was opened and got nothing goes.
    func close() {
        if batches.count > 1, batches[batches.count - 1].isEmpty { batches.removeLast() }
    }

    /// The keys of records whose first event has an id, and which of ``parsed`` they belong to.
    func duplicateKeys(_ source: SourceDuplicateKeys, now: Int64) -> (keys: [DuplicateKey], owners: [Int32]) {
        let column = events[.eventID]
        let codes = column.codes
        let offsets = column.entryOffsets
        guard let base = column.entryBytes.baseAddress, !parsed.isEmpty else { return ([], []) }
        var owners: [Int32] = []
        owners.reserveCapacity(parsed.count)
        let expires = now + DuplicateKeys.lifeMicroseconds
        let atOnce = Self.keysAtOnce
        let keys = [DuplicateKey](unsafeUninitializedCapacity: parsed.count) { keys, filled in
            withUnsafeTemporaryAllocation(byteCount: (8 + 4 + 32 + 16) * atOnce, alignment: 16) { room in
                let digests = room.baseAddress!
                let ids = (digests + 32 * atOnce).bindMemory(to: UnsafeRawPointer?.self, capacity: atOnce)
                let halves = (digests + 40 * atOnce).bindMemory(to: UInt64.self, capacity: 2 * atOnce)
                let sizes = (digests + 56 * atOnce).bindMemory(to: UInt32.self, capacity: atOnce)
                var count = 0
                func flush() {
                    source.write(
                        ids: ids, idSizes: sizes, recordDigests: digests, count: count, idHalves: halves, recordHalves: halves + atOnce)
                    var place = 0
                    while place < count {
                        (keys.baseAddress! + filled).initialize(
                            to: DuplicateKey(id: halves[place], bytes: halves[atOnce &+ place], expires: expires))
                        filled &+= 1
                        place &+= 1
                    }
                    count = 0
                }
                for (number, record) in parsed.enumerated() where record.firstRow < codes.count {
                    let code = codes[Int(record.firstRow)]
                    guard code != TextColumn.absent else { continue }
                    let start = offsets[Int(code)]
                    let size = offsets[Int(code) &+ 1] &- start
                    guard size > 0 else { continue }
                    ids[count] = base + Int(start)
                    sizes[count] = size
                    (digests + 32 &* count).copyMemory(from: self.digests.pointer(Int(record.record)), byteCount: 32)
                    owners.append(Int32(truncatingIfNeeded: number))
                    count &+= 1
                    if count == atOnce { flush() }
                }
                flush()
            }
        }
        return (keys, owners)
    }

    /// Keys that are made together: few enough that what they are made of stays in the nearest cache.
    private static let keysAtOnce = 512

    /// Takes the rows of duplicates away and marks those whose id was used before.
    ///
    /// - Parameter owners: For each verdict the number of its record in ``parsed``.
    func resolve(_ verdicts: [DuplicateKey.Verdict], owners: [Int32]) {
        var removed: [Int] = []
        for (verdict, owner) in zip(verdicts, owners) where verdict != .new {
            let record = parsed[Int(owner)]
            if verdict == .duplicate {
                removed += record.rows
                batches[Int(record.batch)].ranges[Int(record.range)].counts.parsed -= 1
                batches[Int(record.batch)].ranges[Int(record.range)].counts.duplicates += 1
            } else {
                for row in record.rows { events.setFlag(Event.Flag.eventIDReused, row: row) }
            }
        }
        remove(removed)
    }

    /// Takes rows away, ascending, and moves the batches' rows along.
    func remove(_ rows: [Int]) {
        guard !rows.isEmpty else { return }
        events.remove(rows: rows)
        var gone = 0
        for number in batches.indices {
            let start = batches[number].rows.lowerBound - gone
            while gone < rows.count, rows[gone] < batches[number].rows.upperBound { gone += 1 }
            batches[number].rows = start..<(batches[number].rows.upperBound - gone)
        }
    }
}
