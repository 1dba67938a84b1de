import AuditModel
import CLinux
import EventStore
import Timeline
import TransparencyLog

/// One question of a process that ends with its answer.
struct QueryRun {
    let store: String
    let text: String
    var format = QueryFormat.text
    var limit: Int?
    var explain = false
    var options = QueryOptions()
    var pageCacheBytes = QueryLimitOptions.standardMemory << 19

    init(store: String, text: String) { (self.store, self.text) = (store, text) }

    /// The call `proofline query` with the commonest options, each its own word and given once; nil for every other call, and for every
    /// wrong one. Reading it here takes no time, where declaring and matching all verbs takes as long as finding an event.
    ///
    /// - Parameter arguments: The program's, its name first.
    init?(plain arguments: [String]) {
        guard arguments.count > 1, arguments[1] == "query" else { return nil }
        var words: [String] = []
        var values: [String: String] = [:]
        var rest = arguments.dropFirst(2)
        while let word = rest.popFirst() {
            guard word.hasPrefix("-") else {
                words.append(word)
                continue
            }
            guard values[word] == nil else { return nil }
            switch word {
            case "--explain": values[word] = ""
            case "--store", "--format", "--limit":
                guard let value = rest.popFirst(), !value.hasPrefix("-") else { return nil }
                values[word] = value
            default: return nil
            }
        }
        guard let store = values["--store"] else { return nil }
        self.init(store: store, text: words.joined(separator: " "))
        if let name = values["--format"] {
            guard let format = QueryFormat(rawValue: name) else { return nil }
            self.format = format
        }
        if let digits = values["--limit"] {
            guard let limit = Int(digits), limit >= 0 else { return nil }
            self.limit = limit
        }
        explain = values["--explain"] != nil
    }

    /// Answers it.
    func run() throws {
        // A query that cannot be read is told before a store is looked for.
        do { _ = try QueryParser.question(text, now: .now) } catch { throw VerbError.usage(error.description) }
        clinux_keep_freed_memory(Int32(options.threads))
        let session = try QuerySession(store: store, options: options, pageCacheBytes: pageCacheBytes)
        // The process ends with this verb and holds nothing but readers: giving back every mapped segment one by one takes longer.
        _ = Unmanaged.passRetained(session)
        do {
            let told = try session.answer(text, format: format, limit: limit)
            try printNotes(told)
        } catch is StandardOutput.Closed {
            return
        }
    }

    private func printNotes(_ told: QuerySession.Told) throws {
        var notes = [told.countText]
        if told.unknownNames > 0 { notes.append("the vault knows no such identity: nothing that was seen so far belongs to it") }
        notes += try GapNotes(told).lines(width: Terminal.width)
        if explain { notes += told.effort.lines + ["explain: as of checkpoint size \(told.snapshot.checkpoint.size)"] }
        let text = notes.map { $0 + "\n" }.joined()
        if format == .text { try StandardOutput.write("\n" + text) } else { ExitStatus.writeError(text) }
    }
}
