/// Checks that a column given to the writer fits its field, so that nothing behind it has to doubt its input.
struct ColumnCheck {
    let field: ParquetField
    let leaves: ArraySlice<ParquetLeaf>

    /// - Throws: ``ParquetError`` with `.invalidColumn` naming the field and the first rule that is broken.
    func check(_ column: ParquetColumn, rowCount: Int) throws(ParquetError) {
        guard column.leaves.count == leaves.count else {
            throw wrong("has \(column.leaves.count) leaves where the schema wants \(leaves.count)")
        }
        guard column.rowCount == rowCount else {
            throw wrong("has \(column.rowCount) rows where the first column has \(rowCount)")
        }
        let slotCount: Int
        if case .scalar = field.shape {
            guard column.offsets == nil, column.present == nil else { throw wrong("is scalar and must not have offsets") }
            slotCount = rowCount
        } else {
            slotCount = try checkOffsets(column, rowCount: rowCount)
        }
        for (leaf, values) in zip(leaves, column.leaves) {
            guard values.count == slotCount else {
                throw wrong("has \(values.count) values in \(leaf.dottedPath) where its rows want \(slotCount)")
            }
            try check(values, leaf)
        }
    }

    private func checkOffsets(_ column: ParquetColumn, rowCount: Int) throws(ParquetError) -> Int {
        guard let offsets = column.offsets, offsets.first == 0 else { throw wrong("needs offsets that begin with 0") }
        for row in 0..<rowCount where offsets[row] > offsets[row + 1] { throw wrong("has offsets that do not ascend") }
        if let present = column.present {
            guard field.isOptional || !present.contains(false) else { throw wrong("has absent lists but is required") }
            guard present.count == rowCount else { throw wrong("has \(present.count) presence flags for \(rowCount) rows") }
            for row in 0..<rowCount where !present[row] && offsets[row] != offsets[row + 1] {
                throw wrong("has elements in row \(row), whose list is absent")
            }
        }
        return Int(offsets[rowCount])
    }

    private func check(_ values: LeafValues, _ leaf: ParquetLeaf) throws(ParquetError) {
        switch (values, leaf.type) {
        case (.int64(let column), .int64), (.int64(let column), .timestampMicros), (.int64(let column), .timestampMillis):
            try check(present: column.present, column.values.count, leaf)
        case (.boolean(let column), .boolean):
            try check(present: column.present, column.values.count, leaf)
        case (.bytes(let column), .string), (.bytes(let column), .binary), (.bytes(let column), .fixed), (.bytes(let column), .uuid):
            try check(column, leaf)
        default:
            throw wrong("holds values of another type than the schema says for \(leaf.dottedPath)")
        }
    }

    private func check(present: [Bool]?, _ count: Int, _ leaf: ParquetLeaf) throws(ParquetError) {
        guard let present else { return }
        guard present.count == count else { throw wrong("has \(present.count) presence flags for \(count) values") }
        guard leaf.isOptional || !present.contains(false) else { throw wrong("has absent values in \(leaf.dottedPath), which is required") }
    }

    private func check(_ column: ByteValues, _ leaf: ParquetLeaf) throws(ParquetError) {
        let count = UInt32(truncatingIfNeeded: column.dictionary.count)
        var hasAbsent = false
        var isOutside = false
        for code in column.codes where code >= count {
            if code == ByteValues.absent { hasAbsent = true } else { isOutside = true }
        }
        guard !isOutside else { throw wrong("has codes outside its dictionary in \(leaf.dottedPath)") }
        guard leaf.isOptional || !hasAbsent else { throw wrong("has absent values in \(leaf.dottedPath), which is required") }
        if let length = leaf.type.fixedLength {
            let dictionary = column.dictionary
            guard (0..<dictionary.count).allSatisfy({ dictionary.byteCount($0) == length }) else {
                throw wrong("has values in \(leaf.dottedPath) that are not \(length) bytes long")
            }
        }
    }

    private func wrong(_ what: String) -> ParquetError {
        ParquetError(.invalidColumn, "The column \(field.name) \(what)")
    }
}
