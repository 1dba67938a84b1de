/// Which neighbouring segments are worth merging.
///
/// Segments come in tiers, each eight times the one below. A run of neighbours of one tier or lower that has ``fanOut`` members is merged, so that
/// a row is rewritten once for each tier that it climbs, and at most ``StoreLimits/compactedRows`` rows go into one segment. A damaged segment
/// parts the run: it is left as it is, for what can still be saved from it.
struct CompactionPlan: Hashable {
    /// Segments that it takes to merge them.
    static let fanOut = 8
    /// Rows up to which a segment is of the lowest tier.
    static let lowestTierRows = 64

    /// Numbers of the segments to merge, in the order of positions; two or more.
    let segments: [Int64]
    /// Their rows together.
    let rowCount: Int

    /// The next merge, the smallest segments first; nil where nothing is worth it.
    ///
    /// - Parameters:
    ///   - segments: All segments of one retention class in the order of positions.
    ///   - isEager: Merges any two neighbours that fit together, however few they are: for somebody who asks for it.
    static func next(_ segments: [SegmentRecord], isEager: Bool) -> CompactionPlan? {
        if isEager { return firstRun(segments, fanOut: 2) { _ in true } }
        var tier = 0
        var limit = lowestTierRows
        while limit < StoreLimits.compactedRows {
            if let plan = firstRun(segments, fanOut: fanOut, where: { $0.rowCount <= limit }) { return plan }
            tier += 1
            limit *= fanOut
        }
        return nil
    }

    /// The first run of neighbours that qualify, cut where it would grow too large.
    private static func firstRun(_ segments: [SegmentRecord], fanOut: Int, where qualifies: (SegmentRecord) -> Bool) -> CompactionPlan? {
        var run: [SegmentRecord] = []
        var rowCount = 0
        func plan() -> CompactionPlan? {
            run.count >= fanOut ? CompactionPlan(segments: run.map(\.id), rowCount: rowCount) : nil
        }
        for segment in segments {
            let isTaken = segment.damage == nil && segment.rowCount < StoreLimits.compactedRows && qualifies(segment)
            if !isTaken || rowCount + segment.rowCount > StoreLimits.compactedRows || run.count == StoreLimits.compactedSegments {
                if let plan = plan() { return plan }
                run = []
                rowCount = 0
            }
            guard isTaken else { continue }
            run.append(segment)
            rowCount += segment.rowCount
        }
        return plan()
    }
}
