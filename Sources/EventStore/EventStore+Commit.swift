public import AuditModel

extension EventStore {
    /// Makes batches durable together: events, ledger, cursors and seals, all or nothing.
    ///
    /// Drafts get consecutive positions in the order given, the first ``nextSeq``.
    ///
    /// - Throws: ``StoreError``; then nothing was committed, except with `mustReopen`.
    public func commit(_ drafts: [BatchDraft]) throws -> [CommittedBatch] {
        throw StoreError(.notFound, "not written yet")
    }

    /// Adds an entry to the log.
    ///
    /// The store adds `v`, `type` and `at`.
    /// - Returns: its place in the log.
    @discardableResult
    public func appendEntry(_ kind: LogEntryKind, _ fields: [String: JSONValue]) throws -> UInt64 {
        throw StoreError(.notFound, "not written yet")
    }
}
