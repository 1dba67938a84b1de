import AuditModel
import Cryptography
import DurableIO
import GRDB
import Parquet
import TransparencyLog

extension StoreCheck {
    /// One batch as its seal describes it.
    private struct SealedBatch {
        let logIndex: UInt64
        let firstSeq: Int64
        let count: Int
        let rowsRoot: String?
    }

    /// Every segment: checksums, footer, rows, roots, index; then bindings and leftovers.
    mutating func checkSegments(_ db: Database) throws {
        var batches: [Int64: [SealedBatch]] = [:]
        let placed = try Row.fetchCursor(db, sql: "SELECT log_index, segment, count FROM batch ORDER BY log_index")
        while let row = try placed.next() {
            let index = UInt64(try row.count("log_index"))
            guard let seal = seals[index], let count = seal["count"]?.integer, count > 0 else { continue }
            if removed[index]?.count == Int(clamping: count) {
                if try row.optionalInteger("segment") != nil { find(.catalogue, "the batch at log index \(index) has no row left and a segment") }
                try checkDeletedBatch(index, seal)
                continue
            }
            guard let segment = try row.optionalInteger("segment") else {
                find(.segment, "the rows of the batch at log index \(index) are in no segment")
                continue
            }
            batches[segment, default: []].append(
                SealedBatch(
                    logIndex: index, firstSeq: seal["firstSeq"]?.integer ?? 0, count: Int(clamping: count),
                    rowsRoot: seal["rowsRoot"]?.string))
        }
        let segments = try Row.fetchAll(db, sql: "SELECT * FROM segment ORDER BY id")
        var names: Set<String> = []
        for (done, row) in segments.enumerated() {
            let id = try row.count("id")
            names.formUnion(["\(StoreLayout.name(id)).parquet", "\(StoreLayout.name(id)).idx"])
            try checkSegment(id, row, batches.removeValue(forKey: id) ?? [])
            progress(done + 1, segments.count)
        }
        for id in batches.keys.sorted() { find(.segment, "segment \(id) is not in the catalogue", layout.segment(id)) }
        try checkBindings()
        for id in try Int64.fetchAll(db, sql: "SELECT id FROM replaced_segment") {
            names.formUnion(["\(StoreLayout.name(id)).parquet", "\(StoreLayout.name(id)).idx"])
        }
        report.leftovers = (try? files.list(layout.segments))?.filter { !names.contains($0) }.map { "\(layout.segments)/\($0)" } ?? []
    }

    private mutating func checkSegment(_ id: Int64, _ row: Row, _ batches: [SealedBatch]) throws {
        report.segments += 1
        let path = layout.segment(id)
        if let damage = try row.optionalText("damage") { find(.segment, "quarantined: \(damage)", path) }
        guard let bytes = try? files.readFile(path) else { return find(.segment, "the file cannot be read", path) }
        if SHA256.hash(bytes).bytes != (try row.blob("sha256")) { find(.segment, "the file is not the one that was committed", path) }
        let indexBytes = try? files.readFile(layout.index(id))
        if indexBytes.map({ SHA256.hash($0).bytes }) != (try row.blob("index_sha256")) {
            find(.index, "the index file is missing or changed: it can be rebuilt", layout.index(id))
        }
        do {
            let reader = try ParquetReader(ParquetBytes(bytes))
            checkFooter(reader, batches, path)
            try checkRows(try SegmentRecord(row), batches, path)
        } catch {
            find(.segment, "it cannot be read: \(error)", path)
        }
        if (try row.count("row_count")) != batches.reduce(0, { $0 + Int64(rowCount(of: $1)) }) {
            find(.catalogue, "segment \(id) has another number of rows than its seals", layout.catalogue)
        }
    }

    /// Rows of a batch that must be there.
    private func rowCount(of batch: SealedBatch) -> Int { batch.count - (removed[batch.logIndex]?.count ?? 0) }

    /// The hashes that stand for a batch without rows give the root in its seal.
    private mutating func checkDeletedBatch(_ index: UInt64, _ seal: JSONValue) throws {
        guard let rows = removed[index] else { return }
        let tree = MerkleTree(size: rows.count, leaves: [], pruned: rows.subtrees)
        if tree?.root.hex != seal["rowsRoot"]?.string {
            find(.retention, "what is kept of the deleted batch at log index \(index) does not give the root in its seal", layout.catalogue)
        }
    }

    /// The footer's seals are those of the log, byte for byte.
    private mutating func checkFooter(_ reader: ParquetReader, _ batches: [SealedBatch], _ path: String) {
        let expected = batches.map { batch -> JSONValue in
            ["entry": seals[batch.logIndex] ?? .null, "logIndex": .integer(Int64(batch.logIndex))]
        }
        let text = reader.metadata(SegmentSchema.Footer.seals) ?? ""
        if Array(text.utf8) != JSONValue.array(expected).canonicalBytes {
            find(.segment, "the seals in its footer are not those of the log", path)
        }
        if reader.rowCount != batches.reduce(0, { $0 + Int64(rowCount(of: $1)) }) {
            find(.segment, "it has \(reader.rowCount) rows, its seals another number", path)
        }
    }

    /// Decodes every row, leads batches to their roots, and builds the index again.
    private mutating func checkRows(_ record: SegmentRecord, _ batches: [SealedBatch], _ path: String) throws {
        let pool = SegmentPool(StoreOptions())
        let file = try pool.file(record, layout: layout, files: files)
        let segment = SegmentReader(record, file: file, cache: pool.cache, seqEnd: .max)
        var events: [Int64: Event] = [:]
        for stored in try segment.events(in: 0..<segment.visibleRowCount) {
            if events.updateValue(stored.event, forKey: stored.seq) != nil { find(.rows, "position \(stored.seq) is there twice", path) }
        }
        report.rows += segment.visibleRowCount
        for batch in batches {
            guard let salt = try salts(batch.firstSeq) else {
                report.rowsWithoutSalt += rowCount(of: batch)
                continue
            }
            var leaves: [(index: Int, hash: MerkleHash)] = []
            for index in 0..<batch.count where !(removed[batch.logIndex]?.contains(index) ?? false) {
                guard let event = events[batch.firstSeq + Int64(index)] else {
                    find(.rows, "position \(batch.firstSeq + Int64(index)) is missing", path)
                    break
                }
                leaves.append((index, .leaf(BatchLeaves.line(event, batchSalt: salt, index: index))))
            }
            if MerkleTree(size: batch.count, leaves: leaves, pruned: removed[batch.logIndex]?.subtrees ?? [])?.root.hex != batch.rowsRoot {
                find(.rows, "the rows of the batch at log index \(batch.logIndex) do not give the root in its seal", path)
            }
        }
    }

    /// The side files of commitments, against the seals that name their roots.
    private mutating func checkBindings() throws {
        for (index, seal) in seals.sorted(by: { $0.key < $1.key }) {
            guard let root = seal["bindingsRoot"]?.string else { continue }
            let path = layout.bindings(firstSeq: seal["firstSeq"]?.integer ?? -1)
            guard let bytes = try? files.readFile(path) else {
                find(.bindings, "the file is missing; the seal at log index \(index) names it", path)
                continue
            }
            let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
            let found = MerkleTree.root(of: lines.map { MerkleHash.leaf(Array($0)) })
            if bytes.last != 0x0A || found.hex != root || seal["bindingsCount"]?.integer != Int64(lines.count) {
                find(.bindings, "it does not give the root in the seal at log index \(index)", path)
            }
        }
    }
}
