import AuditModel

/// A comparison as plain text for a terminal or a file.
public struct ComparisonText {
    let comparison: PackComparison

    public init(_ comparison: PackComparison) { self.comparison = comparison }

    public var text: String {
        var lines = [
            "\(comparison.old.name) (\(Self.period(comparison.old))) to \(comparison.new.name) (\(Self.period(comparison.new)))",
            "periods: \(ComparisonWords.periods(comparison.periods))", "log: \(ComparisonWords.growth(comparison.growth))", "",
        ]
        for report in comparison.reports { lines += Self.report(report) }
        for report in comparison.added { lines.append("\(report.id) \(report.title): new, \(ComparisonWords.outcome(report.outcome)), \(report.population) tested") }
        for report in comparison.gone { lines.append("\(report.id) \(report.title): gone") }
        for source in comparison.newSources { lines.append("source \(source): new") }
        for source in comparison.lostSources { lines.append("source \(source): gone") }
        lines.append("")
        let worse = comparison.worse
        lines.append(worse.isEmpty ? "Nothing changed for the worse." : "Changed for the worse:")
        lines += worse.map { "  \($0)" }
        lines += comparison.notes.map { "Note: \($0)" }
        // A pack's text must not steer a terminal.
        return lines.map(ComparisonWords.printable).joined(separator: "\n") + "\n"
    }

    private static func period(_ pack: ReadPack) -> String { "\(pack.start) to \(pack.end)" }

    private static func report(_ change: PackComparison.ReportChange) -> [String] {
        var lines = [
            "\(change.new.id) \(change.new.title): \(ComparisonWords.outcomes(change)); \(change.old.population) to \(change.new.population) tested (\(ComparisonWords.signed(change.populationChange)))"
        ]
        if change.hasLists {
            lines.append("  exceptions: \(change.opened.count) new, \(change.repeated.count) repeated, \(change.closed.count) closed")
            for (word, exceptions) in [("new", change.opened), ("repeated", change.repeated), ("closed", change.closed)] {
                lines += exceptions.map { "    \(word) \($0.key) \($0.rule): \($0.text)" }
            }
        } else {
            lines.append("  items with exceptions: \(change.old.exceptionCount) to \(change.new.exceptionCount); a pack without rows lists none to compare")
        }
        if change.definitionChanged {
            lines.append("  definition: revision \(change.old.version) to \(change.new.version), sha256 \(change.old.definitionSHA256) to \(change.new.definitionSHA256)")
            lines += change.query?.lines.filter { $0.mark != .same }.map { "    \($0.mark.rawValue) \($0.text)" } ?? []
        }
        lines += change.inventories.map { "  inventory \($0.name): \(ComparisonWords.inventory($0))" }
        return lines
    }
}

/// The words that text and page share.
enum ComparisonWords {
    static func periods(_ periods: PackComparison.Periods) -> String {
        switch periods {
        case .same: "the same"
        case .contiguous: "one follows the other without a gap"
        case .overlapping(let from, let to): "both cover \(from) to \(to)"
        case .gap(let from, let to): "no pack covers \(from) to \(to)"
        }
    }

    static func growth(_ growth: Growth) -> String {
        switch growth {
        case .sameCheckpoint(let size): "both packs were built at one tree head, size \(size)"
        case .proven(.pack, let from, let to): "the newer pack proves that it only grew from size \(from) to \(to)"
        case .proven(.store, let from, let to): "the store proves that it only grew from size \(from) to \(to)"
        case .unproven(let why): "not shown: \(why)"
        case .inconsistent(let why): "INCONSISTENT: \(why)"
        }
    }

    static func outcome(_ outcome: String) -> String { outcome.split(separator: "_").joined(separator: " ") }

    static func outcomes(_ change: PackComparison.ReportChange) -> String {
        change.old.outcome == change.new.outcome
            ? "\(outcome(change.new.outcome)) as before"
            : "\(outcome(change.old.outcome)) to \(outcome(change.new.outcome))\(change.outcomeIsWorse ? ", worse" : ", better")"
    }

    static func signed(_ number: Int64) -> String { number > 0 ? "+\(number)" : "\(number)" }

    static func inventory(_ change: PackComparison.InventoryChange) -> String {
        func file(_ file: ReadPack.Inventory) -> String { "\(file.sha256.prefix(12)) of \(file.owner.isEmpty ? "nobody named" : file.owner), as of \(file.asOf)" }
        switch (change.old, change.new) {
        case (let old?, let new?): return "\(file(old)) to \(file(new))"
        case (nil, let new?): return "new, \(file(new))"
        case (let old?, nil): return "gone, was \(file(old))"
        case (nil, nil): return "absent"
        }
    }

    /// Without characters that a terminal would obey.
    static func printable(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                out.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}
