/// Two texts side by side by their lines.
public struct LineDiff: Hashable, Sendable {
    public enum Mark: String, Hashable, Sendable { case same = " ", removed = "-", added = "+" }

    public struct Line: Hashable, Sendable {
        public let mark: Mark
        public let text: String
    }

    /// Texts with more differing pairs of lines than this are shown one after the other: the search for common lines is quadratic.
    static let maximumPairs = 4_000_000

    public let lines: [Line]

    public init(_ old: String, _ new: String) {
        let (before, after) = (Self.split(old), Self.split(new))
        guard before.count * after.count <= Self.maximumPairs else {
            lines = before.map { Line(mark: .removed, text: $0) } + after.map { Line(mark: .added, text: $0) }
            return
        }
        var removed: Set<Int> = [], added: Set<Int> = []
        for change in after.difference(from: before) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var lines: [Line] = []
        var (left, right) = (0, 0)
        while left < before.count || right < after.count {
            if left < before.count, removed.contains(left) {
                lines.append(Line(mark: .removed, text: before[left]))
                left += 1
            } else if right < after.count, added.contains(right) {
                lines.append(Line(mark: .added, text: after[right]))
                right += 1
            } else {
                lines.append(Line(mark: .same, text: before[left]))
                left += 1
                right += 1
            }
        }
        self.lines = lines
    }

    private static func split(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
