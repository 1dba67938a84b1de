import AuditModel
import Cryptography
import DurableIO
import Parquet
import TransparencyLog

/// The bytes of a segment, its index and its batches' bindings, and how they reach the disk before the commit.
struct SegmentFiles {
    /// A batch with rows.
    struct Batch {
        var firstSeq: Int64
        var draft: BatchDraft
        var tree: BatchTree
        var logIndex: UInt64
        var entry: [UInt8]
    }

    let parquet: [UInt8]
    let index: [UInt8]

    /// Encodes batches with consecutive positions. Batches share row groups up to ``StoreLimits/batchEvents`` rows.
    static func encode(_ batches: [Batch]) throws -> SegmentFiles {
        do {
            var options = ParquetWriterOptions()
            options.bloomFilterFields = SegmentSchema.bloomFilterFields
            let writer = try ParquetWriter(schema: SegmentSchema.parquet, options: options)
            var index = SegmentIndexBuilder()
            var rest = batches[...]
            while let first = rest.first {
                var group = [first]
                var rowCount = first.draft.eventCount
                rest.removeFirst()
                while let next = rest.first, rowCount + next.draft.eventCount <= StoreLimits.batchEvents {
                    group.append(next)
                    rowCount += next.draft.eventCount
                    rest.removeFirst()
                }
                let columns = columns(of: group, rowCount: rowCount)
                try writer.appendRowGroup(columns)
                index.append(columns)
            }
            for batch in batches { index.append(firstSeq: batch.firstSeq, tree: batch.tree) }
            writer.keyValueMetadata = metadata(batches)
            return SegmentFiles(parquet: try writer.finish(), index: index.bytes())
        } catch {
            throw StoreError(.invalidDraft, "the events cannot be written as columns", cause: error)
        }
    }

    private static func columns(of batches: [Batch], rowCount: Int) -> [ParquetColumn] {
        var columns = EventColumns(capacity: rowCount)
        for batch in batches {
            for (i, event) in batch.draft.events.enumerated() { columns.append(event, seq: batch.firstSeq + Int64(i)) }
        }
        return columns.columns()
    }

    private static func metadata(_ batches: [Batch]) -> [(key: String, value: String)] {
        let seals = batches.map { batch in
            let text = String(decoding: batch.entry, as: UTF8.self)
            return #"{"entry":\#(text),"logIndex":\#(batch.logIndex)}"#
        }
        return [
            (SegmentSchema.Footer.version, String(SegmentSchema.version)),
            (SegmentSchema.Footer.order, "seq"),
            (SegmentSchema.Footer.firstSeq, String(batches.first?.firstSeq ?? 0)),
            (SegmentSchema.Footer.rowCount, String(batches.reduce(0) { $0 + $1.draft.eventCount })),
            (SegmentSchema.Footer.seals, "[" + seals.joined(separator: ",") + "]"),
        ]
    }
}

/// The side file with the commitments of a batch's new tokens (docs/formats/seal.md).
enum BindingsFile {
    /// One canonical JSON line per binding, sorted by the bytes of the token.
    static func lines(_ bindings: [TokenBinding]) -> [[UInt8]] {
        bindings.sorted { $0.token.utf8.lexicographicallyPrecedes($1.token.utf8) }.map { binding in
            let json: JSONValue = ["token": .string(binding.token), "commitment": .string(Hex.encode(binding.commitment))]
            return json.canonicalBytes
        }
    }

    /// RFC 6962 root over the lines; nil when there are none.
    static func root(_ lines: [[UInt8]]) -> MerkleHash? {
        lines.isEmpty ? nil : MerkleTree.root(of: lines.map { MerkleHash.leaf($0) })
    }

    /// The file: each line ended by a line feed.
    static func bytes(_ lines: [[UInt8]]) -> [UInt8] {
        lines.flatMap { $0 + [0x0A] }
    }
}
