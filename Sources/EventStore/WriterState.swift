import AuditModel
import Cryptography
import TransparencyLog

/// What the writer knows beside the catalogue. It is only replaced by what a transaction has recorded.
struct WriterState {
    /// An epoch that has no heartbeat yet.
    struct OpenEpoch {
        var number: Int64
        var session: EventStore.SessionKind
        var opened: Timestamp
    }

    var position: WriterPosition
    /// Hash of each source's last seal.
    var chain: [String: SHA256Digest]
    var epoch: OpenEpoch?
    var session: EventStore.SessionKind?
    /// The last moment at which the session showed a sign of life.
    var lastSeen: Timestamp
    /// What collectors say of their sources.
    var states: [String: SourceState] = [:]
    var settings: [String: SourceSettings]
    /// Set when a transaction ended without a clear answer; then only opening again helps.
    var failure: (any Error)?
    /// The tile writer; nil when it must be made anew from the published checkpoint.
    var publisher: LogTileWriter?

    /// Begins a change at the present position.
    func change(committed: Timestamp) -> CatalogueChange {
        CatalogueChange(
            committed: committed, frontier: position.frontier, nextSeq: position.nextSeq, nextSegment: position.nextSegment,
            nextEpoch: position.nextEpoch)
    }

    /// Takes over what a transaction has recorded.
    mutating func didCommit(_ change: CatalogueChange) {
        position = WriterPosition(
            frontier: change.frontier, nextSeq: change.nextSeq, nextSegment: change.nextSegment, nextEpoch: change.nextEpoch)
        for link in change.chain { chain[link.source] = link.seal }
        for item in change.settings { settings[item.settings.source] = item.settings }
        for step in change.epochSteps {
            switch step {
            case .open(let number, let session, let at): epoch = OpenEpoch(number: number, session: session, opened: at)
            case .close: epoch = nil
            }
        }
    }
}
