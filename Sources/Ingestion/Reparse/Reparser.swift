import AuditModel
import Cryptography
public import EventStore
public import Minimization
public import Parsing
public import Vault

/// Reads quarantined records again by the definitions of today (docs/decisions/0098).
///
/// What can be read now becomes events of a new batch of the same source, whose seal names both definitions; `reparse` entries in the same
/// transaction say which records of which batch are resolved. What was sealed stays as it is. A record leaves the quarantine only when the
/// entry that resolves it is under the published checkpoint, so a kill at any step loses nothing, and the next run finds by the log
/// what is resolved already. Use it from one thread.
public final class Reparser {
    private let store: EventStore
    private let vault: Vault
    private let quarantine: QuarantineStore
    private let minimizer: Minimizer
    private let policy: DefinitionReference
    private let library: ParserLibrary
    private let configured: [String: SourceConfiguration]
    private let clock: @Sendable () -> Timestamp
    /// Records of one page.
    private let pageRecords: Int

    /// - Parameters:
    ///   - configured: Sources as configured: their parser, mapping, zone, instance and attributes win over what the store knows.
    ///   - pageRecords: Records that are read and committed together, about.
    /// - Throws: `VaultError`.
    public init(
        store: EventStore, vault: Vault, policy: MinimizationPolicy, library: ParserLibrary, configured: [SourceConfiguration] = [],
        pageRecords: Int = 1_000, clock: @escaping @Sendable () -> Timestamp = { StoreOptions.systemTime() }
    ) throws {
        self.store = store
        self.vault = vault
        self.library = library
        self.configured = Dictionary(configured.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.pageRecords = pageRecords
        self.clock = clock
        quarantine = try QuarantineStore(vault: vault)
        minimizer = Minimizer(policy: policy, vault: vault)
        self.policy = DefinitionReference(id: policy.id, version: policy.version, sha256: policy.sha256.hex)
    }

    /// Sources with records in quarantine, and how many.
    public func waiting() throws -> [String: Int] { try quarantine.counts() }

    /// Reads again and commits.
    ///
    /// - Parameter sources: The sources to go through; nil for all that have quarantined records.
    /// - Throws: ``IngestionError`` for a source whose parser is not there, `StoreError`, `VaultError`, `MinimizationError`. What was committed stays.
    public func run(sources: [String]? = nil) throws -> ReparseSummary {
        var summary = ReparseSummary()
        try store.openSession(.ingest)
        _ = try ActSealer(store: store, vault: vault).seal(now: clock(), policy: policy)
        summary.removedLater = try removeResolved()
        let counts = try waiting()
        for source in sources ?? counts.keys.sorted() {
            summary.sources[source] = try run(source, quarantined: counts[source] ?? 0, commits: true)
        }
        try store.closeSession()
        try removeResolved()
        return summary
    }

    /// What ``run(sources:)`` would do, as far as one can tell without doing it: duplicates among these records themselves count as events. Writes
    /// nothing.
    public func preview(sources: [String]? = nil) throws -> ReparseSummary {
        var summary = ReparseSummary()
        let counts = try waiting()
        for source in sources ?? counts.keys.sorted() {
            summary.sources[source] = try run(source, quarantined: counts[source] ?? 0, commits: false)
        }
        return summary
    }

    // MARK: One source

    /// A record that is resolved.
    private struct Resolved {
        let place: ResolvedPlace
        let record: [UInt8]
        let events: [ParsedEvent]
        let before: DefinitionReference
        let instance: String?
    }

    private func run(_ source: String, quarantined: Int, commits: Bool) throws -> ReparseSummary.Source {
        let snapshot = try store.snapshot()
        guard let settings = snapshot.sources[source] else {
            throw IngestionError(
                .configuration, "the store knows no source `\(source)`\(NearestName.of(source, in: Array(snapshot.sources.keys)).map { "; did you mean `\($0)`?" } ?? "")")
        }
        let own = configured[source]
        let id = own?.parser ?? settings.parser
        guard library[id] != nil else {
            throw IngestionError(.configuration, "no parser is named `\(id)` (source `\(source)`); --parsers DIR adds yours, --config names another")
        }
        let definition = try library.definition(id, mapping: own?.mapping)
        let parser = DefinitionReference(
            id: definition.id, version: definition.version, sha256: SHA256.hash(definition.definitionBytes).hex)
        let instance = own.map(\.instance) ?? settings.instance
        var result = ReparseSummary.Source(parser: parser)
        result.quarantined = quarantined
        var batches = try BatchLookup(source, snapshot)
        var last: QuarantineStore.Entry?
        var number = 0
        while true {
            let page = try quarantine.list(source: source, after: last, limit: pageRecords)
            guard let end = page.last else { break }
            last = end
            var resolved: [Resolved] = []
            for entry in page {
                number += 1
                guard let batch = try batches.batch(of: entry, in: snapshot) else {
                    result.uncommitted += 1
                    continue
                }
                if batches.isResolved(entry) {
                    result.quarantined -= 1
                    continue
                }
                guard batch.parser.sha256 != parser.sha256 else {
                    result.unchanged += 1
                    continue
                }
                let options = ParseOptions(
                    source: source, instance: instance, timezone: own?.timezone ?? settings.timezone, fileModified: own?.modified ?? batch.committed,
                    observed: batch.committed)
                let place = ResolvedPlace(batch: batch.logIndex, entry: entry, number: number)
                switch try RecordRereading(definition: definition, options: options).read(entry) {
                case .left(let reason): result.left[reason, default: 0] += 1
                case .skipped: resolved.append(.init(place: place, record: entry.record, events: [], before: batch.parser, instance: instance))
                case .events(let events):
                    resolved.append(.init(place: place, record: entry.record, events: events, before: batch.parser, instance: instance))
                }
            }
            try take(resolved, source, parser, commits: commits, &result)
        }
        return result
    }

    /// Commits what a page resolved, one batch for each definition that had failed, more where they have too many events.
    private func take(
        _ resolved: [Resolved], _ source: String, _ parser: DefinitionReference, commits: Bool, _ result: inout ReparseSummary.Source
    ) throws {
        for before in Set(resolved.map(\.before)).sorted(by: { $0.sha256 < $1.sha256 }) {
            var rest = resolved.filter { $0.before == before }[...]
            while !rest.isEmpty {
                var count = 0
                var events = 0
                for record in rest {
                    events += record.events.count
                    guard count == 0 || events <= StoreLimits.batchEvents else { break }
                    count += 1
                }
                try commit(Array(rest.prefix(count)), source, parser, before, commits: commits, &result)
                rest = rest.dropFirst(count)
            }
        }
    }

    private func commit(
        _ records: [Resolved], _ source: String, _ parser: DefinitionReference, _ before: DefinitionReference, commits: Bool,
        _ result: inout ReparseSummary.Source
    ) throws {
        var draft = BatchDraft(source: source, instance: records.first?.instance, mode: .reparse, parser: parser, policy: policy)
        let verdicts = try verdicts(records, source, &draft)
        var events: [ParsedEvent] = []
        var parts = CorrectionParts()
        for (record, verdict) in zip(records, verdicts) {
            if verdict == .duplicate {
                parts.add(record.place, Correction.Counts(duplicates: 1))
            } else if record.events.isEmpty {
                parts.add(record.place, Correction.Counts(skipped: 1))
            } else {
                parts.add(record.place, Correction.Counts(parsed: 1))
                events += record.events.map { parsed in
                    var parsed = parsed
                    if verdict == .idReused { parsed.event.setFlag(Event.Flag.eventIDReused) }
                    return parsed
                }
            }
        }
        let correction = Correction(before: before, parts: parts.parts)
        draft.correction = correction
        if commits { try commit(&draft, events, configured[source]?.attributes ?? [:]) }
        result.resolved += correction.counts
        result.events += events.count
    }

    /// Which records were delivered again and read meanwhile; keys of the others go into the draft.
    private func verdicts(_ records: [Resolved], _ source: String, _ draft: inout BatchDraft) throws -> [DuplicateKey.Verdict] {
        let hashes = DuplicateKeys(vault: vault).keys(of: source)
        let now = clock().microseconds
        var keys: [DuplicateKey] = []
        var owners: [Int] = []
        for (number, record) in records.enumerated() {
            guard let id = record.events.first?.event[.eventID], !id.isEmpty else { continue }
            keys.append(hashes.key(eventID: id, recordDigest: SHA256.hash(record.record), now: now))
            owners.append(number)
        }
        let sorted = SortedDuplicateKeys(keys)
        let found = try store.verdicts(sorted)
        draft.duplicateKeys = sorted.kept(found)
        var verdicts = [DuplicateKey.Verdict](repeating: .new, count: records.count)
        for (owner, verdict) in zip(owners, found) { verdicts[owner] = verdict }
        return verdicts
    }

    /// Minimizes the events and commits them with what they correct: salts and tokens are durable before.
    private func commit(_ draft: inout BatchDraft, _ events: [ParsedEvent], _ attributes: [String: String]) throws {
        var bindings: [Binding] = []
        do {
            if !events.isEmpty {
                let minimized = try minimizer.minimize(events)
                bindings = minimized.bindings
                draft.events = minimized.events.map { event in
                    var event = event
                    for (name, value) in attributes { event.setAttribute(name, value) }
                    return event
                }
                draft.minimized = minimized.counts
                draft.bindings = bindings.map { TokenBinding(token: $0.token, commitment: $0.commitment.bytes) }
                draft.batchSalt = SecureRandom.bytes(32)
                try vault.putBatchSalts([(.rows(firstSeq: store.nextSeq), draft.batchSalt)])
            }
            _ = try store.commit([draft])
        } catch {
            vault.returnBindings(bindings)
            throw error
        }
        try vault.markBound(bindings.map(\.token))
    }

    // MARK: Leaving the quarantine

    /// Takes those records out of the quarantine that a correction under the published checkpoint resolves.
    ///
    /// - Returns: how many there were.
    @discardableResult
    private func removeResolved() throws -> Int {
        var count = 0
        for correction in try store.snapshot().corrections() {
            for range in correction.part.ranges {
                count += try quarantine.remove(source: correction.source, contentID: correction.part.contentID, in: range)
            }
        }
        if count > 0 { try quarantine.forgetRemoved() }
        return count
    }
}
