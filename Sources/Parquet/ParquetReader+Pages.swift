/// Reading page by page: what queries use.
extension ParquetReader {
    /// Which rows the pages of a leaf hold; nil where the file has no offset index for it.
    ///
    /// - Throws: ``ParquetError``; `.outOfRange` if there is no such row group or leaf.
    public func pageLayout(rowGroup: Int, leaf: Int) throws(ParquetError) -> ParquetPageLayout? {
        guard let index = try pageIndex(rowGroup: rowGroup, leaf: leaf) else { return nil }
        return ParquetPageLayout(starts: index.pages.map(\.rows.lowerBound) + [rowGroups[rowGroup].rowCount])
    }

    /// The dictionary of a leaf of byte strings; nil where it has none. Decoded at each call: keep it.
    ///
    /// - Throws: ``ParquetError``; `.outOfRange` if there is no such row group or leaf.
    public func dictionary(rowGroup: Int, leaf: Int) throws(ParquetError) -> ParquetEntries? {
        guard rowGroups.indices.contains(rowGroup), schema.leaves.indices.contains(leaf) else {
            throw ParquetError(.outOfRange, "There is no row group \(rowGroup) with a leaf \(leaf)")
        }
        guard rowGroups[rowGroup].chunks[leaf].hasDictionary, let values = try leafValues(rowGroup, leaf, nil).values.byteValues else {
            return nil
        }
        return ParquetEntries(storage: values.dictionary.bytes, starts: values.dictionary.offsets, gap: 0)
    }

    /// Decodes one page of a leaf and verifies its checksum.
    ///
    /// - Parameter page: Position in ``pageLayout(rowGroup:leaf:)``.
    /// - Throws: ``ParquetError``; `.outOfRange` if there is no such row group, leaf or page, `.unsupported` if the file has no offset
    ///   index for the leaf.
    public func page(rowGroup: Int, leaf: Int, page: Int) throws(ParquetError) -> ParquetPage {
        guard let layout = try pageLayout(rowGroup: rowGroup, leaf: leaf) else {
            throw ParquetError(.unsupported, "The leaf \(schema.leaves[leaf].dottedPath) has no offset index; read it whole")
        }
        guard (0..<layout.count).contains(page) else { throw ParquetError(.outOfRange, "There is no page \(page) of \(layout.count)") }
        let rows = layout.rows(ofPage: page)
        let (column, values) = try leafValues(rowGroup, leaf, rows)
        let lists: ParquetPageLists? = column.offsets.map { .offsets($0, present: column.present.map { $0.map { $0 ? 1 : 0 } }) }
        switch values {
        case .boolean(let all):
            let bits = all.values.indices.map { slot in all[slot].map { $0 ? 1 as UInt8 : 0 } ?? 255 }
            return ParquetPage(rows: rows, lists: lists, values: .boolean(bits))
        case .int64(let all):
            var present = all.present.map { _ in [UInt64](repeating: 0, count: (all.values.count + 63) / 64) }
            var integers = all.values
            for slot in integers.indices {
                if all[slot] != nil { present?[slot >> 6] |= 1 << UInt64(slot & 63) } else { integers[slot] = .min }
            }
            return ParquetPage(rows: rows, lists: lists, values: .int64(.values(integers, present: present)))
        case .bytes(let all):
            let codes = ParquetCodes.u32(all.codes)
            if all.isDictionaryDistinct { return ParquetPage(rows: rows, lists: lists, values: .codes(codes)) }
            let entries = ParquetEntries(storage: all.dictionary.bytes, starts: all.dictionary.offsets, gap: 0)
            return ParquetPage(rows: rows, lists: lists, values: .entries(codes, entries))
        }
    }

    private func leafValues(
        _ rowGroup: Int, _ leaf: Int, _ rows: Range<Int>?
    ) throws(ParquetError) -> (column: ParquetColumn, values: LeafValues) {
        guard let field = schema.leafRanges.firstIndex(where: { $0.contains(leaf) }) else {
            throw ParquetError(.outOfRange, "There is no leaf \(leaf)")
        }
        let column = try readColumn(rowGroup: rowGroup, field: field, rows: rows)
        return (column, column.leaves[leaf - schema.leafRanges[field].lowerBound])
    }
}
