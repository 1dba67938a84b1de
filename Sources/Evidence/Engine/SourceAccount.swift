import AuditModel

/// What the seals say about one source up to the checkpoint, and what the scan counted.
struct SourceAccount: Sendable {
    let source: EvidenceSource
    var firstSeq: Int64?
    var lastSeq: Int64?
    var received: Int64 = 0
    var parsed: Int64 = 0
    var quarantined: Int64 = 0
    var duplicates: Int64 = 0
    var skipped: Int64 = 0
    /// Records among the quarantined that a newer definition read since.
    var resolved: Int64 = 0
    /// Events that the seals count.
    var accepted: Int64 = 0
    /// Of those the events that retention deleted.
    var deleted: Int64 = 0
    /// Earliest and latest time of the events themselves.
    var contentFrom: Timestamp?
    var contentTo: Timestamp?
    /// First and last commit time, from the seals.
    var sealedFrom: Timestamp?
    var sealedTo: Timestamp?
    /// Events that came after later ones of the same source, and how late the latest was (µs).
    var lateArrivals: Int64 = 0
    var latestArrivalMicroseconds: Int64 = 0
    /// What the latest seal says of the deployment read, if it says anything.
    var instance: String?
    /// How its batches were read: `tail`, `backfill`.
    var modes: Set<String> = []
    /// What the events of the period say of the source's clock, where a report asks.
    var clock = ClockFacts()
    /// Events per day of their own time.
    var eventsByDay: [Timestamp: Int64] = [:]

    init(source: EvidenceSource) { self.source = source }

    /// Records that are neither parsed nor explained: zero in a whole ledger.
    var unexplained: Int64 { received - parsed - quarantined - duplicates - skipped }

    mutating func add(_ seal: BatchSeal) {
        received += seal.received
        parsed += seal.parsed
        quarantined += seal.quarantined
        duplicates += seal.duplicates
        skipped += seal.skipped
        resolved += seal.resolved
        accepted += Int64(seal.count)
        instance = seal.instance ?? instance
        if !seal.mode.isEmpty, seal.mode != "reparse" { modes.insert(seal.mode) }
        if seal.count > 0 {
            firstSeq = min(firstSeq ?? seal.firstSeq, seal.firstSeq)
            lastSeq = max(lastSeq ?? 0, seal.firstSeq + Int64(seal.count) - 1)
        }
        if let committed = seal.committed {
            sealedFrom = min(sealedFrom ?? committed, committed)
            sealedTo = max(sealedTo ?? committed, committed)
        }
    }

    /// Takes note of an event by its time; in the order of the source.
    mutating func add(_ time: Timestamp) {
        if let latest = contentTo, time < latest {
            lateArrivals += 1
            latestArrivalMicroseconds = max(latestArrivalMicroseconds, latest.microseconds - time.microseconds)
        }
        contentFrom = min(contentFrom ?? time, time)
        contentTo = max(contentTo ?? time, time)
        eventsByDay[CalendarText.dayStart(time), default: 0] += 1
    }
}
