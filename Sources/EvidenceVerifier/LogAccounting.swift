import AuditModel

/// Accounts for every place of the log up to the checkpoint, so that no entry can be left out of a pack unnoticed.
///
/// A pack carries every entry but the seals of sources outside its scope. The heartbeat that ends an epoch says how many seals each source
/// wrote in it. So between two heartbeats exactly as many places may be empty as there are foreign seals in the later one's epoch.
struct LogAccounting {
    static let longestEpochMicroseconds: Int64 = 300_000_000

    private(set) var faults: [(logIndex: UInt64, rule: Finding.Rule, what: String)] = []
    /// Places that hold seals of other sources, by the heartbeats' count.
    private(set) var foreignSealCount: Int64 = 0
    private(set) var heartbeatCount = 0
    /// Epochs whose heartbeat had no room to count every source of the scope: there the chains of seals alone speak for it.
    private(set) var uncountedEpochs: Set<Int64> = []

    /// - Parameters:
    ///   - entries: Ascending by place.
    ///   - size: Number of entries in the log.
    init(_ entries: [LogEntry], scope: Set<String>, size: UInt64) {
        var begin: UInt64 = 0
        var present: UInt64 = 0
        var seals: [String: Int64] = [:]
        var epochSeals: [LogEntry] = []
        // Epochs are numbered from 1 over the life of a log.
        var lastEpoch: Int64 = 0
        for entry in entries where entry.logIndex < size {
            present += 1
            if let seal = entry.seal {
                seals[seal.source, default: 0] += 1
                epochSeals.append(entry)
                if !scope.contains(seal.source) { fault(entry, .sourceOutsideScope, "the source \(seal.source) is not in the manifest's scope") }
            }
            guard let heartbeat = entry.heartbeat else { continue }
            heartbeatCount += 1
            if heartbeat.epoch != lastEpoch + 1 {
                fault(entry, .epochMissing, "the heartbeat of epoch \(heartbeat.epoch) follows that of epoch \(lastEpoch): an epoch is missing or out of place")
            }
            lastEpoch = heartbeat.epoch
            let length = heartbeat.to.microseconds.subtractingReportingOverflow(heartbeat.from.microseconds)
            if length.overflow || !(0...Self.longestEpochMicroseconds).contains(length.partialValue) {
                fault(entry, .epochTooLong, "epoch \(heartbeat.epoch) lasts from \(heartbeat.from) to \(heartbeat.to), an epoch at most five minutes")
            }
            // Inclusive of the heartbeat itself.
            let holes = Int64(clamping: entry.logIndex - begin + 1 - min(present, entry.logIndex - begin + 1))
            check(entry, heartbeat, seals: seals, scope: scope, holes: holes)
            checkTimes(epochSeals, heartbeat)
            (begin, present, seals, epochSeals) = (entry.logIndex + 1, 0, [:], [])
        }
        let open = size > begin ? size - begin : 0
        if open > present {
            faults.append(
                (begin, .tailLeftOut, "after the last heartbeat \(open - present) entries of the log are not in the pack, and nothing says what they are"))
        }
    }

    private mutating func fault(_ entry: LogEntry, _ rule: Finding.Rule, _ what: String) { faults.append((entry.logIndex, rule, what)) }

    private mutating func check(
        _ entry: LogEntry, _ heartbeat: LogEntry.Heartbeat, seals: [String: Int64], scope: Set<String>, holes: Int64
    ) {
        let own = seals.values.reduce(0, +)
        // Also sources of the scope without a seal in the pack: all of an epoch's could have been left out, as if they were another source's.
        for source in scope.union(seals.keys).sorted() {
            let count = seals[source] ?? 0
            guard let counted = heartbeat.sealsBySource[source] else {
                if heartbeat.omitted > 0 {
                    uncountedEpochs.insert(heartbeat.epoch)
                } else if count > 0 {
                    fault(entry, .sealsOfSourceMiscounted, "the heartbeat does not know \(source), which has \(count) seals in its epoch")
                }
                continue
            }
            if counted != count {
                fault(entry, .sealsOfSourceMiscounted, "the heartbeat counts \(counted) seals of \(source), the pack has \(count)")
            }
        }
        let foreign = heartbeat.seals - own
        guard foreign == holes else {
            return fault(
                entry, .entriesLeftOut,
                "\(holes) entries of the log before the heartbeat of epoch \(heartbeat.epoch) are not in the pack; \(max(0, foreign)) of them are seals of other sources")
        }
        foreignSealCount += foreign
    }

    private mutating func checkTimes(_ seals: [LogEntry], _ heartbeat: LogEntry.Heartbeat) {
        for entry in seals {
            guard let seal = entry.seal else { continue }
            if seal.epoch != heartbeat.epoch { fault(entry, .sealOutsideEpoch, "the seal is of epoch \(seal.epoch) and lies in epoch \(heartbeat.epoch)") }
            if seal.committed < heartbeat.from || seal.committed > heartbeat.to {
                fault(entry, .sealOutsideEpoch, "the seal was made at \(seal.committed), outside its epoch")
            }
        }
    }
}
