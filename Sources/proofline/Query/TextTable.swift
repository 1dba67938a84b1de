/// An aligned table for a terminal: columns as wide as their content, the widest ones cut with `…` to fit a width.
struct TextTable {
    /// Column titles.
    let titles: [String]
    /// Columns that may be cut, by position; others keep their width.
    var flexible: Set<Int> = []
    private(set) var rows: [[String]] = []

    init(titles: [String], flexible: Set<Int> = []) {
        self.titles = titles
        self.flexible = flexible
    }

    /// Adds a row with as many cells as there are titles. Control characters show as `·`, so that no log line can steer a terminal.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == titles.count, "a row has as many cells as there are titles")
        rows.append(cells.map(Self.printable))
    }

    /// The lines of the table, titles first, without a trailing space.
    ///
    /// - Parameter width: Terminal columns to fit into; nil for no limit.
    func lines(width: Int?) -> [String] {
        var widths = titles.indices.map { column in
            ([titles] + rows).map { Self.columns(of: $0[column]) }.max() ?? 0
        }
        if let width { fit(&widths, into: width) }
        return ([titles] + rows).map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let cut = Self.cut(cell, to: widths[column])
                line += cut
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - Self.columns(of: cut) + 2) }
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// The same table without the columns in which every cell is empty.
    func withoutEmptyColumns() -> TextTable {
        let kept = titles.indices.filter { column in rows.isEmpty || rows.contains { !$0[column].isEmpty } }
        var table = TextTable(titles: kept.map { titles[$0] })
        table.flexible = Set(kept.indices.filter { flexible.contains(kept[$0]) })
        table.rows = rows.map { row in kept.map { row[$0] } }
        return table
    }

    private func fit(_ widths: inout [Int], into width: Int) {
        let available = width - 2 * (titles.count - 1)
        var excess = widths.reduce(0, +) - available
        while excess > 0 {
            guard let widest = flexible.filter({ widths[$0] > 8 }).max(by: { (widths[$0], $1) < (widths[$1], $0) }) else { return }
            let next = flexible.filter { $0 != widest }.map { widths[$0] }.max() ?? 8
            let step = max(1, min(excess, widths[widest] - max(next, 8)))
            widths[widest] -= step
            excess -= step
        }
    }

    /// The text with `·` in place of everything that steers a terminal, line ends included.
    static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "·" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }

    /// Terminal columns of a text: two for wide East Asian characters and emoji, none for combining marks.
    static func columns(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
    }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    private static func cut(_ text: String, to width: Int) -> String {
        guard columns(of: text) > width else { return text }
        var result = ""
        var used = 0
        for character in text {
            let next = columns(of: String(character))
            if used + next > width - 1 { break }
            result.append(character)
            used += next
        }
        return result + "…"
    }
}
