/// Reads CSV as people and spreadsheets write it (RFC 4180; LF or CRLF; a byte order mark is passed over).
enum CSVReader {
    /// The lines with their numbers, empty ones left out.
    ///
    /// - Throws: ``EvidenceError`` with code `definition`, path and line.
    static func rows(_ bytes: [UInt8], path: String) throws(EvidenceError) -> [(line: Int, cells: [String])] {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw EvidenceError(.definition, "the file is not UTF-8; save it as CSV in UTF-8", path: path)
        }
        var rows: [(line: Int, cells: [String])] = []
        var cells: [String] = []
        var cell: [UInt8] = []
        var isQuoted = false, wasQuoted = false
        var line = 1, firstLine = 1
        func text() -> String {
            let text = String(decoding: cell, as: UTF8.self)
            return wasQuoted ? text : text.trimmed
        }
        var i = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while i < bytes.count {
            let byte = bytes[i]
            i += 1
            if byte == 0x0A { line += 1 }
            if isQuoted {
                if byte != 0x22 {
                    cell.append(byte)
                } else if i < bytes.count, bytes[i] == 0x22 {
                    cell.append(byte)
                    i += 1
                } else {
                    isQuoted = false
                }
                continue
            }
            switch byte {
            case 0x22 where cell.isEmpty && !wasQuoted:
                isQuoted = true
                wasQuoted = true
            case 0x22: throw EvidenceError(.definition, "a quote stands inside a cell; quote the whole cell", path: path, line: line)
            case 0x2C:
                cells.append(text())
                cell = []
                wasQuoted = false
            case 0x0D where i == bytes.count || bytes[i] == 0x0A: break
            case 0x0A:
                cells.append(text())
                if cells != [""] { rows.append((firstLine, cells)) }
                (cells, cell, wasQuoted, firstLine) = ([], [], false, line)
            default:
                guard !wasQuoted else { throw EvidenceError(.definition, "text follows a closing quote", path: path, line: line) }
                cell.append(byte)
            }
        }
        guard !isQuoted else { throw EvidenceError(.definition, "a quote is never closed", path: path, line: firstLine) }
        if !cell.isEmpty || !cells.isEmpty || wasQuoted { rows.append((firstLine, cells + [text()])) }
        return rows
    }
}
