import ArgumentParser
import AuditModel
import CLinux
import EventStore
import Glibc
import Timeline

/// `proofline shell`: keeps a store open and answers one question a line.
struct ShellCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell",
        abstract: "Ask many questions of a store that stays open.",
        discussion: """
            Example: proofline shell --store /var/lib/proofline
            Example: printf '%s\\n' 'tenant:acme | count' '| top 5 action' | proofline shell --store /var/lib/proofline --format jsonl
            On a terminal it shows a prompt; else it reads queries from standard input, one a line. Rows are followed by a line
            that begins with -- and says how many, and in how many milliseconds. .help lists what else it knows. Each query sees
            what was committed before it; a query that names a person is itself an event on the timeline.
            """)

    @Option(help: "The store's folder.") var store: String
    @Option(help: "text, jsonl or csv.") var format: QueryFormat = .text
    @Option(help: "Most events to print for each query, the earliest first, or most groups.") var limit: Int?
    @Flag(help: "Say what was passed over, what answered each term, and what was read.") var explain = false
    @OptionGroup var limits: QueryLimitOptions

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit is a number of events, 0 or more") }
    }

    func run() throws {
        let cancellation = ShellInterrupt.install()
        let options = limits.options(cancellation)
        clinux_keep_freed_memory(Int32(options.threads))
        let session = try QuerySession(store: store, options: options, pageCacheBytes: limits.pageCacheBytes)
        defer { session.close() }
        try session.open()
        var shell = Shell(session: session, format: format, limit: limit, explains: explain)
        do { try shell.run() } catch is StandardOutput.Closed { return }
    }
}

/// Ctrl-C ends the query at hand, not the shell; at the prompt it ends nothing, and no query asked later.
private enum ShellInterrupt {
    private static let cancellation = QueryCancellation()

    /// From here on SIGINT waits while no query runs. Called before other threads are made: they inherit what is blocked.
    static func install() -> QueryCancellation {
        let cancellation = self.cancellation
        signal(SIGINT) { _ in ShellInterrupt.cancellation.cancel() }
        mask(SIG_BLOCK)
        return cancellation
    }

    /// Runs a query that SIGINT cancels. One that came before it is forgotten.
    static func during<Answer>(_ query: () throws -> Answer) rethrows -> Answer {
        var interrupts = Self.interrupts
        var atOnce = timespec()
        while sigtimedwait(&interrupts, nil, &atOnce) == SIGINT {}
        cancellation.reset()
        mask(SIG_UNBLOCK)
        defer { mask(SIG_BLOCK) }
        return try query()
    }

    private static var interrupts: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        return set
    }

    private static func mask(_ how: Int32) {
        var interrupts = Self.interrupts
        pthread_sigmask(how, &interrupts, nil)
    }
}

/// The shell's state, and what its lines mean.
private struct Shell {
    enum Gaps: String { case off, count, list }

    let session: QuerySession
    var format: QueryFormat
    var limit: Int?
    var explains: Bool
    var gaps = Gaps.count
    private let isTerminal = isatty(STDIN_FILENO) == 1
    private var isDone = false

    init(session: QuerySession, format: QueryFormat, limit: Int?, explains: Bool) {
        self.session = session
        self.format = format
        self.limit = limit
        self.explains = explains
    }

    private static let help = """
        a line is a query (docs/query.md), such as: tenant:acme since:7d | count by outcome
        .explain on|off      say what was passed over, what answered each term, and what was read
        .format text|jsonl|csv
        .gaps count|list|off what is said of gaps in the time that an answer covers
        .limit N|off         most rows
        .help, .quit
        """

    mutating func run() throws {
        if isTerminal { try say("-- .help lists what can be asked; Ctrl-C ends a query, .quit or Ctrl-D the shell") }
        while !isDone {
            if isTerminal {
                try StandardOutput.write("proofline> ")
                try StandardOutput.flush()
            }
            guard let line = readLine() else { return }
            let text = line.trimmingWhitespace
            if text.hasPrefix(".") { try command(text) } else if !text.isEmpty || !isTerminal { try ask(text) }
            try StandardOutput.flush()
        }
    }

    private func say(_ line: String) throws { try StandardOutput.write(line + "\n") }

    private func ask(_ text: String) throws {
        do {
            let told = try ShellInterrupt.during { try session.answer(text, format: format, limit: limit) }
            var closing = "-- \(told.countText), \(QueryEffort.milliseconds(told.microseconds)) ms"
            if told.unknownNames > 0 { closing += "; the vault knows no such identity" }
            if gaps != .off {
                let notes = try GapNotes(told)
                if notes.count > 0 { closing += "; \(notes.count) gap\(notes.count == 1 ? " is" : "s are") crossed" }
                if gaps == .list { for line in notes.lines(width: Terminal.width) { try say("-- \(line)") } }
            }
            if explains { for line in told.effort.lines { try say("-- \(TextTable.printable(line))") } }
            try say(closing)
        } catch let closed as StandardOutput.Closed {
            throw closed
        } catch {
            let message = (error as? any ErrorWithExitStatus)?.line ?? String(describing: error)
            let lines = message.split(separator: "\n", omittingEmptySubsequences: false).map { TextTable.printable(String($0)) }
            for line in lines.dropFirst() { try say("-- \(line)") }
            try say("-- error: \(lines.first ?? "")")
        }
    }

    private mutating func command(_ text: String) throws {
        let words = text.split(separator: " ").map(String.init)
        switch (words[0], words.dropFirst().first, words.count) {
        case (".quit", nil, _), (".exit", nil, _): isDone = true
        case (".help", nil, _): for line in Self.help.split(separator: "\n") { try say("-- \(line)") }
        case (".explain", "on", 2): explains = true
        case (".explain", "off", 2): explains = false
        case (".limit", "off", 2): limit = nil
        case (".limit", let number?, 2) where Int(number).map { $0 >= 0 } ?? false: limit = Int(number)
        case (".format", let name?, 2) where QueryFormat(rawValue: name) != nil: format = QueryFormat(rawValue: name) ?? format
        case (".gaps", let name?, 2) where Gaps(rawValue: name) != nil: gaps = Gaps(rawValue: name) ?? gaps
        default:
            let names = [".explain", ".format", ".gaps", ".limit", ".help", ".quit"]
            let hint = names.contains(words[0])
                ? "\(words[0]) is used otherwise" : NearestName.of(words[0], in: names).map { "did you mean \($0)?" } ?? "there is no \(words[0])"
            try say("-- error: \(TextTable.printable(hint)); .help lists what can be written")
        }
    }
}

extension String {
    fileprivate var trimmingWhitespace: String {
        var text = self[...]
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}
