import Foundation

/// What is told while ingestion goes on: sums, progress, findings.
///
/// Safe to share: figures are kept and callers' closures called under one lock, so never two at once.
final class IngestReport: @unchecked Sendable {
    private let lock = NSRecursiveLock()
    private var sums = IngestSummary()
    private var progress = IngestProgress()
    /// Bytes of all files by source.
    private var totals: [String: UInt64] = [:]
    private var readEvents: Int64 = 0
    private let onFinding: (String) -> Void
    private let onProgress: (IngestProgress) -> Void
    private let isStopped: () -> Bool
    private var hasStopped = false

    init(
        onFinding: @escaping (String) -> Void, onProgress: @escaping (IngestProgress) -> Void, isStopped: @escaping () -> Bool = { false }
    ) {
        self.onFinding = onFinding
        self.onProgress = onProgress
        self.isStopped = isStopped
    }

    /// The sums so far.
    var summary: IngestSummary { lock.withLock { sums } }

    /// Whether reading should end.
    var mustStop: Bool {
        lock.withLock {
            if !hasStopped { hasStopped = isStopped() }
            return hasStopped
        }
    }

    /// A step of reading was made.
    func didRead(_ source: String, rawBytes: UInt64, events: Int, totalBytes: UInt64?) {
        lock.withLock {
            sums.rawBytes += rawBytes
            readEvents += Int64(events)
            if let totalBytes { totals[source] = totalBytes }
            progress.source = source
            show()
        }
    }

    /// A commit was made.
    func didCommit(_ outcome: Committer.Outcome, rawBytes: UInt64) {
        lock.withLock {
            sums.commits += 1
            for (id, added) in outcome.sources {
                sums.sources[id, default: .init()].add(added)
                progress.committedEvents += added.events
            }
            progress.committedBytes += rawBytes
            show()
        }
    }

    /// A source of which something is to be told, be it that nothing was read.
    func mention(_ source: String) {
        lock.withLock { if sums.sources[source] == nil { sums.sources[source] = .init() } }
    }

    /// Something that a person must look at.
    func found(_ line: String) {
        lock.withLock {
            sums.findings.append(line)
            onFinding(line)
        }
    }

    /// Something that belongs into the program log only.
    func warn(_ line: String) { lock.withLock { onFinding(line) } }

    private func show() {
        progress.rawBytes = sums.rawBytes
        progress.totalBytes = totals.values.reduce(0, +)
        // Duplicates were read and will not be committed: never fewer are read than committed.
        progress.events = max(readEvents, progress.committedEvents)
        onProgress(progress)
    }
}
