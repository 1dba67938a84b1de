extension ChartData.Grid {
    /// What stands for the rows or columns that are not drawn by themselves.
    private static func rest(_ count: Int) -> String { "\(ValueText.grouped(Int64(count))) others" }

    /// At most so many rows and columns: those with most exceptions, then with the largest values; the others are added up in one.
    func bounded(rows rowLimit: Int, columns columnLimit: Int) -> Self {
        guard rows.count > rowLimit || columns.count > columnLimit else { return self }
        let keptRows = Self.kept(rows, rowLimit) { row in columns.map { cell(row, $0) } }
        let keptColumns = Self.kept(columns, columnLimit) { column in rows.map { cell($0, column) } }
        let otherRow = Self.rest(rows.count - keptRows.count), otherColumn = Self.rest(columns.count - keptColumns.count)
        var smaller = self
        smaller.rows = keptRows.ordered + (keptRows.count < rows.count ? [otherRow] : [])
        smaller.columns = keptColumns.ordered + (keptColumns.count < columns.count ? [otherColumn] : [])
        smaller.cells = [:]
        for (row, line) in cells {
            let row = keptRows.names.contains(row) ? row : otherRow
            for (column, cell) in line {
                let column = keptColumns.names.contains(column) ? column : otherColumn
                smaller.cells[row, default: [:]][column, default: Cell()].add(cell)
            }
        }
        return smaller
    }

    private struct Kept {
        let ordered: [String]
        let names: Set<String>
        var count: Int { ordered.count }
    }

    private static func kept(_ names: [String], _ limit: Int, _ cells: (String) -> [Cell]) -> Kept {
        guard names.count > limit else { return Kept(ordered: names, names: Set(names)) }
        let weighed = names.map { name in
            var sum = Cell()
            for cell in cells(name) { sum.add(cell) }
            return (name: name, sum: sum)
        }
        let first = weighed.sorted {
            ($1.sum.exceptions, $1.sum.value, $1.sum.items, $0.name) < ($0.sum.exceptions, $0.sum.value, $0.sum.items, $1.name)
        }.prefix(max(1, limit - 1)).map(\.name)
        let chosen = Set(first)
        return Kept(ordered: names.filter(chosen.contains), names: chosen)
    }
}

extension ChartData.Grid.Cell {
    /// Adds up, and stays at the largest number where a sum is larger.
    mutating func add(_ other: Self) {
        add(value: other.value)
        items += other.items
        exceptions += other.exceptions
        undecided += other.undecided
    }

    mutating func add(value other: Int64) {
        let (sum, overflow) = value.addingReportingOverflow(other)
        value = overflow ? (other < 0 ? .min : .max) : sum
    }
}
