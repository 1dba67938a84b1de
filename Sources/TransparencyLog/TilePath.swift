/// Names of a log's files (c2sp.org/tlog-tiles): the one place that knows them.
enum TilePath {
    /// Hashes in a full tile, entries in a full bundle.
    static let width: UInt64 = 256
    /// Levels of the tree that one tile spans.
    static let height = 8

    /// The signed checkpoint.
    static let checkpoint = "checkpoint"

    /// What a file holds: hashes of some level of tiles, or entries.
    enum Kind: Hashable, Sendable {
        case hashes(level: Int)
        case entries

        var folder: String {
            switch self {
            case .hashes(let level): "tile/\(level)"
            case .entries: "tile/entries"
            }
        }
    }

    /// Path of a tile or bundle, partial when `width` is below 256.
    static func file(_ kind: Kind, _ index: UInt64, width: UInt64) -> String {
        let full = "\(kind.folder)/\(indexPath(index))"
        return width == Self.width ? full : "\(full).p/\(width)"
    }

    /// Folder of the partial tiles that a full tile replaces.
    static func partialFolder(_ kind: Kind, _ index: UInt64) -> String {
        "\(kind.folder)/\(indexPath(index)).p"
    }

    /// 1234067 -> x001/x234/067.
    static func indexPath(_ index: UInt64) -> String {
        var rest = index
        var path = threeDigits(rest % 1000)
        rest /= 1000
        while rest > 0 {
            path = "x\(threeDigits(rest % 1000))/\(path)"
            rest /= 1000
        }
        return path
    }

    private static func threeDigits(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 3 - digits.utf8.count) + digits
    }

    /// How many hashes (or entries) the tile has in a log of `size` entries; 0 when it does not exist yet.
    static func width(of kind: Kind, _ index: UInt64, size: UInt64) -> UInt64 {
        let level: Int
        switch kind {
        case .hashes(let tileLevel): level = tileLevel
        case .entries: level = 0
        }
        let count = size >> UInt64(level * height)
        let (start, overflow) = index.multipliedReportingOverflow(by: width)
        guard !overflow, count > start else { return 0 }
        return min(count - start, width)
    }
}
