import AuditModel
import GRDB
import TransparencyLog

/// The catalogue: an SQLite database with one row per segment, batch, ledger range, cursor and log entry.
final class Catalogue: Sendable {
    func close() {}
    func cursor(source: String, contentID: String) throws -> CursorRow? { nil }
    func cursors(source: String) throws -> [CursorRow] { [] }
    func verdicts(_ keys: [DuplicateKey]) throws -> [DuplicateKey.Verdict] { [] }
    func entry(_ logIndex: UInt64) throws -> [UInt8]? { nil }
    func entries(_ kinds: Set<LogEntryKind>, below size: UInt64) throws -> [LogEntry] { [] }
    func ledger(source: String, below size: UInt64) throws -> [LedgerRow] { [] }
    func checkpoints(upTo size: UInt64) throws -> [(time: Timestamp, note: SignedNote)] { [] }

    struct Content {
        var batches: [BatchRecord] = []
        var segments: [SegmentRecord] = []
        var sources: [String: SourceSettings] = [:]
        var totals: [String: SourceTotals] = [:]
    }
    func content(below size: UInt64) throws -> Content { Content() }
}
