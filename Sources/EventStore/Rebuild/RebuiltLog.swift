import AuditModel
import Cryptography
import DurableIO
import TransparencyLog

/// What the log's entries say, told over into an empty catalogue: entries, batches, chains, settings, epochs and kept checkpoints.
struct RebuiltLog {
    /// A batch with events.
    struct Batch {
        var firstSeq: Int64
        var count: Int
    }

    /// A segment that was set aside.
    struct Damage {
        var segment: Int64
        var reason: String
        var firstSeq: Int64
        var rowCount: Int64
    }

    /// Entries at once in a transaction.
    private static let entriesAtOnce = 4_096

    /// The change that comes next; its frontier and numbers stand where the log ends.
    private(set) var change: CatalogueChange
    /// Batches with events by log index.
    private(set) var batches: [UInt64: Batch] = [:]
    /// All batches.
    private(set) var batchCount = 0
    /// Indexes that `retention` entries name, one bit each, and the last such entry, by batch.
    private(set) var removed: [UInt64: (bits: [Bool], entry: UInt64)] = [:]
    private(set) var damage: [Damage] = []
    /// Epochs with a heartbeat.
    private(set) var closedEpochs: Int64 = 0
    /// The first seal of the epoch that has none.
    private(set) var openedBySeal: Timestamp?
    /// Heads to be kept, unsigned, with the end of their epoch.
    private(set) var heads: [(time: Timestamp, size: UInt64, root: MerkleHash)] = []
    private let catalogue: Catalogue

    /// Reads the whole log.
    ///
    /// - Throws: ``StoreError`` with `damaged` for an entry that cannot be one.
    init(_ reader: LogTileReader, into catalogue: Catalogue, now: Timestamp) throws {
        self.catalogue = catalogue
        change = CatalogueChange(committed: now, frontier: MerkleFrontier(), nextSeq: 0, nextSegment: 1, nextEpoch: 1)
        try reader.forEachEntry(in: 0..<reader.size) { index, bytes in
            try take(index, Array(bytes))
            if change.entries.count == Self.entriesAtOnce { try flush() }
        }
        try flush()
    }

    private mutating func flush() throws {
        try catalogue.apply(change) {}
        change = CatalogueChange(
            committed: change.committed, frontier: change.frontier, nextSeq: change.nextSeq, nextSegment: change.nextSegment, nextEpoch: change.nextEpoch)
    }

    private mutating func take(_ index: UInt64, _ bytes: [UInt8]) throws {
        let damaged = StoreError(.damaged, "log entry \(index) is none that this version knows: restore the log from a backup")
        guard let json = try? JSONValue(parsing: bytes), let kind = json["type"]?.string.flatMap({ LogEntryKind(rawValue: $0) }),
            let committed = json[kind == .batch ? "committed" : "at"]?.string.flatMap({ Timestamp(rfc3339: $0) })
        else { throw damaged }
        _ = change.append(kind, source: json["source"]?.string, bytes, committed: committed)
        switch kind {
        case .batch:
            guard let batch = BatchRecord(sealed: json, at: index) else { throw damaged }
            takeSeal(batch, bytes)
        case .heartbeat:
            guard let number = json["epoch"]?.integer, let from = Self.time(json["from"]), let to = Self.time(json["to"]),
                let session = json["session"]?.string.flatMap({ EventStore.SessionKind(rawValue: $0) })
            else { throw damaged }
            change.epochSteps += [.open(number: number, session: session, at: from), .close(number: number, at: to, heartbeat: index)]
            closedEpochs = max(closedEpochs, number)
            openedBySeal = nil
            heads.append((to, change.frontier.size, change.frontier.root))
        case .config where json["what"] == "source":
            guard let settings = SourceSettings(json: json) else { throw damaged }
            change.settings.append((settings, index))
        case .retention: try takeRetention(json, index, damaged)
        case .gap where json["cause"] == "damaged_segment":
            guard let segment = json["segment"]?.integer, let first = json["firstSeq"]?.integer, let rows = json["count"]?.integer,
                let reason = json["reason"]?.string
            else { throw damaged }
            damage.append(Damage(segment: segment, reason: reason, firstSeq: first, rowCount: rows))
        default: break
        }
    }

    private mutating func takeSeal(_ batch: BatchRecord, _ bytes: [UInt8]) {
        change.batches.append(batch)
        change.chain.removeAll { $0.source == batch.source }
        change.chain.append((batch.source, SHA256.hash(bytes), batch.logIndex))
        change.nextSeq = batch.firstSeq + Int64(batch.count)
        batchCount += 1
        if batch.count > 0 { batches[batch.logIndex] = Batch(firstSeq: batch.firstSeq, count: batch.count) }
        openedBySeal = openedBySeal ?? batch.committed
    }

    private mutating func takeRetention(_ json: JSONValue, _ index: UInt64, _ damaged: StoreError) throws {
        for item in json["batches"]?.array ?? [] {
            guard let batch = item["batch"]?.integer.flatMap({ UInt64(exactly: $0) }), let count = batches[batch]?.count,
                let list = item["removed"]?.array
            else { throw damaged }
            var bits = removed[batch]?.bits ?? [Bool](repeating: false, count: count)
            for pair in list {
                guard let range = IndexRanges.range(pair, upTo: count) else { throw damaged }
                for place in range { bits[place] = true }
            }
            removed[batch] = (bits, index)
        }
    }

    private static func time(_ json: JSONValue?) -> Timestamp? { json?.string.flatMap { Timestamp(rfc3339: $0) } }
}

extension BatchRecord {
    /// What a seal says; nil where it is none.
    init?(sealed json: JSONValue, at index: UInt64) {
        func count(_ name: String) -> Int64? { json[name]?.integer.flatMap { (0...1 << 53).contains($0) ? $0 : nil } }
        func time(_ name: String) -> Timestamp? { json[name]?.string.flatMap { Timestamp(rfc3339: $0) } }
        guard let source = json["source"]?.string, let mode = json["mode"]?.string.flatMap({ BatchDraft.Mode(rawValue: $0) }),
            let epoch = count("epoch"), let committed = time("committed"), let firstSeq = count("firstSeq"), let events = count("count"),
            events <= Int64(StoreLimits.batchEvents), let received = count("received"), let parsed = count("parsed"),
            let duplicates = count("duplicates"), let quarantined = count("quarantined"), let skipped = count("skipped")
        else { return nil }
        self.init(
            logIndex: index, source: source, mode: mode, epoch: epoch, committed: committed, firstSeq: firstSeq, count: Int(events),
            minTime: time("minTime"), maxTime: time("maxTime"), rowsRoot: json["rowsRoot"]?.string.flatMap { MerkleHash(hex: $0) },
            counts: RecordCounts(received: received, parsed: parsed, duplicates: duplicates, quarantined: quarantined, skipped: skipped), segment: nil)
    }
}
