import Synchronization

/// Things that one thread at a time uses and that are dear to make: lent to a task, kept for the next.
///
/// What a thing remembers of one source is worth nothing to another: a borrower gets the one that served the same source last, where it is idle.
final class Loans<Thing>: @unchecked Sendable {
    private let lock = Mutex(())
    private var idle: [(source: Int, thing: Thing)] = []
    private var made = 0
    private let most: Int
    private let make: () throws -> Thing

    /// - Parameters:
    ///   - most: How many are made before one goes from source to source; more are made only where all are lent.
    ///   - make: Safe to call on any thread.
    init(most: Int = 0, _ make: @escaping () throws -> Thing) {
        self.most = most
        self.make = make
    }

    /// Lends one for the time of a call. After a failure it is not lent again.
    func withOne<R>(for source: Int = 0, _ body: (Thing) throws -> R) throws -> R {
        let lent = try take(source) ?? make()
        let result = try body(lent)
        lock.withLock { _ in idle.append((source, lent)) }
        return result
    }

    /// The one that served a source last, else the one that was idle longest; nil where another is to be made.
    private func take(_ source: Int) -> Thing? {
        var thing: Thing?
        lock.withLock { _ in
            if let place = idle.lastIndex(where: { $0.source == source }) {
                thing = idle.remove(at: place).thing
            } else if made >= most, !idle.isEmpty {
                thing = idle.removeFirst().thing
            } else {
                made += 1
            }
        }
        return thing
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
