/// Collects the bounds of pages for a chunk's column index.
struct PageBoundsCollector {
    private var ascends = true
    private var descends = true
    private var previous = PageExtremes.none

    /// Notes the next page; a bound that cannot be stored takes the whole index away.
    mutating func note(_ found: PageExtremes, nullCount: Int, chunk: ChunkPages.Chunk, in parts: inout EncodedChunkParts) {
        let leaf = chunk.content.byteLeaf
        let bounds = found.bounds(leaf: leaf, isText: chunk.leaf.type == .string)
        guard found == .none || (bounds.lower != nil && bounds.upper != nil) else {
            parts.columnIndex = nil
            return
        }
        if found != .none {
            let order = previous.order(to: found, leaf: leaf)
            ascends = ascends && order.ascends
            descends = descends && order.descends
            previous = found
        }
        parts.columnIndex?.nullPages.append(found == .none)
        parts.columnIndex?.minimums.append(bounds.lower?.bound ?? [])
        parts.columnIndex?.maximums.append(bounds.upper?.bound ?? [])
        parts.columnIndex?.nullCounts.append(Int64(nullCount))
        parts.columnIndex?.order = ascends ? .ascending : descends ? .descending : .unordered
    }
}
