import ArgumentParser
import CLinux
import Ingestion

/// How much of the machine `ingest` and `run` may use.
struct WorkloadOptions: ParsableArguments {
    @Option(help: "Threads that work; all cores when not given.") var threads: Int?
    @Option(help: "Memory for events on their way, such as 256M or 1G; the process takes about as much again.") var memory: MemorySize?

    /// A size in bytes, with K, M or G.
    struct MemorySize: ExpressibleByArgument {
        let bytes: Int

        init?(argument: String) {
            let units = ["K": 1 << 10, "k": 1 << 10, "M": 1 << 20, "m": 1 << 20, "G": 1 << 30, "g": 1 << 30]
            let unit = units[String(argument.suffix(1))]
            guard let number = Int(unit == nil ? argument : String(argument.dropLast())), number > 0 else { return nil }
            let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: unit ?? 1)
            guard !isTooLarge else { return nil }
            self.bytes = bytes
        }
    }

    func validate() throws {
        if let threads, !(1...1_024).contains(threads) { throw ValidationError("--threads is a number from 1 to 1024") }
        if let memory, memory.bytes < 16 << 20 { throw ValidationError("--memory is 16M at least") }
    }

    /// The limits that they stand for. Prepares the process for them.
    func makeLimits() -> IngestLimits {
        var limits = IngestLimits()
        if let threads { limits.threads = threads }
        if let memory { limits.memoryBytes = memory.bytes }
        clinux_return_freed_memory(Int32(limits.threads))
        return limits
    }
}
