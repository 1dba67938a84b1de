/// Finds the name that somebody probably meant.
public enum NearestName {
    /// The candidate with the smallest edit distance to `name`, of equals the first by name; nil where none is close enough to be worth offering.
    public static func of(_ name: String, in candidates: some Sequence<String>) -> String? {
        let limit = max(1, name.count / 3)
        return candidates.map { (distance: distance(name, $0), name: $0) }.filter { $0.distance <= limit }.min { $0 < $1 }?.name
    }

    /// ` (did you mean …?)` to put behind a message, or an empty text.
    public static func hint(_ name: String, among candidates: some Sequence<String>) -> String {
        of(name, in: candidates).map { " (did you mean `\($0)`?)" } ?? ""
    }

    /// The Levenshtein distance, in characters.
    static func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a), b = Array(b)
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let substituted = diagonal + (a[i] == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
