import AuditModel
import Collection
import EventStore
import Foundation
import Parsing
import Vault

/// One source from its collector to open batches: parses what is collected and sorts records by what becomes of them.
final class SourcePipeline: CollectionSink {
    let configuration: SourceConfiguration
    let definition: ParserDefinition
    let collector: any Collector
    private(set) var batches: [OpenBatch] = []
    private(set) var batch = OpenBatch()
    /// Whether the open batches hold what was there already, or what was followed as it was written.
    private(set) var mode = BatchDraft.Mode.backfill
    /// What happened beside the bytes since the last call of ``takeNotes()``.
    private var notes: [SourceNote] = []
    private var contents: [String: OpenContent] = [:]
    private let keys: DuplicateKeys
    private let clock: @Sendable () -> Timestamp
    private let limits: IngestLimits

    /// A note with the stretch of time that it concerns, as far as events tell.
    struct SourceNote {
        let note: CollectionNote
        let from: Timestamp?
        let to: Timestamp
    }

    /// A content that is being read.
    private final class OpenContent {
        let parser: RecordParser
        let modified: Timestamp
        /// Offset after the last record taken.
        var taken: UInt64
        var lastTime: Timestamp?

        init(parser: RecordParser, modified: Timestamp, taken: UInt64) {
            self.parser = parser
            self.modified = modified
            self.taken = taken
        }
    }

    init(
        _ configuration: SourceConfiguration, definition: ParserDefinition, collector: any Collector, keys: DuplicateKeys,
        limits: IngestLimits, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.configuration = configuration
        self.definition = definition
        self.collector = collector
        self.keys = keys
        self.limits = limits
        self.clock = clock
    }

    /// Events waiting to be committed.
    var pendingEvents: Int { batches.reduce(batch.events.count) { $0 + $1.events.count } }
    /// Whether there are records waiting to be committed.
    var hasRecords: Bool { !batches.isEmpty || batch.received > 0 }
    /// Whether bytes are accounted for by no committed batch, be it without a record.
    var hasAnything: Bool { hasRecords || batch.contentBytes > 0 }
    /// Bytes of records waiting to be committed.
    var pendingBytes: Int { batches.reduce(batch.recordBytes) { $0 + $1.recordBytes } }

    /// The closed batches and the open one, which begins anew.
    func takeBatches() -> [OpenBatch] {
        if batch.received > 0 || batch.contentBytes > 0 || batches.isEmpty { batches.append(batch) }
        defer {
            batches = []
            batch = OpenBatch()
        }
        return batches
    }

    /// Nothing is left of what was there: from the next batch on records are followed. What is pending still is backlog.
    func caughtUp() {
        if !hasAnything { mode = .tail }
    }

    /// The parser's state for a content that is open.
    func parserState(_ contentID: String) -> [UInt8] { contents[contentID]?.parser.saveState() ?? [] }

    func takeNotes() -> [SourceNote] {
        defer { notes = [] }
        return notes
    }

    // MARK: CollectionSink

    func begin(_ start: ContentStart) throws -> UInt64 {
        let options = ParseOptions(
            source: configuration.id, instance: configuration.instance, timezone: configuration.timezone, fileModified: start.modified)
        let parser = try RecordParser(definition, options: options)
        contents[start.contentID] = OpenContent(parser: parser, modified: start.modified, taken: start.offset)
        guard start.offset > 0 else { return 0 }
        do {
            if let state = start.parserState, !state.isEmpty {
                try parser.restore(state)
                if parser.consumedOffset == start.offset { return start.offset }
            }
        } catch {
            // Another version of the definition wrote the state.
        }
        // Read again from the beginning, and emit only what is new.
        let fresh = try RecordParser(definition, options: options)
        fresh.suppressedUpTo = start.offset
        contents[start.contentID] = OpenContent(parser: fresh, modified: start.modified, taken: start.offset)
        return 0
    }

    func take(_ contentID: String, _ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws -> UInt64 {
        try run(contentID) { content, emit in try content.parser.feed(bytes, emit: emit) }
    }

    func quiet(_ contentID: String) throws -> UInt64 {
        try run(contentID) { content, emit in try content.parser.flush(emit: emit) }
    }

    func end(_ contentID: String) throws -> UInt64 {
        try run(contentID) { content, emit in try content.parser.finish(emit: emit) }
    }

    func release(_ contentID: String) throws -> [UInt8] {
        contents.removeValue(forKey: contentID)?.parser.saveState() ?? []
    }

    func note(_ note: CollectionNote) throws {
        let content = note.contentID.flatMap { contents[$0] }
        notes.append(SourceNote(note: note, from: content?.lastTime, to: note.kind.isDamage ? content?.modified ?? clock() : clock()))
    }

    // MARK: Records

    private func run(
        _ contentID: String, _ step: (OpenContent, (ParsedRecord) throws -> Void) throws -> Void
    ) throws -> UInt64 {
        guard let content = contents[contentID] else { preconditionFailure("a content is begun before it is fed") }
        let now = clock()
        try step(content) { record in try take(record, of: content, contentID, now) }
        let consumed = content.parser.consumedOffset
        if consumed > content.taken {
            batch.extend(rangeIndex(contentID, content), to: consumed)
            content.taken = consumed
        }
        for (name, count) in content.parser.takeDropped() { batch.dropped[name, default: 0] += count }
        return consumed
    }

    /// The stretch of a content in the open batch; a batch that holds as many contents as it may is closed before.
    private func rangeIndex(_ contentID: String, _ content: OpenContent) -> Int {
        if !batch.hasRoom(for: contentID) { closeBatch() }
        return batch.range(of: contentID, from: content.taken)
    }

    private func closeBatch() {
        batches.append(batch)
        batch = OpenBatch()
    }

    private func take(_ record: ParsedRecord, of content: OpenContent, _ contentID: String, _ now: Timestamp) throws {
        var result = record.result
        if case .events(let events) = result, events.count > limits.batchEvents {
            result = .quarantined(reason: "the record holds more than \(limits.batchEvents) events")
        }
        if case .events(let events) = result, batch.events.count + events.count > limits.batchEvents { closeBatch() }
        let index = rangeIndex(contentID, content)
        batch.rawTree.add(record.bytes)
        batch.recordBytes += record.bytes.count
        switch result {
        case .events(let events):
            batch.add(observe(events, content, now), key: key(events, record, now), in: index)
        case .skipped(let rule):
            batch.ranges[index].counts.received += 1
            batch.ranges[index].counts.skipped += 1
            batch.skippedRules[rule, default: 0] += 1
        case .quarantined(let reason):
            batch.ranges[index].counts.received += 1
            batch.ranges[index].counts.quarantined += 1
            batch.quarantinedReasons[reason, default: 0] += 1
            batch.quarantine.append(
                QuarantineStore.Entry(
                    source: configuration.id, contentID: contentID, offset: record.range.lowerBound, line: UInt64(max(1, record.firstLine)),
                    parser: definition.id, parserVersion: definition.version, reason: reason, record: Array(record.bytes)))
        }
        content.taken = max(content.taken, content.parser.consumedOffset)
        batch.extend(index, to: content.taken)
    }

    /// Adds when the record was seen; an event without a time of its own gets that one, marked.
    private func observe(_ events: [ParsedEvent], _ content: OpenContent, _ now: Timestamp) -> [ParsedEvent] {
        events.map { parsed in
            var parsed = parsed
            parsed.event.observed = now
            if let time = parsed.event.time {
                content.lastTime = time
            } else {
                parsed.event.time = now
                parsed.event.setFlag(Event.Flag.timeObserved)
            }
            return parsed
        }
    }

    private func key(_ events: [ParsedEvent], _ record: ParsedRecord, _ now: Timestamp) -> DuplicateKey? {
        guard let id = events.first?.event[.eventID], !id.isEmpty else { return nil }
        return keys.key(source: configuration.id, eventID: id, record: record.bytes, now: now.microseconds)
    }
}

extension CollectionNote.Kind {
    /// Whether a file's own damage is told.
    var isDamage: Bool { if case .damaged = self { true } else { false } }
}

/// When batches are closed and committed.
public struct IngestLimits: Hashable, Sendable {
    /// Events in one batch; the format's own limit is 65,536, and memory is what this one bounds.
    public var batchEvents = 32_768
    /// Events waiting, over all sources, at which a commit is made.
    public var commitEvents = 32_768
    /// Bytes of records waiting at which a commit is made.
    public var commitBytes = 48 << 20
    /// Bytes of files read between two looks at those.
    public var stepBytes = 1 << 20
    /// How long something waits for others before it is committed, when following.
    public var groupMilliseconds: UInt64 = 400

    /// The defaults.
    public init() {}
}
