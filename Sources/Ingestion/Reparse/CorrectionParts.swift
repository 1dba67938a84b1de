import EventStore
import Vault

/// Where a record that is resolved stands.
struct ResolvedPlace {
    let batch: UInt64
    let contentID: String
    /// Where it begins in the content.
    let bytes: Range<UInt64>
    /// Its number among the quarantined records of its source, in the order of their places: where two follow one another, nothing quarantined lies between.
    let number: Int

    init(batch: UInt64, entry: QuarantineStore.Entry, number: Int) {
        self.batch = batch
        contentID = entry.contentID
        // Its beginning alone: lines of joined records may lie between those of others.
        bytes = entry.offset..<entry.offset + 1
        self.number = number
    }
}

/// Collects resolved records into the parts of a correction: neighbours share a stretch.
struct CorrectionParts {
    private(set) var parts: [Correction.Part] = []
    private var lastNumber = Int.min

    /// Adds a record; they come in the order of their places.
    mutating func add(_ place: ResolvedPlace, _ counts: Correction.Counts) {
        defer { lastNumber = place.number }
        if var part = parts.last, part.batch == place.batch, part.contentID == place.contentID, let end = part.ranges.last {
            if place.number == lastNumber + 1 {
                part.ranges[part.ranges.count - 1] = end.lowerBound..<Swift.max(end.upperBound, place.bytes.upperBound)
                part.counts += counts
                parts[parts.count - 1] = part
                return
            }
            if part.ranges.count < StoreLimits.reparseRanges {
                part.ranges.append(place.bytes)
                part.counts += counts
                parts[parts.count - 1] = part
                return
            }
        }
        parts.append(Correction.Part(batch: place.batch, contentID: place.contentID, ranges: [place.bytes], counts: counts))
    }
}
