import ArgumentParser
import Timeline

/// Limits under which questions are answered.
struct QueryLimitOptions: ParsableArguments {
    @Option(help: "Threads that evaluate; by default as many as there are processors.") var threads: Int?
    @Option(help: "Megabytes: half for decoded pages that are kept, half for what a query holds (groups, rows that wait).")
    var memory = QueryLimitOptions.standardMemory
    @Option(help: "Longest time for a query, such as 30s or 5m.") var timeout: String?

    /// Megabytes where nothing else is asked for.
    static let standardMemory = 1_024

    func validate() throws {
        if let threads, !(1...QueryOptions.mostThreads).contains(threads) {
            throw ValidationError("--threads is a number from 1 to \(QueryOptions.mostThreads)")
        }
        guard (2...1_048_576).contains(memory) else { throw ValidationError("--memory is a number of megabytes, 2 to 1048576") }
        if let timeout, QueryTime.span(timeout).map({ $0 <= 0 }) ?? true {
            throw ValidationError("--timeout is a span such as 30s or 5m, not \(timeout)")
        }
    }

    /// Bytes for decoded pages.
    var pageCacheBytes: Int { memory << 19 }

    /// The same for the engine.
    func options(_ cancellation: QueryCancellation = QueryCancellation()) -> QueryOptions {
        QueryOptions(
            threads: threads, memoryBytes: memory << 19, timeoutMicroseconds: timeout.flatMap { QueryTime.span($0) },
            cancellation: cancellation)
    }
}
