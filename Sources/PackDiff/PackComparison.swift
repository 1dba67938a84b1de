public import AuditModel
public import TransparencyLog

/// What changed from one pack to the next: a pure function of the two.
public struct PackComparison: Sendable {
    /// How the periods lie to each other.
    public enum Periods: Hashable, Sendable {
        case same
        case contiguous
        case overlapping(from: Timestamp, to: Timestamp)
        /// Nothing covers this time.
        case gap(from: Timestamp, to: Timestamp)
    }

    /// A report that both packs have.
    public struct ReportChange: Sendable {
        public let old: ReadPack.Report
        public let new: ReadPack.Report
        /// Exceptions that only the newer pack has.
        public let opened: [ReadPack.Exception]
        /// Exceptions that only the older pack has.
        public let closed: [ReadPack.Exception]
        /// Exceptions of the newer pack that the older one has too.
        public let repeated: [ReadPack.Exception]
        /// Whether both packs list their exceptions; where one holds no rows, only counts compare.
        public let hasLists: Bool
        /// The queries side by side; nil where the definition is the same.
        public let query: LineDiff?
        public let inventories: [InventoryChange]

        public var definitionChanged: Bool { old.definitionSHA256 != new.definitionSHA256 }
        public var populationChange: Int64 { new.population - old.population }
        public var outcomeIsWorse: Bool { PackComparison.rank(new.outcome) > PackComparison.rank(old.outcome) }
    }

    public struct InventoryChange: Hashable, Sendable {
        public let name: String
        public let old: ReadPack.Inventory?
        public let new: ReadPack.Inventory?
    }

    public let old: ReadPack
    public let new: ReadPack
    public let periods: Periods
    /// Reports that both have, by id.
    public let reports: [ReportChange]
    public let added: [ReadPack.Report]
    public let gone: [ReadPack.Report]
    public let newSources: [String]
    public let lostSources: [String]
    public let growth: Growth
    /// What limits the comparison.
    public let notes: [String]

    /// Compares; `new` is the later one.
    ///
    /// - Parameter stored: A consistency proof between the two packs' ends, from a store.
    public init(_ old: ReadPack, _ new: ReadPack, stored: ConsistencyProof? = nil) {
        (self.old, self.new) = (old, new)
        periods = Self.periods(old, new)
        let before = Dictionary(old.reports.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Set(new.reports.map(\.id))
        let ordered = new.reports.sorted { $0.id < $1.id }
        reports = ordered.compactMap { report in before[report.id].map { ReportChange($0, report) } }
        added = ordered.filter { before[$0.id] == nil }
        gone = old.reports.filter { !after.contains($0.id) }.sorted { $0.id < $1.id }
        newSources = Set(new.sources).subtracting(old.sources).sorted()
        lostSources = Set(old.sources).subtracting(new.sources).sorted()
        growth = Growth(old, new, stored: stored)
        var notes = ["Only the hashes of both packs' files were checked here; `proofline verify` checks signatures, checkpoints and proofs."]
        if old.framework != new.framework { notes.append("The packs are about two frameworks, \(old.framework) and \(new.framework).") }
        if old.level != new.level { notes.append("The packs are of two levels, \(old.level) and \(new.level).") }
        self.notes = notes
    }

    /// Outcomes from good to bad, as in the table of controls: what is known to be wrong is worse than what may be.
    static func rank(_ outcome: String) -> Int { ["pass", "not_tested", "incomplete", "exceptions"].firstIndex(of: outcome) ?? 4 }

    /// What is worse than it was, one sentence each; empty: exit code 0.
    public var worse: [String] {
        var lines: [String] = []
        if case .inconsistent(let why) = growth { lines.append("The log is inconsistent: \(why).") }
        if case .gap(let from, let to) = periods { lines.append("No pack covers \(from) to \(to).") }
        for report in gone { lines.append("\(report.id) \(report.title) is gone.") }
        for source in lostSources { lines.append("The source \(source) is gone.") }
        for report in reports {
            if report.outcomeIsWorse { lines.append("\(report.new.id) was \(report.old.outcome) and is \(report.new.outcome).") }
            if !report.opened.isEmpty { lines.append("\(report.new.id) has new exceptions: \(report.opened.count).") }
            if !report.hasLists, report.new.exceptionCount > report.old.exceptionCount {
                lines.append("\(report.new.id) had \(report.old.exceptionCount) items with exceptions and has \(report.new.exceptionCount).")
            }
        }
        for report in added where report.exceptionCount > 0 || Self.rank(report.outcome) > 1 {
            lines.append("\(report.id) is new and ended \(report.outcome), with exceptions in \(report.exceptionCount) items.")
        }
        return lines
    }

    private static func periods(_ old: ReadPack, _ new: ReadPack) -> Periods {
        if old.start == new.start, old.end == new.end { return .same }
        if old.end == new.start { return .contiguous }
        return old.end < new.start ? .gap(from: old.end, to: new.start) : .overlapping(from: max(old.start, new.start), to: min(old.end, new.end))
    }
}

extension PackComparison.ReportChange {
    init(_ old: ReadPack.Report, _ new: ReadPack.Report) {
        (self.old, self.new) = (old, new)
        hasLists = old.exceptions != nil && new.exceptions != nil
        // Exceptions may share a key. They are paired one by one, so that new and repeated ones add up to those of the newer pack.
        let (before, after) = hasLists ? (old.exceptions ?? [], new.exceptions ?? []) : ([], [])
        // A given key and a derived one never meet: where one pack gives none, both are derived.
        let areGiven = (before + after).allSatisfy { $0.givenKey != nil }
        func key(_ exception: ReadPack.Exception) -> String { areGiven ? exception.key : exception.derivedKey }
        var open = Dictionary(grouping: before, by: key).mapValues(\.count)
        var opened: [ReadPack.Exception] = [], repeated: [ReadPack.Exception] = [], closed: [ReadPack.Exception] = []
        for exception in after {
            if let count = open[key(exception)], count > 0 {
                open[key(exception)] = count - 1
                repeated.append(exception)
            } else {
                opened.append(exception)
            }
        }
        for exception in before.reversed() {
            guard let count = open[key(exception)], count > 0 else { continue }
            open[key(exception)] = count - 1
            closed.append(exception)
        }
        (self.opened, self.repeated, self.closed) = (opened, repeated, closed.reversed())
        query = old.definitionSHA256 == new.definitionSHA256 ? nil : LineDiff(old.query, new.query)
        let listed = Dictionary(old.inventories.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let read = Dictionary(new.inventories.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        inventories = Set(listed.keys).union(read.keys).sorted().compactMap { name in
            listed[name] == read[name] ? nil : PackComparison.InventoryChange(name: name, old: listed[name], new: read[name])
        }
    }
}
