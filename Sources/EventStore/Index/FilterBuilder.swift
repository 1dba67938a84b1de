import AuditModel

/// Builds the term filters of one family for one row group.
///
/// Each distinct entry is hashed once; a stamp per entry says in which page it was seen last, so a page's keys are found at about a
/// nanosecond a slot. The areas depend on the rows alone.
struct FilterBuilder {
    /// Bits of a page's filter for each key. Ids have most: a page read in vain is dear there, and people follow them.
    static func bitsPerKey(_ family: TermFamily, isBehindGroup: Bool) -> Int {
        // A filter over the row group has excluded most row groups already.
        if isBehindGroup { return 6 }
        return switch family {
        case .ids: 8
        case .people, .addresses: 7
        case .things: 6
        }
    }

    /// Bits of a row group's filter for each key.
    static let bitsPerGroupKey = 16
    /// A row group gets a filter of its own where a key is in this many pages on average.
    static let pagesPerKey = 3

    private let family: TermFamily
    private let columns: [Column]
    private let pageCount: Int
    private let rowCount: Int

    init(_ family: TermFamily, _ block: EventBlock, _ rows: Range<Int>) {
        self.family = family
        rowCount = rows.count
        pageCount = (rows.count + StoreLimits.pageRows - 1) / StoreLimits.pageRows
        var columns: [Column] = []
        for pivot in family.columns {
            let column = Column(pivot, block, rows)
            // Columns that say the same in every row count once.
            if let column, !columns.contains(where: { $0.isEqual(to: column) }) { columns.append(column) }
        }
        self.columns = columns
    }

    /// The areas; none where no row has a term.
    func areas() -> [IndexArea] {
        guard !columns.isEmpty else { return [] }
        let keys = PageKeys(columns, rowCount: rowCount, pageCount: pageCount)
        guard keys.largestPage > 0 else { return [] }
        let isRepeating = pageCount > 1 && keys.all.count >= Self.pagesPerKey * keys.distinct.count
        var areas: [IndexArea] = []
        if isRepeating {
            areas.append(Self.area(.groupTerms, family, [keys.distinct[...]], bits: Self.bitsPerGroupKey, largest: keys.distinct.count))
        }
        let pages = (0..<pageCount).map { keys.all[(($0 == 0) ? 0 : keys.ends[$0 - 1])..<keys.ends[$0]] }
        areas.append(
            Self.area(
                .pageTerms, family, pages, bits: Self.bitsPerKey(family, isBehindGroup: isRepeating), largest: keys.largestPage))
        return areas
    }

    private static func area(
        _ kind: IndexArea.Kind, _ family: TermFamily, _ filters: [ArraySlice<UInt64>], bits: Int, largest: Int
    ) -> IndexArea {
        let depth = max(1, (largest * bits + 255) / 256)
        let width = filters.count
        let blockBytes = SplitBlockStripes.blockBytes
        let bytes = [UInt8](unsafeUninitializedCapacity: width * depth * blockBytes) { out, count in
            // One filter at a time stays in the cache; then its blocks go to their places between those of the others.
            let filter = UnsafeMutablePointer<SIMD8<UInt32>>.allocate(capacity: depth)
            defer { filter.deallocate() }
            let target = UnsafeMutableRawPointer(out.baseAddress!)
            for (place, keys) in filters.enumerated() {
                filter.initialize(repeating: .zero, count: depth)
                keys.withUnsafeBufferPointer { keys in
                    var i = 0
                    while i < keys.count {
                        let hash = keys[i]
                        let block = SplitBlockStripes.block(hash, depth: depth)
                        filter[block] |= SplitBlockStripes.mask(hash)
                        i &+= 1
                    }
                }
                var block = 0
                while block < depth {
                    target.storeBytes(of: filter[block], toByteOffset: (block &* width &+ place) &* blockBytes, as: SIMD8<UInt32>.self)
                    block &+= 1
                }
            }
            count = width * depth * blockBytes
        }
        return IndexArea(kind: kind, family: family.rawValue, width: width, depth: depth, bytes: bytes)
    }

    /// A column's slots by row.
    fileprivate struct Column {
        let texts: TextColumn
        /// For each row of the row group, and the end, its first slot; nil where slots are rows.
        let offsets: UnsafeBufferPointer<UInt32>?
        /// Slots of the row group.
        let slots: Range<Int>

        init?(_ pivot: PivotColumn, _ block: EventBlock, _ rows: Range<Int>) {
            if let field = pivot.field {
                texts = block[field]
                offsets = nil
                slots = min(rows.lowerBound, texts.count)..<min(rows.upperBound, texts.count)
            } else {
                texts = block.targets.members[pivot == .targetID ? 1 : 2]
                let all = block.targets.offsets
                offsets = UnsafeBufferPointer(rebasing: all[rows.lowerBound...rows.upperBound])
                slots = Int(all[rows.lowerBound])..<Int(all[rows.upperBound])
            }
            if slots.isEmpty || texts.entryCount == 0 { return nil }
        }

        func isEqual(to other: Column) -> Bool {
            guard offsets?.baseAddress == other.offsets?.baseAddress, slots == other.slots, texts.entryCount == other.texts.entryCount,
                texts.entryBytes.count == other.texts.entryBytes.count
            else { return false }
            return texts.codes[slots].elementsEqual(other.texts.codes[other.slots])
                && texts.entryOffsets.elementsEqual(other.texts.entryOffsets)
                && TermHash.areEqual(texts.entryBytes, other.texts.entryBytes)
        }
    }

    /// The hashes of the terms of each page, each once for a column.
    fileprivate struct PageKeys {
        /// Page behind page.
        var all: [UInt64] = []
        /// Where each page ends in ``all``.
        var ends: [Int] = []
        /// Every term of the row group, once for a column.
        var distinct: [UInt64] = []
        /// Keys of the page that has most.
        var largestPage = 0

        init(_ columns: [Column], rowCount: Int, pageCount: Int) {
            let scans = columns.map { TermScan($0) }
            all.reserveCapacity(rowCount)
            for page in 0..<pageCount {
                let from = all.count
                let lastRow = min((page + 1) * StoreLimits.pageRows, rowCount)
                for scan in scans { scan.add(page: page, endRow: lastRow, to: &all, distinct: &distinct) }
                ends.append(all.count)
                largestPage = max(largestPage, all.count - from)
            }
        }
    }

    /// Goes through the slots of one column once, page by page.
    fileprivate final class TermScan {
        private let column: Column
        private let hashes: UnsafeMutablePointer<UInt64>
        private let stamps: UnsafeMutablePointer<UInt32>
        private var slot: Int

        init(_ column: Column) {
            self.column = column
            hashes = .allocate(capacity: column.texts.entryCount)
            stamps = .allocate(capacity: column.texts.entryCount)
            stamps.initialize(repeating: 0, count: column.texts.entryCount)
            slot = column.slots.lowerBound
        }

        deinit {
            hashes.deallocate()
            stamps.deallocate()
        }

        func add(page: Int, endRow: Int, to keys: inout [UInt64], distinct: inout [UInt64]) {
            let end = column.offsets.map { Int($0[endRow]) } ?? min(column.slots.upperBound, column.slots.lowerBound + endRow)
            let codes = column.texts.codes
            let stamp = UInt32(truncatingIfNeeded: page &+ 1)
            while slot < end {
                let code = codes[slot]
                slot &+= 1
                if code == TextColumn.absent { continue }
                let last = stamps[Int(code)]
                if last == stamp { continue }
                stamps[Int(code)] = stamp
                if last == 0 {
                    let hash = TermHash.foldedHash(column.texts.entry(code))
                    hashes[Int(code)] = hash
                    distinct.append(hash)
                }
                keys.append(hashes[Int(code)])
            }
        }
    }
}
