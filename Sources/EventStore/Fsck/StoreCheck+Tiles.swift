import DurableIO
import GRDB
import TransparencyLog

extension StoreCheck {
    /// Hashes in a full tile, entries in a full bundle (c2sp.org/tlog-tiles).
    private static let tileWidth = 256

    /// Every tile and entry bundle that lies there, byte by byte, against the catalogue's entries: full ones, partial ones, and partial ones
    /// that wider ones have made superfluous since. Names and contents are worked out here and not by the code that serves the log.
    ///
    /// A service may add tiles meanwhile; what reaches beyond the entries of this transaction is compared as far as those go.
    ///
    /// - Parameters:
    ///   - size: Entries under the published checkpoint; their tiles must be there.
    ///   - leaves: Hashes of all entries of the catalogue.
    mutating func checkTiles(_ db: Database, size: Int, leaves: [MerkleHash]) throws {
        var hashes = leaves
        var level = 0
        while !hashes.isEmpty {
            let present = hashes
            try checkFiles("tile/\(level)", known: present.count, required: size >> (8 * level)) { range in
                present[range].flatMap(\.bytes)
            }
            let full = hashes.count / Self.tileWidth
            hashes = (0..<full).map { MerkleTree.root(of: present[$0 * Self.tileWidth..<($0 + 1) * Self.tileWidth]) }
            level += 1
        }
        try checkFiles("tile/entries", known: leaves.count, required: size) { range in
            let rows = try Row.fetchAll(
                db, sql: "SELECT bytes FROM entry WHERE log_index >= ? AND log_index < ? ORDER BY log_index", arguments: [range.lowerBound, range.upperBound])
            return try rows.flatMap { row in
                let bytes = try row.blob("bytes")
                return [UInt8(truncatingIfNeeded: bytes.count >> 8), UInt8(truncatingIfNeeded: bytes.count)] + bytes
            }
        }
    }

    /// - Parameters:
    ///   - known: How many hashes or entries there are at this level; files reach no further.
    ///   - required: How many of them must be in files.
    ///   - content: What a file holds for a range of them.
    private mutating func checkFiles(_ folder: String, known: Int, required: Int, _ content: (Range<Int>) throws -> [UInt8]) throws {
        for tile in 0..<(known + Self.tileWidth - 1) / Self.tileWidth {
            let start = tile * Self.tileWidth
            let there = min(Self.tileWidth, known - start)
            let path = "\(layout.log)/\(folder)/\(Self.place(tile))"
            let partial = (try? files.list("\(path).p"))?.compactMap { Int($0) }.filter { (1..<Self.tileWidth).contains($0) } ?? []
            var widest = 0
            for width in partial.sorted() + [Self.tileWidth] {
                let file = width == Self.tileWidth ? path : "\(path).p/\(width)"
                // Gone between list and reading: a full tile has taken its place.
                guard let bytes = try? files.readFile(file) else { continue }
                let expected = try content(start..<start + min(width, there))
                if width <= there ? bytes == expected : bytes.starts(with: expected) {
                    widest = max(widest, min(width, there))
                } else {
                    find(.tile, "it does not hold the log's entries \(folder.hasSuffix("entries") ? "" : "or their hashes ")as the catalogue has them", file)
                    widest = max(widest, min(width, there))
                }
            }
            if start + widest < min(required, start + there) {
                find(.tile, "the file is missing, or holds fewer than the checkpoint covers", path)
            }
        }
    }

    /// 1234067 -> x001/x234/067.
    private static func place(_ index: Int) -> String {
        let digits = String(index)
        let padded = String(repeating: "0", count: (3 - digits.count % 3) % 3) + digits
        var groups: [Substring] = []
        var rest = padded[...]
        while !rest.isEmpty {
            groups.append(rest.prefix(3))
            rest = rest.dropFirst(3)
        }
        return groups.enumerated().map { $0.offset == groups.count - 1 ? String($0.element) : "x\($0.element)" }.joined(separator: "/")
    }
}
