public import EventStore
import Foundation
import Synchronization

/// Merges small segments beside a running service: a thread of its own that looks now and then whether something is worth it.
///
/// Commits go on meanwhile. A segment that turns out to be damaged is quarantined, which is an alarm in the log, and passed over. Any other
/// failure is told and tried again later: nothing depends on compaction.
public final class BackgroundCompaction: Sendable {
    private let store: EventStore
    private let intervalSeconds: Double
    private let onFinding: @Sendable (String) -> Void
    private let isStopped = Mutex(false)
    private let finished = DispatchSemaphore(value: 0)

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - intervalSeconds: Time between two looks.
    ///   - onFinding: Called from the thread, for the program log.
    public init(_ store: EventStore, intervalSeconds: Double = 20, onFinding: @escaping @Sendable (String) -> Void) {
        self.store = store
        self.intervalSeconds = intervalSeconds
        self.onFinding = onFinding
        let thread = Thread { [self] in work() }
        thread.name = "compaction"
        thread.qualityOfService = .utility
        thread.start()
    }

    /// Ends the thread; returns when the merge that runs has ended. What it built without committing is removed by the next start.
    public func stop() {
        isStopped.withLock { $0 = true }
        finished.wait()
    }

    private func work() {
        defer { finished.signal() }
        while !wait() {
            do {
                let report = try store.compact { isStopped.withLock { $0 } }
                if report.made > 0 { onFinding(report.description) }
            } catch let error as StoreError {
                if case .damagedSegment(let id) = error.code {
                    onFinding("\(error)")
                    try? store.quarantine(segment: id, reason: "found damaged when it was to be merged")
                } else {
                    onFinding("small segments could not be merged, which will be tried again: \(error)")
                }
            } catch {
                onFinding("small segments could not be merged, which will be tried again: \(error)")
            }
        }
    }

    /// Sleeps until the next look; whether to stop.
    private func wait() -> Bool {
        let end = Date().addingTimeInterval(intervalSeconds)
        while Date() < end {
            if isStopped.withLock({ $0 }) { return true }
            Thread.sleep(forTimeInterval: 0.1)
        }
        return isStopped.withLock { $0 }
    }
}
