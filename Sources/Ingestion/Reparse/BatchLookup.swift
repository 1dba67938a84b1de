import AuditModel
import EventStore
import Vault

/// Which batch of a source accounts for a record, and what its seal says.
struct BatchLookup {
    /// What a seal says that a record is read again by.
    struct Batch {
        let logIndex: UInt64
        let parser: DefinitionReference
        let committed: Timestamp
    }

    private var ranges: [String: [(bytes: Range<UInt64>, logIndex: UInt64)]] = [:]
    private var resolved: [String: [Range<UInt64>]] = [:]
    private var seals: [UInt64: Batch] = [:]

    init(_ source: String, _ snapshot: StoreSnapshot) throws {
        for row in try snapshot.ledger(source: source) where row.range.counts.quarantined > 0 {
            ranges[row.range.contentID, default: []].append((row.range.bytes, row.logIndex))
        }
        for content in ranges.keys { ranges[content]?.sort { $0.bytes.lowerBound < $1.bytes.lowerBound } }
        for correction in try snapshot.corrections() where correction.source == source {
            resolved[correction.part.contentID, default: []] += correction.part.ranges
        }
        for content in resolved.keys { resolved[content]?.sort { $0.lowerBound < $1.lowerBound } }
    }

    /// The batch that counts a record as quarantined; nil where its commit never happened.
    mutating func batch(of entry: QuarantineStore.Entry, in snapshot: StoreSnapshot) throws -> Batch? {
        guard let list = ranges[entry.contentID] else { return nil }
        let place = list.partitioningIndex { $0.bytes.lowerBound > entry.offset } - 1
        guard place >= 0, list[place].bytes.contains(entry.offset) else { return nil }
        let index = list[place].logIndex
        if let known = seals[index] { return known }
        let seal = try JSONValue(parsing: try snapshot.entry(index))
        guard let id = seal["parser"]?["id"]?.string, let version = seal["parser"]?["version"]?.string,
            let sha256 = seal["parser"]?["sha256"]?.string, let committed = seal["committed"]?.string.flatMap({ Timestamp(rfc3339: $0) })
        else { throw StoreError(.damaged, "the seal at log index \(index) names no parser: run `proofline fsck`") }
        let batch = Batch(
            logIndex: index, parser: DefinitionReference(id: id, version: version, sha256: sha256), committed: committed)
        seals[index] = batch
        return batch
    }

    /// Whether a correction resolved a record already.
    func isResolved(_ entry: QuarantineStore.Entry) -> Bool {
        guard let list = resolved[entry.contentID] else { return false }
        let place = list.partitioningIndex { $0.lowerBound > entry.offset } - 1
        return place >= 0 && list[place].contains(entry.offset)
    }
}

extension Array {
    /// The first place at which a condition holds that holds at all later ones.
    fileprivate func partitioningIndex(_ holds: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
