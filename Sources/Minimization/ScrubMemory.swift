/// Findings of texts that came before. Distinct values are few: actions, names, messages of a template.
final class ScrubMemory {
    private static let limit = 1 << 16
    private static let longestBytes = 256

    private let scrubber = Scrubber()
    private var known: [String: [ScrubFinding]] = [:]

    /// What must not stay in `text`.
    func findings(in text: String) -> [ScrubFinding] {
        guard text.utf8.count >= 4 else { return [] }
        guard text.utf8.count <= Self.longestBytes else { return scrubber.findings(in: text) }
        if let found = known[text] { return found }
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        let found = scrubber.findings(in: text)
        known[text] = found
        return found
    }
}
