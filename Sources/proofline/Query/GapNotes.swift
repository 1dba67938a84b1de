import AuditModel
import EventStore
import Timeline

/// What is said beneath an answer about gaps in the time that it covers.
struct GapNotes {
    private let coverage: Coverage?

    /// - Throws: `StoreError` for damage.
    init(_ told: QuerySession.Told) throws {
        coverage = try told.period.map { try Coverage(of: told.snapshot, period: $0, detail: .gaps) }
    }

    /// How many gaps are crossed.
    var count: Int { coverage?.gaps.count ?? 0 }

    /// The lines for a person; none where the answer covers no time.
    func lines(width: Int?) -> [String] {
        guard let coverage else { return [] }
        guard !coverage.sources.isEmpty else { return ["the store holds no source: nothing is known of this time"] }
        let gaps = coverage.gaps
        guard !gaps.isEmpty else {
            let judged = coverage.sources.filter(\.isSilenceJudged).count
            return [
                "no gap is known between \(coverage.period.lowerBound) and \(coverage.period.upperBound); "
                    + "silence was judged for \(judged) of \(coverage.sources.count) sources"
            ]
        }
        var table = TextTable(titles: ["gap", "source", "from", "until", "why"], flexible: [4])
        for gap in gaps { table.add([gap.cause.rawValue, gap.source, gap.from.description, gap.until.description, gap.explanation]) }
        let crossed = "\(gaps.count) gap\(gaps.count == 1 ? " is" : "s are") crossed; nothing is claimed over \(gaps.count == 1 ? "it" : "them"):"
        return [crossed] + table.lines(width: width)
    }
}
