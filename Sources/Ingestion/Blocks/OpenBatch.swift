import AuditModel
import EventStore
import Vault

/// Records of one source on their way into one batch: rows of a block, and everything else that its seal will say.
///
/// Until its commit nothing in it is anywhere else; a crash loses it and the cursors that would have moved with it alike.
struct OpenBatch {
    /// Its rows of the block.
    var rows: Range<Int>
    /// Its records among those of the block, whatever became of them.
    var records: Range<Int>
    var quarantine: [QuarantineStore.Entry] = []
    var ranges: [ContentRange] = []
    var dropped: [String: Int] = [:]
    var quarantinedReasons: [String: Int] = [:]
    var skippedRules: [String: Int] = [:]
    private var rangeOfContent: [String: Int] = [:]

    /// Most contents in one batch: the seal lists where each begins and ends, and an entry has 16 KiB.
    static let maximumContents = 32

    init(row: Int, record: Int) {
        rows = row..<row
        records = record..<record
    }

    /// Bytes of content accounted for.
    var contentBytes: UInt64 { ranges.reduce(0) { $0 + UInt64($1.bytes.count) } }
    /// Whether no byte and no record is accounted for in it.
    var isEmpty: Bool { ranges.isEmpty && records.isEmpty }

    /// Whether a content may still come in.
    func hasRoom(for contentID: String) -> Bool { rangeOfContent[contentID] != nil || ranges.count < Self.maximumContents }

    /// The stretch of a content in this batch, beginning at `offset` when it is new.
    mutating func range(of contentID: String, from offset: UInt64) -> Int {
        if let index = rangeOfContent[contentID] { return index }
        ranges.append(ContentRange(contentID: contentID, bytes: offset..<offset, counts: RecordCounts()))
        rangeOfContent[contentID] = ranges.count - 1
        return ranges.count - 1
    }

    /// Accounts for a content's bytes up to `offset`.
    mutating func extend(_ index: Int, to offset: UInt64) {
        let range = ranges[index].bytes
        if offset > range.upperBound { ranges[index].bytes = range.lowerBound..<offset }
    }

    /// Where the batch begins and ends in its contents, for the seal: content ids and offsets, nothing that the source chose.
    var cursor: (from: JSONValue, to: JSONValue) {
        var from: [String: JSONValue] = [:]
        var to: [String: JSONValue] = [:]
        for range in ranges {
            from[range.contentID] = .integer(Int64(clamping: range.bytes.lowerBound))
            to[range.contentID] = .integer(Int64(clamping: range.bytes.upperBound))
        }
        return (.object(from), .object(to))
    }
}
