import AuditModel
import Cryptography
import EventStore
import Vault

/// Seals the acts that readers spooled, such as queries that named a person: they become events of the source `proofline`.
///
/// An act is known by its file's name. A crash between the commit and the removal of the file leaves a file whose key the store
/// knows; the next sealer counts it as a duplicate and removes it.
struct ActSealer {
    /// The source that proofline's own acts belong to, and the id of its (built-in) parser.
    static let source = "proofline"

    private let store: EventStore
    private let vault: Vault
    private let spool: ActSpool
    private let keys: SourceDuplicateKeys

    init(store: EventStore, vault: Vault) {
        self.store = store
        self.vault = vault
        spool = ActSpool(layout: store.layout)
        keys = DuplicateKeys(vault: vault).keys(of: Self.source)
    }

    /// Commits the acts that wait, and removes them from the spool.
    ///
    /// - Returns: Names of files in the spool that are no acts; they are left where they are.
    /// - Throws: `StoreError`, `VaultError`, `DurableIOError`. Then nothing was removed.
    func seal(now: Timestamp, policy: DefinitionReference) throws -> [String] {
        let (acts, unreadable) = try spool.waiting()
        guard !acts.isEmpty else { return unreadable }
        try store.configure([SourceSettings(source: Self.source, parser: Self.source)])
        let actKeys = acts.map { keys.key(eventID: $0.name, recordDigest: SHA256.hash($0.bytes), now: now.microseconds) }
        var events: [Event] = []
        var draft = BatchDraft(
            source: Self.source, mode: .tail,
            parser: DefinitionReference(id: Self.source, version: "1", sha256: SHA256.hash(Array("proofline/acts/1".utf8)).hex),
            policy: policy)
        for (act, verdict) in zip(acts, try store.verdicts(actKeys)) {
            if verdict == .duplicate { draft.counts.duplicates += 1 } else { events.append(act.event) }
        }
        draft.counts.received = Int64(acts.count)
        draft.counts.parsed = Int64(events.count)
        draft.duplicateKeys = actKeys
        account(for: acts, in: &draft, cursor: try store.cursor(source: Self.source, contentID: "spool"))
        draft.events = events
        if !events.isEmpty {
            draft.batchSalt = SecureRandom.bytes(32)
            try vault.putBatchSalts([(.rows(firstSeq: store.nextSeq), draft.batchSalt)])
        }
        _ = try store.commit([draft])
        try spool.remove(acts)
        return unreadable
    }

    /// The spool is accounted for as one stream: its offset is the bytes of all acts ever taken.
    private func account(for acts: [ActSpool.Act], in draft: inout BatchDraft, cursor: CursorRow?) {
        let from = cursor?.offset ?? 0
        let to = from + acts.reduce(0) { $0 + UInt64($1.bytes.count) }
        draft.cursors = [
            CursorRow(source: Self.source, contentID: "spool", offset: to, records: (cursor?.records ?? 0) + UInt64(acts.count))
        ]
        draft.ranges = [ContentRange(contentID: "spool", bytes: from..<to, counts: draft.counts)]
        draft.cursorFrom = ["content": "spool", "offset": .integer(Int64(from))]
        draft.cursorTo = ["content": "spool", "offset": .integer(Int64(to))]
    }
}
