import Dispatch
import Synchronization

/// Work on another thread, whose outcome is waited for where it is needed.
final class Beside<Outcome: Sendable>: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let result = Mutex<Result<Outcome, any Error>?>(nil)

    /// Begins the work.
    init(_ work: @escaping @Sendable () throws -> Outcome) {
        DispatchQueue.global(qos: .userInitiated).async {
            let outcome = Result { try work() }
            self.result.withLock { $0 = outcome }
            self.done.signal()
        }
    }

    /// Returns when the work has ended; throws what it threw. May be called again.
    @discardableResult
    func wait() throws -> Outcome {
        done.wait()
        done.signal()
        guard let result = result.withLock({ $0 }) else { preconditionFailure("work that has ended has an outcome") }
        return try result.get()
    }
}
