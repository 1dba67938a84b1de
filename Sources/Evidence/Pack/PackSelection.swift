/// Which rows a pack holds.
struct PackSelection {
    /// How many of the rows left out the auditor's nonce draws to be shown.
    static let shownCount = 25

    /// Row indexes by log index, ascending.
    let rows: [UInt64: [Int]]
    /// Rows that no report uses but the nonce drew, ascending.
    let shown: [(logIndex: UInt64, index: Int)]

    init(results: [ReportResult], seals: [BatchSeal], deleted: DeletedRows, level: PackRequest.Level, draw: SampleDraw?) {
        var chosen: [UInt64: Set<Int>] = [:]
        var shown: [(logIndex: UInt64, index: Int)] = []
        switch level {
        case .internal:
            for seal in seals { chosen[seal.logIndex] = Set((0..<seal.count).filter { !deleted.contains(seal.logIndex, $0) }) }
        case .customer: break
        case .auditor:
            for row in results.flatMap({ $0.usedRows + $0.explanationRows }) { chosen[row.logIndex, default: []].insert(row.index) }
            if let draw {
                shown = Self.leftOut(seals, deleted, chosen, draw)
                for row in shown { chosen[row.logIndex, default: []].insert(row.index) }
            }
        }
        rows = chosen.mapValues { $0.sorted() }
        self.shown = shown
    }

    /// Rows that retention deleted cannot be shown and are not drawn from.
    private static func leftOut(
        _ seals: [BatchSeal], _ deleted: DeletedRows, _ chosen: [UInt64: Set<Int>], _ draw: SampleDraw
    ) -> [(logIndex: UInt64, index: Int)] {
        var rows: [(logIndex: UInt64, index: Int)] = []
        var ids: [String] = []
        for seal in seals {
            for index in 0..<seal.count where !(chosen[seal.logIndex]?.contains(index) ?? false) && !deleted.contains(seal.logIndex, index) {
                rows.append((seal.logIndex, index))
                ids.append("seq:\(seal.firstSeq + Int64(index))")
            }
        }
        return draw.positions(of: ids, size: shownCount).map { rows[$0] }.sorted { ($0.logIndex, $0.index) < ($1.logIndex, $1.index) }
    }

    /// The items of a report that the nonce draws, in the order drawn.
    static func sample(_ result: ReportResult, _ draw: SampleDraw) -> [TestItem] {
        let size = SampleSize.customary(population: result.items.count)
        return draw.positions(of: result.items.map(\.id), size: size).map { result.items[$0] }
    }
}
