import AuditModel
import Compression
import Cryptography
import Parquet
import TransparencyLog

/// Builds the index file beside a segment: which rows hold which term, and subtree roots of its batches.
///
/// The bytes are a function of the segment's rows alone, so an index can be rebuilt at any time (docs/formats/store.md).
struct SegmentIndexBuilder {
    private var terms = [TermRows](repeating: TermRows(), count: PivotColumn.allCases.count)
    private var batches: [(firstSeq: Int64, count: Int, roots: [MerkleHash])] = []
    private var rowCount = 0

    /// Adds the rows of one row group.
    ///
    /// - Parameter columns: in the order of ``SegmentSchema/parquet``.
    mutating func append(_ columns: [ParquetColumn]) {
        for (i, pivot) in PivotColumn.allCases.enumerated() {
            if let field = pivot.field {
                guard let values = columns[SegmentSchema.firstText + Int(field.rawValue)].leaves[0].byteValues else { continue }
                terms[i].append(values, firstRow: rowCount)
            } else {
                let column = columns[SegmentSchema.firstList + 1]
                guard let values = column.leaves[pivot == .targetID ? 1 : 2].byteValues else { continue }
                terms[i].append(values, elements: column, firstRow: rowCount)
            }
        }
        rowCount += columns[0].rowCount
    }

    /// Adds a batch.
    mutating func append(firstSeq: Int64, tree: BatchTree) {
        append(firstSeq: firstSeq, count: tree.count, roots: tree.subtreeRoots)
    }

    /// Adds a batch's subtree roots, made before.
    mutating func append(firstSeq: Int64, count: Int, roots: [MerkleHash]) {
        batches.append((firstSeq, count, roots))
    }

    /// The file.
    func bytes() -> [UInt8] {
        var out = SegmentIndex.magic
        out.appendLittleEndian(UInt32(SegmentIndex.version))
        out.appendLittleEndian(UInt32(PivotColumn.allCases.count))
        out.appendLittleEndian(UInt64(rowCount))
        out.appendLittleEndian(UInt32(batches.count))
        for (i, pivot) in PivotColumn.allCases.enumerated() {
            let name = Array(pivot.rawValue.utf8)
            let section = terms[i].section()
            out.append(UInt8(name.count))
            out += name
            out.appendLittleEndian(UInt64(section.count))
            out += section
        }
        for batch in batches {
            out.appendLittleEndian(UInt64(batch.firstSeq))
            out.appendLittleEndian(UInt32(batch.count))
            for root in batch.roots { out += root.bytes }
        }
        out += SHA256.hash(out).bytes
        return out
    }
}

/// The rows of each term of one column, gathered over row groups.
private struct TermRows {
    private var dictionary = ByteValuesBuilder()
    private var rows: [[UInt32]] = []

    mutating func append(_ values: ByteValues, firstRow: Int) {
        let known = codes(of: values)
        for (row, code) in values.codes.enumerated() where code != ByteValues.absent {
            rows[Int(known[Int(code)])].append(UInt32(firstRow + row))
        }
    }

    mutating func append(_ values: ByteValues, elements column: ParquetColumn, firstRow: Int) {
        let known = codes(of: values)
        for row in 0..<column.rowCount {
            for element in column.elements(of: row) where values.codes[element] != ByteValues.absent {
                let term = Int(known[Int(values.codes[element])])
                // One row may name a target twice.
                if rows[term].last != UInt32(firstRow + row) { rows[term].append(UInt32(firstRow + row)) }
            }
        }
    }

    /// For each entry of a row group's dictionary its place among the terms here.
    private mutating func codes(of values: ByteValues) -> [UInt32] {
        let codes = (0..<values.dictionary.count).map { i in
            values.dictionary.withBytes(i) { dictionary.code(of: $0) }
        }
        while rows.count < dictionary.values.dictionary.count { rows.append([]) }
        return codes
    }

    /// The section: hashes where most terms are in one row (ids), else terms.
    func section() -> [UInt8] {
        let termCount = rows.count { !$0.isEmpty }
        let entryCount = rows.reduce(0) { $0 + $1.count }
        let isMostlyUnique = termCount >= SegmentIndex.hashedTermCount && 2 * termCount > entryCount
        return isMostlyUnique ? hashedSection(entryCount) : termSection()
    }

    /// For each row the hash of its term, in buckets of about sixteen.
    private func hashedSection(_ entryCount: Int) -> [UInt8] {
        let all = dictionary.values.dictionary
        let bits = max(0, Int.bitWidth - 1 - entryCount.leadingZeroBitCount - 4)
        var entries: [(hash: UInt32, row: UInt32)] = []
        entries.reserveCapacity(entryCount)
        for (term, rows) in rows.enumerated() where !rows.isEmpty {
            let hash = all.withBytes(term) { CRC32.checksum($0) }
            for row in rows { entries.append((hash, row)) }
        }
        entries.sort { a, b in
            let (x, y) = (a.hash >> UInt32(32 - bits), b.hash >> UInt32(32 - bits))
            return (x, a.row, a.hash) < (y, b.row, b.hash)
        }
        var ends = [UInt32](repeating: 0, count: 1 << bits)
        for entry in entries { ends[Int(entry.hash >> UInt32(32 - bits))] += 1 }
        for i in 1..<max(1, ends.count) { ends[i] += ends[i - 1] }
        var out: [UInt8] = [SegmentIndex.SectionKind.hashes.rawValue]
        out.reserveCapacity(16 + 4 * ends.count + 6 * entryCount)
        out.appendLittleEndian(UInt32(entryCount))
        out.append(UInt8(bits))
        for end in ends { out.appendLittleEndian(end) }
        for entry in entries {
            out.appendLittleEndian(UInt16(truncatingIfNeeded: entry.hash))
            out.appendLittleEndian(entry.row)
        }
        return out
    }

    /// Terms sorted by bytes; terms that no row holds are left out.
    private func termSection() -> [UInt8] {
        let all = dictionary.values.dictionary
        let order = (0..<all.count).filter { !rows[$0].isEmpty }.sorted { a, b in
            all[a].lexicographicallyPrecedes(all[b])
        }
        var termBytes: [UInt8] = []
        var termEnds: [UInt32] = []
        var rowBytes: [UInt8] = []
        var rowEnds: [UInt32] = []
        for term in order {
            termBytes += all[term]
            termEnds.append(UInt32(termBytes.count))
            var previous: UInt32 = 0
            for row in rows[term] {
                rowBytes.appendVarint(row &- previous)
                previous = row
            }
            rowEnds.append(UInt32(rowBytes.count))
        }
        var out: [UInt8] = [SegmentIndex.SectionKind.terms.rawValue]
        out.appendLittleEndian(UInt32(order.count))
        out.appendLittleEndian(UInt32(termBytes.count))
        out.appendLittleEndian(UInt32(rowBytes.count))
        for end in termEnds { out.appendLittleEndian(end) }
        for end in rowEnds { out.appendLittleEndian(end) }
        return out + termBytes + rowBytes
    }
}

extension [UInt8] {
    /// Appends an integer, least significant byte first.
    mutating func appendLittleEndian<T: FixedWidthInteger>(_ value: T) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends an unsigned LEB128.
    mutating func appendVarint(_ value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}
