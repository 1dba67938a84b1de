import Compression
import Cryptography
import DurableIO
import TransparencyLog

/// Reads an index file. It only ever speeds things up: what does not fit is treated as if there were no index.
///
/// The checksum is compared when the file is opened; every offset is checked against the file again when it is used.
struct SegmentIndex: Sendable {
    static let magic: [UInt8] = Array("PLINDEX\0".utf8)
    static let version = 1
    private static let headerSize = 28
    /// From this many terms on a column whose terms are mostly in one row is kept as hashes.
    static let hashedTermCount = 1_024

    /// How a section tells rows from terms.
    enum SectionKind: UInt8 {
        /// Terms with their rows.
        case terms = 0
        /// Hashes of terms with their rows: candidates, to be compared with the column.
        case hashes = 1
    }

    /// Number of rows of the segment.
    let rowCount: Int
    /// Subtree roots of each batch, by the position of its first event.
    let subtrees: [Int64: (count: Int, roots: [MerkleHash])]
    private let file: FileBytes
    private let sections: [PivotColumn: Range<Int>]

    /// - Returns: nil when the bytes are no index of a version that this build knows, or the checksum does not fit.
    init?(_ file: FileBytes) {
        self.file = file
        let bytes = file.bytes
        let bodySize = bytes.count - SHA256Digest.sizeBytes
        guard bodySize >= Self.headerSize, bytes.prefix(8).elementsEqual(Self.magic),
            SHA256.hash(UnsafeRawBufferPointer(rebasing: bytes[..<bodySize])).bytes.elementsEqual(bytes[bodySize...])
        else { return nil }
        var cursor = ByteCursor(bytes, at: 8, end: bodySize)
        guard cursor.u32() == UInt32(Self.version), let columnCount = cursor.u32(), let rowCount = cursor.u64(),
            let batchCount = cursor.u32(), rowCount <= UInt32.max
        else { return nil }
        self.rowCount = Int(rowCount)
        var sections: [PivotColumn: Range<Int>] = [:]
        for _ in 0..<columnCount {
            guard let nameSize = cursor.u8(), let name = cursor.take(Int(nameSize)), let size = cursor.u64(),
                let range = cursor.take(Int(clamping: size))
            else { return nil }
            // A column that this build does not know is passed over.
            if let pivot = PivotColumn(rawValue: String(decoding: bytes[name], as: UTF8.self)) { sections[pivot] = range }
        }
        self.sections = sections
        var subtrees: [Int64: (count: Int, roots: [MerkleHash])] = [:]
        for _ in 0..<batchCount {
            guard let firstSeq = cursor.u64(), let count = cursor.u32(), count <= StoreLimits.batchEvents else { return nil }
            let rootCount = (Int(count) + StoreLimits.subtreeLeaves - 1) / StoreLimits.subtreeLeaves
            guard let range = cursor.take(rootCount * MerkleHash.sizeBytes) else { return nil }
            let roots = stride(from: range.lowerBound, to: range.upperBound, by: MerkleHash.sizeBytes).compactMap {
                MerkleHash(bytes[$0..<$0 + MerkleHash.sizeBytes])
            }
            subtrees[Int64(clamping: firstSeq)] = (Int(count), roots)
        }
        guard cursor.isAtEnd else { return nil }
        self.subtrees = subtrees
    }

    /// Whether the file covers a column.
    func covers(_ column: PivotColumn) -> Bool { sections[column] != nil }

    /// The rows that hold a term, ascending, and whether they are sure to or only may; nil when the section is damaged.
    func rows(_ term: String, in column: PivotColumn) -> (rows: [Int], isExact: Bool)? {
        guard let range = sections[column], let first = range.first, let kind = SectionKind(rawValue: file.bytes[first]) else {
            return nil
        }
        let content = first + 1..<range.upperBound
        var term = term
        return term.withUTF8 { utf8 in
            let term = UnsafeRawBufferPointer(utf8)
            switch kind {
            case .terms:
                guard let section = TermSection(file.bytes, content) else { return nil }
                guard let place = section.find(term) else { return ([], true) }
                return section.rows(place, below: rowCount).map { ($0, true) }
            case .hashes:
                return HashSection(file.bytes, content)?.rows(CRC32.checksum(term), below: rowCount).map { ($0, false) }
            }
        }
    }

    /// Fingerprints and rows in buckets by hash.
    private struct HashSection {
        let bytes: UnsafeRawBufferPointer
        let entryCount: Int
        let bits: UInt32
        let ends: Int
        let entries: Int

        init?(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
            self.bytes = bytes
            var cursor = ByteCursor(bytes, at: range.lowerBound, end: range.upperBound)
            guard let count = cursor.u32(), let bits = cursor.u8(), bits <= 28, let ends = cursor.take(4 << Int(bits)),
                let entries = cursor.take(6 * Int(count)), cursor.isAtEnd
            else { return nil }
            entryCount = Int(count)
            self.bits = UInt32(bits)
            self.ends = ends.lowerBound
            self.entries = entries.lowerBound
        }

        func rows(_ hash: UInt32, below rowCount: Int) -> [Int]? {
            let bucket = Int(hash >> (32 - bits))
            func end(_ i: Int) -> Int { Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: ends + 4 * i, as: UInt32.self))) }
            let from = bucket == 0 ? 0 : end(bucket - 1)
            let to = end(bucket)
            guard from <= to, to <= entryCount else { return nil }
            var rows: [Int] = []
            for entry in from..<to {
                let at = entries + 6 * entry
                let fingerprint = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt16.self))
                guard fingerprint == UInt16(truncatingIfNeeded: hash) else { continue }
                let row = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 2, as: UInt32.self)))
                guard row < rowCount, rows.last.map({ $0 <= row }) ?? true else { return nil }
                if rows.last != row { rows.append(row) }
            }
            return rows
        }
    }

    /// One column's terms and rows.
    private struct TermSection {
        let bytes: UnsafeRawBufferPointer
        let termCount: Int
        let terms: Range<Int>
        let rowSets: Range<Int>
        let termEnds: Int
        let rowEnds: Int

        init?(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
            self.bytes = bytes
            var cursor = ByteCursor(bytes, at: range.lowerBound, end: range.upperBound)
            guard let count = cursor.u32(), let termSize = cursor.u32(), let rowSize = cursor.u32(),
                let termEnds = cursor.take(4 * Int(count)), let rowEnds = cursor.take(4 * Int(count)),
                let terms = cursor.take(Int(termSize)), let rowSets = cursor.take(Int(rowSize)), cursor.isAtEnd
            else { return nil }
            termCount = Int(count)
            self.termEnds = termEnds.lowerBound
            self.rowEnds = rowEnds.lowerBound
            self.terms = terms
            self.rowSets = rowSets
        }

        /// The place of a term, by binary search.
        func find(_ term: UnsafeRawBufferPointer) -> Int? {
            var low = 0
            var high = termCount
            while low < high {
                let middle = (low + high) / 2
                guard let range = slice(middle, ends: termEnds, of: terms) else { return nil }
                if bytes[range].lexicographicallyPrecedes(term) { low = middle + 1 } else { high = middle }
            }
            guard low < termCount, let range = slice(low, ends: termEnds, of: terms), bytes[range].elementsEqual(term) else {
                return nil
            }
            return low
        }

        func rows(_ place: Int, below rowCount: Int) -> [Int]? {
            guard let range = slice(place, ends: rowEnds, of: rowSets) else { return nil }
            var rows: [Int] = []
            var previous: UInt64 = 0
            var at = range.lowerBound
            while at < range.upperBound {
                var delta: UInt64 = 0
                var shift: UInt64 = 0
                while true {
                    guard at < range.upperBound, shift < 35 else { return nil }
                    let byte = bytes[at]
                    at += 1
                    delta |= UInt64(byte & 0x7F) << shift
                    shift += 7
                    if byte < 0x80 { break }
                }
                guard rows.isEmpty || delta > 0, previous + delta < rowCount else { return nil }
                previous += delta
                rows.append(Int(previous))
            }
            return rows
        }

        private func slice(_ place: Int, ends: Int, of area: Range<Int>) -> Range<Int>? {
            func end(_ i: Int) -> Int { Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: ends + 4 * i, as: UInt32.self))) }
            let from = place == 0 ? 0 : end(place - 1)
            let to = end(place)
            guard from <= to, to <= area.count else { return nil }
            return area.lowerBound + from..<area.lowerBound + to
        }
    }
}

/// Reads little-endian integers and ranges in order, never beyond the end.
struct ByteCursor {
    private let bytes: UnsafeRawBufferPointer
    private var at: Int
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer, at: Int, end: Int) {
        self.bytes = bytes
        self.at = at
        self.end = end
    }

    var isAtEnd: Bool { at == end }

    mutating func u8() -> UInt8? { take(1).map { bytes[$0.lowerBound] } }
    mutating func u32() -> UInt32? { integer() }
    mutating func u64() -> UInt64? { integer() }

    mutating func take(_ count: Int) -> Range<Int>? {
        guard count >= 0, count <= end - at else { return nil }
        defer { at += count }
        return at..<at + count
    }

    private mutating func integer<T: FixedWidthInteger>() -> T? {
        take(MemoryLayout<T>.size).map { T(littleEndian: bytes.loadUnaligned(fromByteOffset: $0.lowerBound, as: T.self)) }
    }
}
