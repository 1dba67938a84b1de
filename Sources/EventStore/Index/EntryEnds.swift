import AuditModel
import Parquet

/// How many entries of a column's dictionary are used up to the end of each page: entries are numbered by first use, so what a page uses
/// first lies together, and a text stands among what the first page that holds it used first.
enum EntryEnds {
    /// The columns of people, addresses and things that dictionaries hold, by their number in the index file.
    static let columns: [PivotColumn] = [
        .actorID, .actorName, .actorEmail, .actorOnBehalfOf, .approvalBy, .originIP, .tenant, .targetName,
    ]

    /// The number of a column; nil where it has none.
    static func number(of column: PivotColumn) -> UInt16? { columns.firstIndex(of: column).map { UInt16($0) } }

    /// A dictionary with fewer entries is read whole.
    private static let fewestEntries = 512

    /// - Parameter rowOffsets: For elements of lists where each row's begin, and the last one's end; nil where slots are rows.
    /// - Returns: nil where the dictionary is small, or there is one page.
    static func area(_ column: PivotColumn, _ slots: TextSlots, rowOffsets: UnsafeBufferPointer<UInt32>?) -> IndexArea? {
        let rowCount = rowOffsets.map { $0.count - 1 } ?? slots.codes.count
        guard let number = number(of: column), rowCount > StoreLimits.pageRows else { return nil }
        var counter = FirstUses(slots)
        var bytes: [UInt8] = []
        var row = 0
        var slot = 0
        while row < rowCount {
            row = min(row + StoreLimits.pageRows, rowCount)
            let end = rowOffsets.map { Int($0[row] - $0[0]) } ?? row
            counter.count(slot..<end)
            slot = end
            bytes.appendInteger(counter.count)
        }
        guard counter.count >= fewestEntries else { return nil }
        return IndexArea(kind: .entryEnds, family: number, width: bytes.count / 4, depth: 1, bytes: bytes)
    }

    /// Counts different texts as they come.
    private struct FirstUses {
        private let slots: TextSlots
        /// By entry where no two are equal, else by hash.
        private var seen: [Bool]
        private var hashes: Set<UInt64> = []
        private(set) var count: UInt32 = 0

        init(_ slots: TextSlots) {
            self.slots = slots
            seen = Array(repeating: false, count: slots.isDistinct ? slots.entryCount : 0)
        }

        mutating func count(_ range: Range<Int>) {
            for slot in range {
                let code = slots.codes[slot]
                if code == TextColumn.absent { continue }
                if slots.isDistinct {
                    if !seen[Int(code)] { (seen[Int(code)], count) = (true, count &+ 1) }
                } else if hashes.insert(XXH64.hash(slots.entry(code))).inserted {
                    count &+= 1
                }
            }
        }
    }
}
