import Parquet
import TransparencyLog

/// Puts an index file together (docs/formats/index.md). Its bytes are a function of the segment's bytes, rows and seals alone.
struct IndexWriter {
    /// What the header says of the segment.
    var rowCount: Int
    var firstSeq: Int64
    var rowGroupCount: Int
    var areas: [IndexArea]
    /// Batches in order of their positions.
    var batches: [(firstSeq: Int64, tree: BatchTree)]

    /// The file beside these segment bytes, and the checksum that the catalogue keeps of it.
    func file(segment: [UInt8]) -> (bytes: [UInt8], check: UInt64) {
        let all = areas + [subtrees(), Self.blocks(of: segment)]
        var out: [UInt8] = []
        out.reserveCapacity(all.reduce(8_192) { $0 + $1.bytes.count + 64 })
        out += IndexFormat.magic
        out.appendInteger(UInt32(IndexFormat.version))
        out.appendInteger(UInt32(StoreLimits.pageRows))
        out.appendInteger(UInt64(rowCount))
        out.appendInteger(firstSeq)
        out.appendInteger(UInt64(segment.count))
        out.appendInteger(UInt32(rowGroupCount))
        out.appendInteger(UInt32(all.count))
        out += [UInt8](repeating: 0, count: IndexFormat.headerBytes - out.count)
        var place = IndexFormat.aligned(IndexFormat.headerBytes + all.count * IndexFormat.entryBytes)
        for area in all {
            out.appendInteger(area.kind.rawValue)
            out.appendInteger(area.family)
            out.appendInteger(area.rowGroup)
            out.appendInteger(UInt64(place))
            out.appendInteger(UInt64(area.bytes.count))
            out.appendInteger(UInt32(area.width))
            out.appendInteger(UInt32(area.depth))
            place = IndexFormat.aligned(place + area.bytes.count)
        }
        for area in all {
            Self.pad(&out, to: IndexFormat.aligned(out.count))
            out += area.bytes
        }
        let block = IndexFormat.blockBytes
        Self.pad(&out, to: (out.count + block - 1) / block * block)
        let checks = Self.checks(out)
        let check = checks.withUnsafeBytes { XXH64.hash($0) }
        let blockCount = out.count / block
        out += checks
        var trailer: [UInt8] = []
        trailer.appendInteger(UInt64(blockCount))
        trailer.appendInteger(check)
        trailer += IndexFormat.magic
        trailer.appendInteger(trailer.withUnsafeBytes { XXH64.hash($0) })
        return (out + trailer, check)
    }

    /// The batches: 16 bytes each (position, count, number of the first root), then all roots.
    private func subtrees() -> IndexArea {
        var table: [UInt8] = []
        var roots: [UInt8] = []
        for batch in batches {
            table.appendInteger(batch.firstSeq)
            table.appendInteger(UInt32(batch.tree.count))
            table.appendInteger(UInt32(roots.count / MerkleHash.sizeBytes))
            for root in batch.tree.subtreeRoots { roots += root.bytes }
        }
        return IndexArea(
            kind: .subtrees, family: 0, width: batches.count, depth: roots.count / MerkleHash.sizeBytes, bytes: table + roots)
    }

    private static func blocks(of segment: [UInt8]) -> IndexArea {
        let bytes = checks(segment)
        return IndexArea(kind: .segmentBlocks, family: 0, width: bytes.count / 8, depth: 1, bytes: bytes)
    }

    /// The checksum of each block, the last of which may be shorter.
    private static func checks(_ bytes: [UInt8]) -> [UInt8] {
        var checks: [UInt8] = []
        checks.reserveCapacity(bytes.count / IndexFormat.blockBytes * 8 + 8)
        bytes.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                let end = min(start + IndexFormat.blockBytes, bytes.count)
                checks.appendInteger(XXH64.hash(UnsafeRawBufferPointer(rebasing: bytes[start..<end])))
                start = end
            }
        }
        return checks
    }

    private static func pad(_ bytes: inout [UInt8], to count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
    }
}

/// Sizes and marks of index files.
enum IndexFormat {
    static let magic: [UInt8] = Array("PLINDEX2".utf8)
    static let version = 2
    static let headerBytes = 64
    static let entryBytes = 32
    static let trailerBytes = 32
    /// Bytes under one checksum.
    static let blockBytes = 4_096

    /// Areas begin at multiples of 64.
    static func aligned(_ place: Int) -> Int { (place + 63) & ~63 }
}

extension [UInt8] {
    mutating func appendInteger<Number: FixedWidthInteger>(_ value: Number) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
