/// The header row of a CSV format.
extension RecordEvaluator {
    /// Whether a record is the header of its format; the order of columns is taken from the first one.
    @inline(__always)
    func takeHeader(_ record: ByteSlice, format: Int) throws(Rejection) -> Bool {
        plan.flatFormats.base[format].hasHeader ? try takeOwnHeader(record, format: format) : false
    }

    /// Whether a row cannot be the header again: its first column is not the header's.
    private func differs(_ row: ByteSlice, delimiter: UInt8, columns: [CSVColumn]) -> Bool {
        guard let first = columnOrder?.first, row.count > 0 else { return false }
        guard first >= 0 else { return true }
        let isQuoted = row[0] == UInt8(ascii: "\"")
        guard let end = isQuoted ? row.firstIndex(of: UInt8(ascii: "\""), from: 1) : row.firstIndex(of: delimiter) ?? row.count else { return false }
        return !row.sub(isQuoted ? 1 : 0, end).trimmed.isSame(as: columns[first].name)
    }

    private func takeOwnHeader(_ record: ByteSlice, format: Int) throws(Rejection) -> Bool {
        guard case .csv(let delimiter, let columns, true, _) = plan.formats[format].reading else { return false }
        if differs(record, delimiter: delimiter, columns: columns) { return false }
        var order: [Int] = []
        guard isValidUTF8(record) else {
            if columnOrder == nil { throw Rejection(reason: "the header is not valid UTF-8") }
            return false
        }
        let isWhole = CSVRow.columns(record, delimiter: delimiter, arena: arena) { _, name in
            let text = name.trimmed.text
            order.append(columns.firstIndex { $0.name == text } ?? -1)
        }
        // A file put together from several has the header again.
        if columnOrder != nil { return isWhole && order == columnOrder && !order.contains(-1) }
        let known = order.filter { $0 >= 0 }
        guard isWhole, !known.isEmpty, Set(known).count == known.count else {
            throw Rejection(reason: "CSV: the header does not name the expected columns")
        }
        let missing = plan.bodies[plan.formats[format].body].requirements.contains { requirement in
            columns.firstIndex { $0.slot == requirement.slot }.map { !known.contains($0) } ?? false
        }
        guard !missing else { throw Rejection(reason: "CSV: the header lacks a required column") }
        columnOrder = order
        return true
    }

    /// Whether saved column numbers fit this definition.
    func acceptsColumnOrder(_ order: [Int]) -> Bool {
        plan.formats.contains { format in
            guard case .csv(_, let columns, true, _) = format.reading else { return false }
            return !order.isEmpty && order.allSatisfy { $0 >= -1 && $0 < columns.count }
        }
    }
}

extension ByteSlice {
    /// Whether these are the bytes of a text.
    fileprivate func isSame(as text: String) -> Bool {
        text.utf8.count == count && text.utf8.elementsEqual(UnsafeBufferPointer(start: base, count: count))
    }
}
