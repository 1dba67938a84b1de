import AuditModel
import Foundation
import Glibc
import Minimization
import Parsing
import Vault

/// CPU time in seconds.
enum ProcessorTime {
    /// Of the calling thread.
    static var ofThread: Double { seconds(CLOCK_THREAD_CPUTIME_ID) }
    /// Of all threads of the process.
    static var ofProcess: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Runs a file through the stages that stand before a store, on one thread, as `ingest` does it: pieces of 1 MiB, blocks of as many rows.
///
/// Figures are CPU seconds and megabytes (10⁶) of the file per CPU second.
struct ParserMeasurement {
    /// Times that each stage is run; an odd number has a median that was measured.
    let rounds: Int

    private static let pieceBytes = 1 << 20
    private static let blockRows = 229_376
    private static let blockBytes = 64 << 20

    /// What became of a file's records.
    struct Counts {
        var records = 0
        var events = 0
        var quarantined = 0
        var skipped = 0
    }

    /// The median of the CPU seconds that `body` takes.
    func median(_ body: () throws -> Void) rethrows -> Double {
        var seconds: [Double] = []
        for _ in 0..<rounds {
            let start = ProcessorTime.ofThread
            try body()
            seconds.append(ProcessorTime.ofThread - start)
        }
        return seconds.sorted()[rounds / 2]
    }

    /// Measures all stages over one file.
    ///
    /// - Throws: what reading, parsing options, or a vault of its own in the temporary folder throw.
    func run(_ definition: ParserDefinition, file: String, policy: MinimizationPolicy) throws -> [ParserMeasureCommand.Line] {
        let modified = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        var options = ParseOptions(source: definition.id, fileModified: modified)
        options.timezone = "UTC"
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 64)
        defer { buffer.deallocate() }

        var bytes = 0
        let reading = try median { bytes = try pieces(of: file, buffer) { _ in } }
        var counts = Counts()
        let parsing = try median { counts = try parse(definition, options, file, buffer) { _ in } }
        let minimizing = try median {
            // A new vault for each round: every identity is new once, as in a store's first read.
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("proofline-measure-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            let minimizer = BlockMinimizer(policy: policy, vault: try Vault.create(directory: folder.path))
            _ = try parse(definition, options, file, buffer) { _ = try minimizer.minimize($0) }
        }
        func line(_ name: String, _ seconds: Double) -> ParserMeasureCommand.Line {
            .init(
                name: name,
                values: [
                    ("seconds", seconds), ("mb_per_second", Double(bytes) / 1e6 / max(seconds, 1e-9)),
                    ("ns_per_record", seconds * 1e9 / Double(max(1, counts.records))),
                ])
        }
        let file = ParserMeasureCommand.Line(
            name: "file",
            values: [
                ("bytes", Double(bytes)), ("records", Double(counts.records)), ("events", Double(counts.events)),
                ("quarantined", Double(counts.quarantined)), ("skipped", Double(counts.skipped)),
            ])
        return [file, line("read", reading), line("parsed", parsing), line("minimized", minimizing)]
    }

    private func parse(
        _ definition: ParserDefinition, _ options: ParseOptions, _ file: String, _ buffer: UnsafeMutableRawBufferPointer,
        full: (EventBlock) throws -> Void
    ) throws -> Counts {
        let parser = try RecordParser(definition, options: options)
        let records = RecordBuffer()
        var counts = Counts()
        var block = EventBlock()
        func take() throws {
            counts.records += records.count
            for record in records.records {
                switch record.kind {
                case .events: break
                case .quarantined: counts.quarantined += 1
                case .skipped: counts.skipped += 1
                }
            }
            guard block.rowCount >= Self.blockRows || block.byteCount >= Self.blockBytes else { return }
            try hand()
        }
        func hand() throws {
            counts.events += block.rowCount
            try full(block)
            block = EventBlock()
        }
        _ = try pieces(of: file, buffer) { piece in
            var rest = piece
            while true {
                let used = parser.feed(rest, into: block, records: records)
                try take()
                guard used < rest.count else { return }
                if block.rowCount > 0 { try hand() }
                rest = UnsafeRawBufferPointer(rebasing: rest[used...])
            }
        }
        while !parser.finish(into: block, records: records) { try take() }
        try take()
        try hand()
        return counts
    }

    /// Calls `body` with one piece of a file after another.
    private func pieces(of file: String, _ buffer: UnsafeMutableRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Int {
        let descriptor = Glibc.open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw VerbError.usage("\(file): there is no such file, or it cannot be read; check path and permissions") }
        defer { close(descriptor) }
        var total = 0
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw VerbError.failed("\(file) cannot be read to its end; check the disk") }
            if count == 0 { return total }
            total += count
            try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
        }
    }
}
