import Synchronization

/// Things that one thread at a time uses and that are dear to make: lent to a task, kept for the next.
final class Loans<Thing>: @unchecked Sendable {
    private let lock = Mutex(())
    private var idle: [Thing] = []
    private let make: () throws -> Thing

    /// - Parameter make: Safe to call on any thread.
    init(_ make: @escaping () throws -> Thing) { self.make = make }

    /// Lends one for the time of a call. After a failure it is not lent again.
    func withOne<R>(_ body: (Thing) throws -> R) throws -> R {
        var thing: Thing?
        lock.withLock { _ in thing = idle.popLast() }
        let lent = try thing ?? make()
        let result = try body(lent)
        lock.withLock { _ in idle.append(lent) }
        return result
    }
}

/// Calls something when a number of tasks is done.
final class Countdown: Sendable {
    private let left: Mutex<Int>
    private let then: @Sendable () throws -> Void

    init(_ count: Int, then: @escaping @Sendable () throws -> Void) {
        left = Mutex(count)
        self.then = then
    }

    /// One of them is done.
    func done() throws {
        let isLast = left.withLock { count in
            count -= 1
            return count == 0
        }
        if isLast { try then() }
    }
}
