import Dispatch
import Glibc
import Synchronization

/// Threads that share the work of one query.
package struct QueryWorkers: Sendable {
    /// How many.
    package let count: Int

    /// Processors of this machine.
    package static let processorCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    package init(count: Int) { self.count = count }

    /// Runs `body` for each item, the items shared among the workers in order. The first error ends all.
    ///
    /// - Parameter state: Makes what one worker keeps; called once on each.
    /// - Returns: The workers' states.
    package func run<State>(
        items: Int, state: @Sendable () -> State, _ body: @Sendable (State, Int) throws -> Void
    ) throws -> [State] where State: AnyObject & Sendable {
        guard items > 0 else { return [] }
        let workers = min(count, items)
        if workers == 1 {
            let own = state()
            for item in 0..<items { try body(own, item) }
            return [own]
        }
        let shared = Shared<State>()
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            let own = state()
            shared.outcome.withLock { $0.states.append(own) }
            while true {
                let item = shared.next.add(1, ordering: .relaxed).oldValue
                guard item < items else { return }
                do { try body(own, item) } catch {
                    shared.outcome.withLock { if $0.failure == nil { $0.failure = error } }
                    shared.next.store(items, ordering: .relaxed)
                    return
                }
            }
        }
        return try shared.outcome.withLock { outcome in
            if let failure = outcome.failure { throw failure }
            return outcome.states
        }
    }

    private final class Shared<State: Sendable>: Sendable {
        let next = Atomic<Int>(0)
        let outcome = Mutex<(states: [State], failure: (any Error)?)>(([], nil))
    }
}

/// What one worker counts. One worker writes it; others read it when that one has ended.
final class WorkerTally: @unchecked Sendable {
    var effort: QueryEffort
    init(_ effort: QueryEffort) { self.effort = effort }
}
