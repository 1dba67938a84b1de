/// A CSV file of a pack (RFC 4180, line feeds): header and rows.
struct CSVTable {
    let header: [String]
    let rows: [[String]]

    /// Nil when the bytes are no UTF-8, a quote does not end, or a row has another number of cells than the header.
    init?(_ bytes: [UInt8]) {
        guard bytes.last == 0x0a, String(validating: bytes, as: UTF8.self) != nil, let lines = Self.parse(bytes),
            let header = lines.first, lines.allSatisfy({ $0.count == header.count })
        else { return nil }
        self.header = header
        rows = Array(lines.dropFirst())
    }

    private static func parse(_ bytes: [UInt8]) -> [[String]]? {
        var lines: [[String]] = []
        var line: [String] = []
        var cell: [UInt8] = []
        var isQuoted = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if isQuoted {
                if byte != 0x22 {
                    cell.append(byte)
                } else if index < bytes.count, bytes[index] == 0x22 {
                    cell.append(byte)
                    index += 1
                } else {
                    isQuoted = false
                }
                continue
            }
            switch byte {
            case 0x22:
                guard cell.isEmpty else { return nil }
                isQuoted = true
            case 0x2c, 0x0a:
                line.append(String(decoding: cell, as: UTF8.self))
                cell = []
                guard byte == 0x0a else { continue }
                lines.append(line)
                line = []
            default: cell.append(byte)
            }
        }
        return isQuoted || !line.isEmpty || !cell.isEmpty ? nil : lines
    }

    /// The value of a cell that may carry the apostrophe that keeps spreadsheets from running it.
    static func unescaped(_ cell: String) -> String {
        guard cell.utf8.first == 0x27, let second = cell.unicodeScalars.dropFirst().first,
            ["=", "+", "-", "@", "\t", "\r"].contains(second)
        else { return cell }
        return String(cell.dropFirst())
    }
}
