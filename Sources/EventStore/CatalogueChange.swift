import AuditModel
import Cryptography
import TransparencyLog

/// Everything that one transaction of the catalogue records.
struct CatalogueChange {
    /// An entry that joins the log.
    struct Entry {
        var logIndex: UInt64
        var kind: LogEntryKind
        var source: String?
        var bytes: [UInt8]
        /// When it was committed, where that is not the change's time.
        var committed: Timestamp?
    }

    /// A segment that joins the store.
    struct Segment {
        var record: SegmentRecord
        var sha256: SHA256Digest
        var indexSizeBytes: Int64
        var indexSHA256: SHA256Digest
        var firstLogIndex: UInt64
    }

    /// Segments whose rows go elsewhere or nowhere.
    struct Replacement {
        var old: [Int64]
        /// Nil where no row is left.
        var new: Segment?
        /// From when on the old files may go after ``StoreLimits/replacedFileLifeMicroseconds``; 0 lets them go at once.
        var since: Timestamp
    }

    /// What happens to an epoch.
    enum EpochStep {
        case open(number: Int64, session: EventStore.SessionKind, at: Timestamp)
        case close(number: Int64, at: Timestamp, heartbeat: UInt64)
    }

    /// Commit time.
    var committed: Timestamp
    /// New entries, in log order.
    var entries: [Entry] = []
    /// The tree with them.
    var frontier: MerkleFrontier
    var nextSeq: Int64
    var nextSegment: Int64
    var nextEpoch: Int64
    var segment: Segment?
    var batches: [BatchRecord] = []
    var ledger: [LedgerRow] = []
    var cursors: [(row: CursorRow, logIndex: UInt64)] = []
    /// Keys for the catalogue's table.
    var duplicateKeys: [DuplicateKey] = []
    /// Whether the table's keys went into a run.
    var emptiesDuplicateTable = false
    /// Runs of keys that join, and runs that are no longer needed.
    var duplicateRunsAdded: [DuplicateRunRecord] = []
    var duplicateRunsRemoved: [Int64] = []
    var chain: [(source: String, seal: SHA256Digest, logIndex: UInt64)] = []
    var settings: [(settings: SourceSettings, logIndex: UInt64)] = []
    var epochSteps: [EpochStep] = []
    var damage: [(segment: Int64, reason: String)] = []
    var replacement: Replacement?
    /// All that is deleted of a batch, now and before.
    var removed: [(logIndex: UInt64, rows: RemovedRows)] = []

    /// Appends an entry to the log of this change.
    ///
    /// - Returns: its place.
    mutating func append(_ kind: LogEntryKind, source: String? = nil, _ bytes: [UInt8], committed: Timestamp? = nil) -> UInt64 {
        let index = frontier.size
        entries.append(Entry(logIndex: index, kind: kind, source: source, bytes: bytes, committed: committed))
        frontier.append(.leaf(bytes))
        return index
    }
}

extension CatalogueChange.Segment {
    /// The record of files that are about to be written.
    init(_ record: SegmentRecord, _ files: SegmentFiles, firstLogIndex: UInt64) {
        self.init(
            record: record, sha256: SHA256.hash(files.parquet), indexSizeBytes: Int64(files.index.count), indexSHA256: SHA256.hash(files.index),
            firstLogIndex: firstLogIndex)
    }
}
