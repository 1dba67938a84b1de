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
            let times = try checkRows(reader, batches, path)
            try checkSegmentRow(
                row, batches.map { ($0.logIndex, $0.firstSeq..<$0.firstSeq + Int64($0.count)) }, times: times, bytes: bytes, indexBytes: indexBytes?.count)
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

    /// Decodes every row, a few pages at a time, and leads batches to their roots.
    ///
    /// - Returns: earliest and latest time in the rows, microseconds; nil where no row has one.
    private mutating func checkRows(_ reader: ParquetReader, _ batches: [SealedBatch], _ path: String) throws -> ClosedRange<Int64>? {
        var times: ClosedRange<Int64>?
        let ordered = batches.sorted { $0.firstSeq < $1.firstSeq }
        let batchSalts = try ordered.map { try salts($0.firstSeq) }
        var leaves = ordered.map { [MerkleHash?](repeating: nil, count: $0.count) }
        for group in reader.rowGroups.indices {
            let rowCount = reader.rowGroups[group].rowCount
            for start in stride(from: 0, to: rowCount, by: 4_096) {
                let rows = try SealedRows(reader, rowGroup: group, rows: start..<min(start + 4_096, rowCount))
                for row in 0..<rows.count {
                    let event = try rows.event(row)
                    if let time = event.time?.microseconds { times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time) }
                    guard let seq = rows.seq(row), let place = Self.place(of: seq, ordered) else {
                        find(.rows, "a row has the position \(rows.seq(row).map(String.init) ?? "none"), which no seal of this segment has", path)
                        continue
                    }
                    let index = Int(seq - ordered[place].firstSeq)
                    if leaves[place][index] != nil { find(.rows, "position \(seq) is there twice", path) }
                    leaves[place][index] = batchSalts[place].map { .leaf(BatchLeaves.line(event, batchSalt: $0, index: index)) } ?? .empty
                }
            }
            report.rows += rowCount
        }
        for (place, batch) in ordered.enumerated() { checkRoot(batch, leaves[place], hasSalt: batchSalts[place] != nil, path) }
        return times
    }

    private static func place(of seq: Int64, _ batches: [SealedBatch]) -> Int? {
        let place = batches.partitioningIndex { $0.firstSeq > seq } - 1
        guard place >= 0, seq - batches[place].firstSeq < Int64(batches[place].count) else { return nil }
        return place
    }

    /// Rows that are there and hashes that stand for deleted ones give the root in the seal.
    private mutating func checkRoot(_ batch: SealedBatch, _ found: [MerkleHash?], hasSalt: Bool, _ path: String) {
        let gone = removed[batch.logIndex]
        var leaves: [(index: Int, hash: MerkleHash)] = []
        for (index, hash) in found.enumerated() {
            let isRemoved = gone?.contains(index) ?? false
            if let hash, !isRemoved {
                leaves.append((index, hash))
            } else if hash != nil || !isRemoved {
                find(.rows, "position \(batch.firstSeq + Int64(index)) is \(hash == nil ? "missing" : "there, and was deleted")", path)
                if hash == nil { break }
            }
        }
        guard hasSalt else {
            report.rowsWithoutSalt += rowCount(of: batch)
            return
        }
        if MerkleTree(size: batch.count, leaves: leaves, pruned: gone?.subtrees ?? [])?.root.hex != batch.rowsRoot {
            find(.rows, "the rows of the batch at log index \(batch.logIndex) do not give the root in its seal", path)
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
