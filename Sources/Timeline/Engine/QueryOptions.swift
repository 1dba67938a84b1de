import Synchronization

/// How a query may be run: threads, memory, time.
public struct QueryOptions: Sendable {
    /// Threads that evaluate, at least 1.
    public var threads: Int
    /// Bytes for what a query holds beside pages: group tables, matching rows that wait for their turn, verdicts.
    public var memoryBytes: Int
    /// Longest wall time in microseconds; nil for none.
    public var timeoutMicroseconds: Int64?
    /// Ends the query when somebody asks for it.
    public var cancellation: QueryCancellation

    /// - Parameter threads: Nil takes as many as the machine has processors, at most ``mostThreads``.
    public init(
        threads: Int? = nil, memoryBytes: Int = 512 << 20, timeoutMicroseconds: Int64? = nil,
        cancellation: QueryCancellation = QueryCancellation()
    ) {
        self.threads = max(1, min(threads ?? QueryWorkers.processorCount, Self.mostThreads))
        self.memoryBytes = max(1 << 20, memoryBytes)
        self.timeoutMicroseconds = timeoutMicroseconds
        self.cancellation = cancellation
    }

    /// Most threads that one query uses.
    public static let mostThreads = 64
}

/// A switch that ends a query from another thread or a signal handler; the query throws ``QueryError`` with `cancelled`.
public final class QueryCancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    public init() {}

    /// Asks for the end. Safe in a signal handler.
    public func cancel() { flag.store(true, ordering: .relaxed) }

    /// Makes it usable again.
    public func reset() { flag.store(false, ordering: .relaxed) }

    /// Whether the end was asked for.
    public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
