import AuditModel
import Collection
import Cryptography
import EventStore
import Parsing
import TransparencyLog
import Vault

/// Records of one source on their way into one batch.
///
/// It is filled while parsing, then told which records are duplicates, and closed into a ``BatchDraft``. Until then nothing in it is
/// anywhere else; a crash loses it and the cursors that would have moved with it alike.
struct OpenBatch {
    /// A record that gave events.
    struct Parsed {
        let events: Range<Int>
        let range: Int
        let key: DuplicateKey?
    }

    /// Events before minimization, in order.
    var events: [ParsedEvent] = []
    var parsed: [Parsed] = []
    var quarantine: [QuarantineStore.Entry] = []
    var ranges: [ContentRange] = []
    var rawTree = RawRecordTree()
    var dropped: [String: Int] = [:]
    var quarantinedReasons: [String: Int] = [:]
    var skippedRules: [String: Int] = [:]
    /// Bytes of records held.
    var recordBytes = 0
    private var rangeOfContent: [String: Int] = [:]

    /// Most contents in one batch: the seal lists where each begins and ends, and an entry has 16 KiB.
    static let maximumContents = 32

    /// Records received.
    var received: Int64 { ranges.reduce(0) { $0 + $1.counts.received } }
    /// Bytes of content accounted for.
    var contentBytes: UInt64 { ranges.reduce(0) { $0 + UInt64($1.bytes.count) } }

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

    /// Takes a record that gave events.
    mutating func add(_ new: [ParsedEvent], key: DuplicateKey?, in index: Int) {
        let start = events.count
        events += new
        parsed.append(Parsed(events: start..<events.count, range: index, key: key))
        ranges[index].counts.received += 1
        ranges[index].counts.parsed += 1
    }

    /// Removes the events of records that `isDuplicate` names, and marks those whose id was used before.
    mutating func resolve(_ verdicts: [DuplicateKey.Verdict]) {
        guard verdicts.contains(where: { $0 != .new }) else { return }
        var kept: [ParsedEvent] = []
        var records: [Parsed] = []
        for (record, verdict) in zip(parsed, verdicts) {
            if verdict == .duplicate {
                ranges[record.range].counts.parsed -= 1
                ranges[record.range].counts.duplicates += 1
                continue
            }
            let start = kept.count
            for position in record.events {
                var event = events[position]
                if verdict == .idReused { event.event.setFlag(Event.Flag.eventIDReused) }
                kept.append(event)
            }
            records.append(Parsed(events: start..<kept.count, range: record.range, key: record.key))
        }
        events = kept
        parsed = records
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
