import AuditModel
import Collection
import Cryptography
import EventStore
import Parsing
import Vault

/// One source from its collector to blocks: parses what is collected and sorts records by what becomes of them.
///
/// Sequential by nature: one thread at a time uses it, which may be another one each time.
final class SourceReader: CollectionSink, @unchecked Sendable {
    let configuration: SourceConfiguration
    let definition: ParserDefinition
    let collector: any Collector
    /// How seals name the definition.
    let parserReference: DefinitionReference
    /// Makes the keys of its records.
    let duplicateKeys: SourceDuplicateKeys
    /// Its place among the configured sources.
    let place: Int
    /// Whether the open block holds what was there already, or what was followed as it was written.
    private(set) var mode = BatchDraft.Mode.backfill
    /// Bytes of files read since the last cut.
    var rawBytes: UInt64 = 0

    private var full: [IngestBlock] = []
    private var block = IngestBlock()
    /// What happened beside the bytes since the last call of ``takeNotes()``.
    private var notes: [SourceNote] = []
    private var contents: [String: OpenContent] = [:]
    private let records = RecordBuffer()
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
        /// Up to where the content was fed at a time since which lines have been waiting to be joined.
        var waiting: (offset: UInt64, since: Timestamp)?

        init(parser: RecordParser, modified: Timestamp, taken: UInt64) {
            self.parser = parser
            self.modified = modified
            self.taken = taken
        }
    }

    init(
        _ configuration: SourceConfiguration, place: Int, definition: ParserDefinition, collector: any Collector, duplicateKeys: SourceDuplicateKeys,
        limits: IngestLimits, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.configuration = configuration
        self.place = place
        self.definition = definition
        self.collector = collector
        self.duplicateKeys = duplicateKeys
        parserReference = DefinitionReference(
            id: definition.id, version: definition.version, sha256: SHA256.hash(definition.definitionBytes).hex)
        self.limits = limits
        self.clock = clock
    }

    /// Events waiting to be handed on.
    var pendingEvents: Int { full.reduce(block.events.rowCount) { $0 + $1.events.rowCount } }
    /// Whether there are records waiting to be handed on.
    var hasRecords: Bool { !full.isEmpty || block.hasRecords }
    /// Whether bytes are accounted for by no block that was handed on, be it without a record.
    var hasAnything: Bool { !full.isEmpty || !block.isEmpty }
    /// Bytes in memory that wait to be handed on.
    var pendingBytes: Int { full.reduce(block.byteCount) { $0 + $1.byteCount } }
    /// Whether what waits should be handed on before anything else is read.
    var isFull: Bool {
        !full.isEmpty || block.events.rowCount >= limits.cutRows || block.digests.count >= 4 * limits.blockRows
            || block.byteCount >= limits.blockBytes
    }

    /// What was read, with the cursors that move with it; the next block begins. Nil when there is nothing, not even a cursor.
    ///
    /// Call it between two calls of the collector only: there records and cursors are at the same place.
    func takeCut() -> SourceCut? {
        guard hasAnything else { return nil }
        let cursors = collector.cursors { contents[$0]?.parser.saveState() ?? [] }
        if !block.isEmpty || full.isEmpty { full.append(block) }
        for block in full { block.close() }
        let cut = SourceCut(
            reader: self, mode: mode, blocks: full, rawBytes: rawBytes,
            cursors: cursors.map {
                CursorRow(source: $0.source, contentID: $0.contentID, offset: $0.offset, state: Array($0.text.utf8))
            })
        full = []
        block = IngestBlock(rows: cut.blocks.count == 1 ? cut.blocks[0].events.rowCount : 16)
        rawBytes = 0
        return cut
    }

    /// Nothing is left of what was there: from the next block on records are followed. What is pending still is backlog.
    func caughtUp() {
        if !hasAnything { mode = .tail }
    }

    func takeNotes() -> [SourceNote] {
        defer { notes = [] }
        return notes
    }

    // MARK: CollectionSink

    func begin(_ start: ContentStart) throws -> UInt64 {
        let parser = try makeParser(start)
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
        let fresh = try makeParser(start)
        fresh.suppressedUpTo = start.offset
        contents[start.contentID] = OpenContent(parser: fresh, modified: start.modified, taken: start.offset)
        return 0
    }

    private func makeParser(_ start: ContentStart) throws -> RecordParser {
        let parser = try RecordParser(
            definition,
            options: ParseOptions(
                source: configuration.id, instance: configuration.instance, timezone: configuration.timezone, fileModified: start.modified))
        parser.blockRows = limits.blockRows
        // Between two steps a block is handed on when it is full; only a step that brings very much fills one beyond that.
        parser.blockBytes = 2 * limits.blockBytes
        return parser
    }

    func take(_ contentID: String, _ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws -> UInt64 {
        let content = open(contentID)
        var rest = bytes
        while true {
            let used = step(content, contentID) { content.parser.feed(rest, into: $0, records: records) }
            guard used < rest.count else {
                if mode == .tail { closeWhatWaited(content, contentID) }
                return content.parser.consumedOffset
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[used...])
            nextBlock()
        }
    }

    func quiet(_ contentID: String) throws -> UInt64 {
        guard definition.joinWaitMilliseconds == nil else { return closeWhatWaited(open(contentID), contentID) }
        return toEnd(contentID) { $0.flush(into: $1, records: $2) }
    }

    /// Takes records whose lines have waited for others as long as the parser's definition allows; the offset up to which records are taken.
    @discardableResult
    private func closeWhatWaited(_ content: OpenContent, _ contentID: String) -> UInt64 {
        guard let wait = definition.joinWaitMilliseconds, content.parser.holdsLines else {
            content.waiting = nil
            return content.parser.consumedOffset
        }
        let now = clock()
        guard let waiting = content.waiting else {
            content.waiting = (content.parser.fedOffset, now)
            return content.parser.consumedOffset
        }
        guard now.microseconds - waiting.since.microseconds >= Int64(wait) * 1_000 else { return content.parser.consumedOffset }
        content.waiting = nil
        return toEnd(contentID) { $0.close(before: waiting.offset, into: $1, records: $2) }
    }

    func end(_ contentID: String) throws -> UInt64 { toEnd(contentID) { $0.finish(into: $1, records: $2) } }

    func release(_ contentID: String) throws -> [UInt8] {
        contents.removeValue(forKey: contentID)?.parser.saveState() ?? []
    }

    func note(_ note: CollectionNote) throws {
        let content = note.contentID.flatMap { contents[$0] }
        notes.append(SourceNote(note: note, from: content?.lastTime, to: note.kind.isDamage ? content?.modified ?? clock() : clock()))
    }

    private func open(_ contentID: String) -> OpenContent {
        guard let content = contents[contentID] else { preconditionFailure("a content is begun before it is fed") }
        return content
    }

    private func toEnd(_ contentID: String, _ action: (RecordParser, EventBlock, RecordBuffer) -> Bool) -> UInt64 {
        let content = open(contentID)
        while true {
            if step(content, contentID, { action(content.parser, $0, records) }) { return content.parser.consumedOffset }
            nextBlock()
        }
    }

    private func nextBlock() {
        full.append(block)
        block = IngestBlock(rows: limits.blockRows)
    }

    // MARK: Records

    /// One call of the parser, and what became of its records.
    private func step<R>(_ content: OpenContent, _ contentID: String, _ parse: (EventBlock) -> R) -> R {
        let firstRow = block.events.rowCount
        let now = clock()
        let result = parse(block.events)
        let all = records.records
        let firstRecord = block.digests.count
        block.digests.add(all)
        let tooMany = rowsOfOversized(all)
        if !tooMany.isEmpty { block.events.remove(rows: tooMany) }
        var taker = RecordTaker(block, contentID: contentID, taken: content.taken, limits: limits)
        taker.take(all, firstRecord: firstRecord) { record, reason in quarantined(record, contentID, reason) } reason: { records.reason($0) }
        content.taken = max(content.taken, content.parser.consumedOffset)
        taker.end(at: content.taken, dropped: content.parser.takeDropped())
        observe(firstRow..<block.events.rowCount, content, now)
        return result
    }

    /// Rows of records that have more events than a batch may have.
    private func rowsOfOversized(_ records: UnsafeBufferPointer<BlockRecord>) -> [Int] {
        var rows: [Int] = []
        var at = 0
        while at < records.count {
            if records[at].rowCount > limits.batchEvents { rows += records[at].rows }
            at &+= 1
        }
        return rows
    }

    private func quarantined(_ record: BlockRecord, _ contentID: String, _ reason: String) -> QuarantineStore.Entry {
        QuarantineStore.Entry(
            source: configuration.id, contentID: contentID, offset: record.offset, line: UInt64(max(1, record.line)), parser: definition.id,
            parserVersion: definition.version, reason: reason, record: Array(record.bytes))
    }

    /// Adds when rows were seen; an event without a time of its own gets that one, marked.
    private func observe(_ rows: Range<Int>, _ content: OpenContent, _ now: Timestamp) {
        guard !rows.isEmpty else { return }
        let events = block.events
        events.padFilled()
        events.observed.pad(to: events.rowCount)
        events.time.pad(to: events.rowCount)
        let observed = events.observed.values
        let times = events.time.values
        var row = rows.lowerBound
        var last = IntegerColumn.absent
        while row < rows.upperBound {
            observed[row] = now.microseconds
            if times[row] == IntegerColumn.absent {
                times[row] = now.microseconds
                events.setFlag(Event.Flag.timeObserved, row: row)
            } else {
                last = times[row]
            }
            row &+= 1
        }
        if last != IntegerColumn.absent { content.lastTime = Timestamp(microseconds: last) }
    }
}

/// What was read of one source up to a place at which its cursors stand.
struct SourceCut: Sendable {
    let reader: SourceReader
    let mode: BatchDraft.Mode
    /// One at least; more than one where a single step filled several.
    let blocks: [IngestBlock]
    /// Bytes of files that were read for it.
    let rawBytes: UInt64
    let cursors: [CursorRow]

    var eventCount: Int { blocks.reduce(0) { $0 + $1.events.rowCount } }
    var byteCount: Int { blocks.reduce(0) { $0 + $1.byteCount } }
}

extension CollectionNote.Kind {
    /// Whether a file's own damage is told.
    var isDamage: Bool { if case .damaged = self { true } else { false } }
}
