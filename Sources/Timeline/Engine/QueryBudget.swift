import Glibc
import Synchronization

/// What a running query has left: time, memory, and whether somebody wants it ended. Shared by its workers.
final class QueryBudget: Sendable {
    private let cancellation: QueryCancellation
    private let begin: Int64
    private let deadline: Int64?
    private let timeoutMicroseconds: Int64
    /// Bytes that the query may hold.
    let memoryBytes: Int
    private let used = Atomic<Int>(0)

    init(_ options: QueryOptions) {
        cancellation = options.cancellation
        let begin = Self.now()
        self.begin = begin
        timeoutMicroseconds = options.timeoutMicroseconds ?? 0
        deadline = options.timeoutMicroseconds.map { begin.addingReportingOverflow($0).partialValue }
        memoryBytes = options.memoryBytes
    }

    /// Wall time since the beginning.
    var elapsedMicroseconds: Int64 { Self.now() - begin }

    /// Throws when the query must end. Cheap enough for every page.
    func check() throws(QueryError) {
        if cancellation.isCancelled { throw QueryError(.cancelled, "the query was cancelled; its answer is not complete") }
        if let deadline, Self.now() > deadline {
            throw QueryError(
                .timeout,
                "the query ran longer than \(timeoutMicroseconds / 1_000) ms and was ended: narrow its time with since: and until:, or give a longer --timeout"
            )
        }
    }

    /// Takes memory.
    ///
    /// - Parameter what: What it is for, as `the groups of this query`.
    func take(_ bytes: Int, for what: @autoclosure () -> String) throws(QueryError) {
        let total = used.add(bytes, ordering: .relaxed).newValue
        guard total <= memoryBytes else {
            used.subtract(bytes, ordering: .relaxed)
            throw QueryError(
                .memory,
                "\(what()) need more than the \(memoryBytes >> 20) MB that a query may hold: narrow the filter or its time, group by fewer fields, or give more with --memory"
            )
        }
    }

    /// Gives memory back.
    func give(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }

    /// Makes what is held for one thing `bytes`, more or less than before.
    func hold(_ bytes: Int, _ held: inout Int, for what: @autoclosure () -> String) throws(QueryError) {
        if bytes > held { try take(bytes - held, for: what()) } else { give(held - bytes) }
        held = bytes
    }

    /// A clock that only goes forward, in microseconds.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
