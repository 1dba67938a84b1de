import AuditModel
import Cryptography

/// The rules that drafts must keep; breaking one is a fault of the caller and reported before anything is written.
enum DraftRules {
    static func check(_ drafts: [BatchDraft]) throws {
        let total = drafts.reduce(0) { $0 + $1.eventCount }
        guard total <= StoreLimits.commitEvents else {
            throw invalid("a commit has at most \(StoreLimits.commitEvents) events, not \(total)")
        }
        for draft in drafts { try check(draft) }
    }

    private static func check(_ draft: BatchDraft) throws {
        func refuse(_ what: String) -> StoreError { invalid("batch of \(draft.source): \(what)") }
        for text in [draft.source, draft.instance ?? "-", draft.parser.id, draft.parser.version, draft.policy.id, draft.policy.version] {
            guard !text.isEmpty, text.utf8.count <= StoreLimits.identifierBytes else {
                throw refuse("an id is empty or longer than \(StoreLimits.identifierBytes) bytes")
            }
        }
        guard draft.eventCount <= StoreLimits.batchEvents else {
            throw refuse("has \(draft.eventCount) events, the limit is \(StoreLimits.batchEvents)")
        }
        guard draft.rows.lowerBound >= 0, draft.rows.upperBound <= draft.block?.rowCount ?? 0 else {
            throw refuse("its rows \(draft.rows) are not in its block")
        }
        guard draft.rowGroup.map({ $0.rows.count <= StoreLimits.rowGroupRows }) ?? true else {
            throw refuse("its row group has more than \(StoreLimits.rowGroupRows) rows")
        }
        guard draft.tree.map({ $0.count == draft.eventCount }) ?? true else { throw refuse("its tree has another number of leaves") }
        guard draft.counts.isBalanced else {
            throw refuse("received (\(draft.counts.received)) is not parsed + duplicates + quarantined + skipped")
        }
        guard draft.batchSalt.count == SHA256Digest.sizeBytes || (draft.rows.isEmpty && draft.batchSalt.isEmpty) else {
            throw refuse("the batch salt has \(draft.batchSalt.count) bytes, not 32")
        }
        for range in draft.ranges {
            guard range.counts.isBalanced, range.bytes.upperBound <= UInt64(CanonicalJSON.largestInteger) else {
                throw refuse("a ledger range does not add up")
            }
        }
        guard draft.cursors.allSatisfy({ $0.source == draft.source && $0.offset <= UInt64(CanonicalJSON.largestInteger) }) else {
            throw refuse("a cursor belongs to another source")
        }
        if let correction = draft.correction {
            try check(correction, draft)
        } else if draft.mode == .reparse {
            throw refuse("it corrects nothing")
        }
        guard draft.bindings.allSatisfy({ $0.commitment.count == 32 }), draft.bindings.isEmpty || !draft.rows.isEmpty else {
            throw refuse("bindings have 32 bytes each and come with events")
        }
    }

    private static func check(_ correction: Correction, _ draft: BatchDraft) throws {
        let counts = correction.counts
        guard draft.mode == .reparse, draft.counts == RecordCounts(), draft.ranges.isEmpty, draft.cursors.isEmpty, counts.records > 0,
            (counts.parsed == 0) == draft.rows.isEmpty
        else { throw invalid("batch of \(draft.source): a correction has mode reparse, resolves records, and receives none") }
        for part in correction.parts {
            guard (1...StoreLimits.reparseRanges).contains(part.ranges.count), part.ranges.allSatisfy({ !$0.isEmpty && $0.upperBound <= 1 << 53 }),
                zip(part.ranges, part.ranges.dropFirst()).allSatisfy({ $0.upperBound <= $1.lowerBound }), part.counts.records > 0
            else { throw invalid("batch of \(draft.source): the ranges of a correction ascend, at most \(StoreLimits.reparseRanges)") }
        }
    }

    private static func invalid(_ message: String) -> StoreError { StoreError(.invalidDraft, message) }
}
