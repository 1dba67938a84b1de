import AuditModel
public import TransparencyLog

extension StoreSnapshot {
    /// The salted root over a batch's raw records, as its seal names it; nil where it has none.
    public func rawRoot(of batch: BatchRecord) throws -> MerkleHash? {
        try JSONValue(parsing: entry(batch.logIndex))["rawRoot"]?.string.flatMap { MerkleHash(hex: $0) }
    }

    /// The batches some of whose events hold one of these texts anywhere in their canonical line, in log order.
    ///
    /// It renders every event that is there and looks at every byte, so that a token in a scrubbed message counts as one in a field: for an erasure,
    /// not for queries. Some microseconds an event; memory for one row group at a time.
    ///
    /// - Parameters:
    ///   - texts: None is empty.
    ///   - from: Batches before this log index are passed over.
    /// - Throws: ``StoreError`` with `damagedSegment`.
    public func batches(holding texts: [String], from: UInt64 = 0) throws -> [BatchRecord] {
        let search = TextSearch(texts.map { Array($0.utf8) })
        var found: Set<Int64> = []
        let wanted = batches.filter { $0.logIndex >= from && $0.count > (removed(of: $0)?.count ?? 0) }
        for id in Set(wanted.compactMap(\.segment)).sorted() {
            guard let segment = segments.first(where: { $0.id == id }) else { continue }
            let reader = try reader(segment)
            for group in reader.rowGroups {
                let block = try reader.block(rows: Array(group.rows))
                for row in search.rows(of: block) { found.insert(block.seq.values[row]) }
            }
        }
        return wanted.filter { batch in found.contains { batch.seqs.contains($0) } }
    }
}

/// Finds texts in the canonical lines of a block.
private struct TextSearch {
    private static let rowsAtOnce = 256
    private let texts: [[UInt8]]

    init(_ texts: [[UInt8]]) { self.texts = texts.filter { !$0.isEmpty } }

    /// The rows whose lines hold one.
    func rows(of block: EventBlock) -> [Int] {
        let lines = CanonicalLines(block)
        let buffer = LineBuffer(capacityBytes: 512 * 1_024)
        var found: [Int] = []
        var row = 0
        while row < block.rowCount {
            let end = min(row + Self.rowsAtOnce, block.rowCount)
            buffer.removeAll()
            lines.write(row..<end, to: buffer)
            // Most pieces hold none of them: they are looked at as a whole first.
            if holds(buffer.bytes) { found += (row..<end).filter { holds(buffer[$0 - row]) } }
            row = end
        }
        return found
    }

    private func holds(_ bytes: UnsafeRawBufferPointer) -> Bool { texts.contains { Self.holds(bytes, $0) } }

    /// Compares at each place where the text's last byte stands at its end: tokens end in letters that are as rare as any.
    private static func holds(_ bytes: UnsafeRawBufferPointer, _ text: [UInt8]) -> Bool {
        let (count, last) = (text.count, text[text.count - 1])
        var place = count - 1
        while place < bytes.count {
            if bytes[place] == last {
                let start = place &- count &+ 1
                var at = 0
                while at < count, bytes[start &+ at] == text[at] { at &+= 1 }
                if at == count { return true }
            }
            place &+= 1
        }
        return false
    }
}
