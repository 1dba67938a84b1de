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

    /// The rows that hold a term, ascending; nil when the section is damaged.
    func rows(_ term: String, in column: PivotColumn) -> [Int]? {
        guard let range = sections[column], let section = Section(file.bytes, range) else { return nil }
        var term = term
        let place = term.withUTF8 { section.find(UnsafeRawBufferPointer($0)) }
        guard let place else { return [] }
        return section.rows(place, below: rowCount)
    }

    /// One column's terms and rows.
    private struct Section {
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
