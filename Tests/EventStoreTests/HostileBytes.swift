import AuditModel
import Cryptography
import DurableIO
@testable import EventStore
@testable import Parquet
@testable import TransparencyLog

/// What readers of files do with bytes that anybody may have made: the bodies of the fuzz targets in Fuzz/, and of the test that replays what they
/// kept. They end; answers and errors are alike to them.
enum HostileBytes {
    /// A Parquet file: footer, indexes, filters, every column and every page.
    static func parquet(_ bytes: [UInt8]) {
        var limits = ParquetReaderLimits()
        limits.pageBytes = 1 << 20
        limits.rowGroupRows = 1 << 14
        limits.chunkValues = 1 << 16
        guard let reader = try? ParquetReader(ParquetBytes(bytes), limits: limits) else { return }
        for group in reader.rowGroups.indices.prefix(4) {
            for field in reader.schema.fields.indices.prefix(16) { _ = try? reader.readColumn(rowGroup: group, field: field) }
            for leaf in reader.schema.leaves.indices.prefix(16) {
                _ = try? reader.pageIndex(rowGroup: group, leaf: leaf)
                _ = try? reader.bloomFilter(rowGroup: group, leaf: leaf)
                _ = try? reader.dictionary(rowGroup: group, leaf: leaf)
                for page in 0..<min(16, (try? reader.pageLayout(rowGroup: group, leaf: leaf)?.count) ?? 0) {
                    _ = try? reader.page(rowGroup: group, leaf: leaf, page: page)
                }
            }
        }
    }

    /// An index file: as it is, and as a body that was given right checksums, which no flipped byte gets past.
    static func index(_ bytes: [UInt8]) {
        ask(SegmentIndex(FileBytes(bytes), check: nil))
        let block = IndexFormat.blockBytes
        let body = bytes + [UInt8](repeating: 0, count: max(block, (bytes.count + block - 1) / block * block) - bytes.count)
        var table: [UInt8] = []
        for start in stride(from: 0, to: body.count, by: block) { append(body[start..<start + block].withUnsafeBytes { XXH64.hash($0) }, to: &table) }
        var trailer: [UInt8] = []
        append(UInt64(body.count / block), to: &trailer)
        append(table.withUnsafeBytes { XXH64.hash($0) }, to: &trailer)
        trailer += IndexFormat.magic
        append(trailer.withUnsafeBytes { XXH64.hash($0) }, to: &trailer)
        ask(SegmentIndex(FileBytes(body + table + trailer), check: nil))
    }

    private static func ask(_ index: SegmentIndex?) {
        guard let index else { return }
        for rowGroup in 0..<2 {
            for pageCount in [1, 3, 64] {
                for family in TermFamily.allCases {
                    _ = index.pages(mayHold: 0x1234_5678_9ABC_DEF0, family: family, rowGroup: rowGroup, pageCount: pageCount)
                }
                Array("login failed".utf8).withUnsafeBytes { _ = index.pages(mayContain: $0, rowGroup: rowGroup, pageCount: pageCount) }
            }
        }
        _ = index.subtreeRoots(firstSeq: index.firstSeq)
        _ = [UInt8](repeating: 0, count: min(max(0, index.segmentBytes), 1 << 16)).withUnsafeBytes { index.segmentChecks($0)?.areRight(0..<$0.count) }
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }

    /// A run of duplicate keys: as it is, and with a directory and a record that fit its bytes.
    static func duplicates(_ bytes: [UInt8]) {
        guard let header = bytes.withUnsafeBytes({ DuplicateRunFormat.Header($0) }) else { return }
        var file = bytes
        open(file, header)
        for block in 0..<header.blockCount {
            let start = DuplicateRunFormat.headerBytes + block * header.blockStride
            let sum = file[start..<start + header.bytes(ofBlock: block)].withUnsafeBytes { DuplicateRunFormat.sum($0) }
            let entry = header.directoryOffset + block * DuplicateRunFormat.directoryEntryBytes
            withUnsafeBytes(of: sum) { file.replaceSubrange(entry + 8..<entry + 16, with: $0) }
        }
        open(file, header)
    }

    private static func open(_ bytes: [UInt8], _ header: DuplicateRunFormat.Header) {
        var file = bytes
        let end = file.count - SHA256Digest.sizeBytes
        let digest = SHA256.hash(Array(file[..<DuplicateRunFormat.headerBytes] + file[header.directoryOffset..<end]))
        file.replaceSubrange(end..., with: digest.bytes)
        let files = SimulatedFileSystem()
        let layout = StoreLayout(directory: "/s")
        let record = DuplicateRunRecord(
            id: 1, count: header.count, minDay: header.minDay, maxDay: header.maxDay, sizeBytes: Int64(file.count), sha256: digest)
        guard (try? files.createDirectory("/s")) != nil, (try? files.createDirectory(layout.duplicates)) != nil,
            (try? files.createFile(layout.duplicateRun(1), file)) != nil, let run = try? DuplicateRun(record, layout: layout, fileSystem: files)
        else { return }
        let keys = [0, 1, 0x4242_4242_4242_4242, .max - 1, .max].enumerated().map { OrderedDuplicateKey(id: $0.element, bytes: 7, place: UInt32($0.offset), day: 0) }
        var marks = [UInt8](repeating: 0, count: keys.count)
        keys.withUnsafeBufferPointer { keys in marks.withUnsafeMutableBufferPointer { marks in
            guard let start = marks.baseAddress else { return }
            _ = try? run.find(keys, start)
        } }
        guard var cursor = try? DuplicateRun.Cursor(run) else { return }
        while !cursor.isAtEnd, (try? cursor.advance()) != nil { _ = cursor.day }
    }

    /// What the log consists of: entries (seals among them) as canonical JSON, bundles of entries, checkpoints, notes and proofs.
    static func entries(_ bytes: [UInt8]) {
        if let json = try? JSONValue(parsing: bytes) {
            // What was read can be written, and reads again as the same.
            let canonical = json.canonicalBytes
            guard let again = try? JSONValue(parsing: canonical), again.canonicalBytes == canonical else { fatalError("canonical JSON does not read again") }
        }
        for count in [1, 3, 256] as [UInt64] { _ = EntryBundle.entries(bytes, count: count) }
        _ = MerkleFrontier(serialized: bytes)
        _ = try? Checkpoint(text: bytes)
        _ = try? TLogProof(parsing: bytes)
        if let note = try? SignedNote(parsing: bytes) { _ = try? Checkpoint(note: note) }
    }
}
