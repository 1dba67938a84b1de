import Glibc
import Ingestion

/// Progress on standard error: a bar that redraws itself on a terminal, a plain line every few seconds elsewhere.
final class ProgressDisplay {
    private let verb: String
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?
    private var isBarDrawn = false

    init(verb: String) { self.verb = verb }

    /// Seconds since the beginning.
    var seconds: Double {
        let parts = (ContinuousClock.now - start).components
        return Double(parts.seconds) + Double(parts.attoseconds) / 1e18
    }

    /// Shows how far it is, at most five times a second on a terminal and once in five seconds elsewhere.
    func show(_ progress: IngestProgress) {
        let now = ContinuousClock.now
        let pause: Duration = isTerminal ? .milliseconds(200) : .seconds(5)
        let isNews = isTerminal && progress.isCommitting
        guard isNews || now - (lastShown ?? start) >= pause else { return }
        lastShown = now
        let text = Self.line(verb, progress, seconds: seconds)
        if isTerminal {
            isBarDrawn = true
            ExitStatus.writeError("\r\u{1B}[K" + Self.bar(progress) + " " + text)
        } else {
            ExitStatus.writeError(text + "\n")
        }
    }

    /// Writes something in between without leaving half a bar behind.
    func interrupt(_ body: () -> Void) {
        end()
        body()
    }

    /// Takes the bar away.
    func end() {
        if isBarDrawn { ExitStatus.writeError("\r\u{1B}[K") }
        isBarDrawn = false
    }

    private static func bar(_ progress: IngestProgress) -> String {
        let width = 24
        let filled = Int(progress.share * Double(width))
        return "[" + String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled) + "]"
    }

    /// `ingest 42 % (okta), 120,000 events, 81,000 events/s, 64.2 MB/s, 12 s left`. Rates are of what is committed, and wait for a first commit.
    static func line(_ verb: String, _ progress: IngestProgress, seconds: Double) -> String {
        let elapsed = max(seconds, 0.001)
        var text = "\(verb) \(Int(progress.share * 100)) % (\(progress.source)), \(Figures.grouped(progress.events)) events"
        if progress.committedEvents > 0 {
            text += ", \(Figures.grouped(Int64(Double(progress.committedEvents) / elapsed))) events/s"
            text += ", \(Figures.oneDecimal(Double(progress.committedBytes) / elapsed / 1e6)) MB/s"
            if progress.share < 1 { text += ", \(Figures.duration(elapsed * (1 - progress.share) / progress.share)) left" }
        }
        if progress.isCommitting { text += ", committing \(Figures.grouped(progress.events - progress.committedEvents))" }
        return text
    }
}

/// Numbers as people read them, the same in every locale.
enum Figures {
    /// `1,234,567`.
    static func grouped(_ number: Int64) -> String {
        var digits = Array(String(abs(number)))
        var at = digits.count - 3
        while at > 0 {
            digits.insert(",", at: at)
            at -= 3
        }
        return (number < 0 ? "-" : "") + String(digits)
    }

    /// `12.3`.
    static func oneDecimal(_ number: Double) -> String {
        let tenths = Int64((number * 10).rounded())
        return "\(grouped(tenths / 10)).\(abs(tenths % 10))"
    }

    /// `1.4 MB`.
    static func bytes(_ count: UInt64) -> String {
        switch count {
        case 0..<1_000: "\(count) B"
        case 1_000..<1_000_000: "\(oneDecimal(Double(count) / 1e3)) kB"
        case 1_000_000..<1_000_000_000: "\(oneDecimal(Double(count) / 1e6)) MB"
        default: "\(oneDecimal(Double(count) / 1e9)) GB"
        }
    }

    /// `12 s`, `3 min 20 s`.
    static func duration(_ seconds: Double) -> String {
        let whole = Int64(seconds.rounded(.up))
        return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
    }
}
