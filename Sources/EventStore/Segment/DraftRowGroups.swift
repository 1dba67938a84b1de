import AuditModel

/// Finds the row groups of a commit: those that drafts bring along, and new ones for drafts that bring none.
enum DraftRowGroups {
    /// Row groups in the order of positions.
    ///
    /// - Parameter drafts: With rows, in the order of their positions.
    /// - Throws: ``StoreError`` with `invalidDraft` where drafts and their row group do not fit.
    static func groups(of drafts: [(draft: BatchDraft, firstSeq: Int64)]) throws -> [SegmentFiles.RowGroup] {
        var groups: [SegmentFiles.RowGroup] = []
        var encoder: SegmentEncoder?
        var rest = drafts[...]
        while let (first, firstSeq) = rest.first {
            if let encoded = first.rowGroup {
                try take(encoded, from: &rest)
                groups.append(SegmentFiles.RowGroup(encoded: encoded, firstSeq: firstSeq))
                continue
            }
            let made = try encoder ?? SegmentEncoder()
            encoder = made
            let (block, rows) = merged(&rest)
            groups.append(SegmentFiles.RowGroup(encoded: try made.encode(block, rows: rows), firstSeq: firstSeq))
        }
        return groups
    }

    /// Removes the drafts whose rows are those of a row group.
    private static func take(_ encoded: EncodedRowGroup, from rest: inout ArraySlice<(draft: BatchDraft, firstSeq: Int64)>) throws {
        var next = encoded.rows.lowerBound
        while next < encoded.rows.upperBound {
            guard let (draft, _) = rest.first, draft.rowGroup === encoded, draft.block === encoded.block, draft.rows.lowerBound == next,
                !draft.rows.isEmpty
            else {
                throw StoreError(
                    .invalidDraft, "the drafts of a row group must have its rows, each once and in order; row \(next) is missing")
            }
            next = draft.rows.upperBound
            rest.removeFirst()
        }
        guard next == encoded.rows.upperBound else {
            throw StoreError(.invalidDraft, "a draft has more rows than the row group that it names")
        }
    }

    /// Takes drafts that share a row group: neighbours in one block as they are, others copied into a new block.
    private static func merged(_ rest: inout ArraySlice<(draft: BatchDraft, firstSeq: Int64)>) -> (EventBlock, Range<Int>) {
        var parts: [(block: EventBlock, rows: Range<Int>)] = []
        var rowCount = 0
        while let (draft, _) = rest.first, draft.rowGroup == nil, let block = draft.block,
            parts.isEmpty || rowCount + draft.eventCount <= StoreLimits.rowGroupRows
        {
            if let last = parts.last, last.block === block, last.rows.upperBound == draft.rows.lowerBound {
                parts[parts.count - 1].rows = last.rows.lowerBound..<draft.rows.upperBound
            } else {
                parts.append((block, draft.rows))
            }
            rowCount += draft.eventCount
            rest.removeFirst()
        }
        if parts.count == 1 { return parts[0] }
        let block = EventBlock(capacity: rowCount)
        for part in parts { block.append(rows: part.rows, of: part.block) }
        block.pad()
        return (block, 0..<rowCount)
    }
}
