import Foundation

/// Threads that do what is to be done, the most urgent first.
///
/// Safe to share: queues and counts are touched under one lock. The first error ends everything: what waits is dropped, what runs is let
/// finish, and ``help(until:)`` throws it.
final class WorkPool: @unchecked Sendable {
    /// What is done first where several things could be: what frees memory.
    enum Urgency: Int, CaseIterable {
        /// Commits, and what they wait for in order.
        case ordered
        /// Work on blocks that were read.
        case block
        /// Reading more.
        case reading
        /// What nobody waits for.
        case background
    }

    typealias Work = @Sendable () throws -> Void

    private let condition = NSCondition()
    private var queues = [Queue](repeating: Queue(), count: Urgency.allCases.count)
    private var running = 0
    /// Threads that wait for something to do.
    private var waiting = 0
    private var failure: (any Error)?
    private var isEnding = false
    private var helpers = 0

    /// First in, first out.
    private struct Queue {
        var works: [Work] = []
        var next = 0

        var isEmpty: Bool { next == works.count }

        mutating func take() -> Work? {
            guard next < works.count else { return nil }
            let work = works[next]
            next += 1
            if next == works.count {
                works.removeAll(keepingCapacity: true)
                next = 0
            } else if next > 64 {
                works.removeFirst(next)
                next = 0
            }
            return work
        }
    }

    /// Starts threads that help the caller.
    func start(helpers count: Int) {
        condition.lock()
        isEnding = false
        helpers += count
        condition.unlock()
        for _ in 0..<count {
            let thread = Thread { [self] in help() }
            thread.stackSize = 8 << 20
            thread.name = "proofline ingest"
            thread.start()
        }
    }

    /// Ends the threads that ``start(helpers:)`` made and waits for them. What they work on is finished, what waits is dropped.
    func stop() {
        condition.lock()
        isEnding = true
        queues = queues.map { _ in Queue() }
        condition.broadcast()
        while helpers > 0 { condition.wait() }
        condition.unlock()
    }

    /// Whether work should come to an early end.
    var isStopping: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isEnding || failure != nil
    }

    /// Adds something to do. After a failure it is dropped.
    func add(_ urgency: Urgency, _ work: @escaping Work) {
        condition.lock()
        if failure == nil, !isEnding {
            queues[urgency.rawValue].works.append(work)
            condition.signal()
        }
        condition.unlock()
    }

    /// Wakes whoever waits in ``help(until:)`` to look at its condition again.
    func wake() {
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }

    /// Works until `isDone`, and waits where there is nothing to do.
    ///
    /// - Parameter isDone: Called under the pool's lock: it must be quick and call nothing of the pool. `isIdle` says that nothing waits or runs.
    /// - Throws: The first error of any work, once nothing runs any more.
    func help(until isDone: (_ isIdle: Bool) -> Bool) throws {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let failure {
                while running > 0 { condition.wait() }
                throw failure
            }
            if isDone(running == 0 && queues.allSatisfy(\.isEmpty)) { return }
            if let work = next() { run(work) } else { waitForWork() }
        }
    }

    /// A helper's life.
    private func help() {
        condition.lock()
        while !isEnding {
            if let work = next() { run(work) } else { waitForWork() }
        }
        helpers -= 1
        condition.broadcast()
        condition.unlock()
    }

    /// Whether a thread waits and nothing is there for it.
    var hasIdleThread: Bool {
        condition.lock()
        defer { condition.unlock() }
        return waiting > 0 && queues.allSatisfy(\.isEmpty)
    }

    private func waitForWork() {
        waiting += 1
        condition.wait()
        waiting -= 1
    }

    private func next() -> Work? {
        guard failure == nil else { return nil }
        for urgency in queues.indices {
            if let work = queues[urgency].take() { return work }
        }
        return nil
    }

    /// Runs something with the lock given up meanwhile.
    private func run(_ work: Work) {
        running += 1
        condition.unlock()
        var error: (any Error)?
        do { try work() } catch let thrown { error = thrown }
        condition.lock()
        running -= 1
        if let error, failure == nil {
            failure = error
            queues = queues.map { _ in Queue() }
        }
        condition.broadcast()
    }
}
