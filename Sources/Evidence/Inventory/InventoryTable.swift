import AuditModel
import Cryptography

/// A row of an inventory, as expressions see it.
struct InventoryRow: Hashable, Sendable {
    let inventory: String
    /// Counts from 1, without the heading.
    let number: Int
    /// Line in the file, for messages.
    let line: Int
    /// The key's cells, people as tokens.
    let key: String
    let fields: [String: Value]

    static func == (a: InventoryRow, b: InventoryRow) -> Bool { a.inventory == b.inventory && a.number == b.number }
    func hash(into hasher: inout Hasher) {
        hasher.combine(inventory)
        hasher.combine(number)
    }
}

/// An inventory as one report reads it: typed rows, age, and what is wrong with it.
struct InventoryTable: Sendable {
    let need: InventoryNeed
    /// Nil where the folder has no such inventory.
    let file: Inventories.File?
    let rows: [InventoryRow]
    /// From the moment it describes to the period's end, in microseconds; negative where it was made later.
    let ageMicroseconds: Int64?
    let maxAgeMicroseconds: Int64?

    var isMissing: Bool { file == nil }

    var isStale: Bool {
        guard let age = ageMicroseconds, let maximum = maxAgeMicroseconds else { return false }
        return age > maximum
    }

    /// What makes a report incomplete that needs it, as a sentence; nil where nothing does.
    var problem: String? {
        guard need.need == .required else { return nil }
        if isMissing { return "There is no inventory \(need.name), which the report needs: \(need.why)." }
        guard isStale, let age = ageMicroseconds, let maximum = maxAgeMicroseconds else { return nil }
        return
            "The inventory \(need.name) was \(DurationText.show(age)) old at the end of the period, over the \(DurationText.show(maximum)) accepted."
    }

    /// What expressions ask of the inventory itself.
    func fact(_ name: String) -> Value {
        guard let file else { return name == "present" ? .truth(.no) : .missing }
        switch name {
        case "present": return .truth(.yes)
        case "owner": return .text(file.owner)
        case "as_of": return .time(file.asOf, bound: 0)
        case "age": return ageMicroseconds.map { .duration($0, bound: 0) } ?? .missing
        default: return .number(Int64(rows.count))
        }
    }

    /// Reads the columns that a definition names; people are looked up, never created.
    ///
    /// - Throws: ``EvidenceError``: `definition` with file, line and column of a cell that does not hold; `file` where the vault cannot be asked.
    init(
        _ need: InventoryNeed, file: Inventories.File?, period: Period, parameters: [String: Value], directory: PersonDirectory
    ) throws(EvidenceError) {
        self.need = need
        self.file = file
        if case .duration(let length, _)? = need.maxAge?.value(parameters) { maxAgeMicroseconds = length } else { maxAgeMicroseconds = nil }
        ageMicroseconds = file.map { period.end.microseconds - $0.asOf.microseconds }
        guard let file else {
            rows = []
            return
        }
        var places: [(column: InventoryNeed.Column, place: Int)] = []
        for column in need.columns {
            guard let place = file.header.firstIndex(of: column.name) else {
                throw EvidenceError(
                    .definition,
                    "the inventory `\(need.name)` has no column `\(column.name)`\(NearestName.hint(column.name, among: file.header))",
                    path: file.path, line: 1)
            }
            places.append((column, place))
        }
        let reader = InventoryCells(file: file, directory: directory)
        var rows: [InventoryRow] = []
        var keys: [String: Int] = [:]
        for (offset, row) in file.rows.enumerated() {
            var fields: [String: Value] = [:]
            for (column, place) in places {
                fields[column.name] = try reader.value(row.cells[place], column, line: row.line)
            }
            let key = need.key.map { ValueText.plain(fields[$0] ?? .missing) }.joined(separator: "/")
            if let earlier = keys[key] {
                throw EvidenceError(
                    .definition, "the row has the same \(need.key.joined(separator: " and ")) as that of line \(earlier)", path: file.path,
                    line: row.line)
            }
            keys[key] = row.line
            rows.append(InventoryRow(inventory: need.name, number: offset + 1, line: row.line, key: key, fields: fields))
        }
        self.rows = rows
    }
}

/// Turns cells of an inventory into values.
struct InventoryCells {
    let file: Inventories.File
    let directory: PersonDirectory

    func value(_ text: String, _ column: InventoryNeed.Column, line: Int) throws(EvidenceError) -> Value {
        guard !text.isEmpty else {
            guard column.mayBeEmpty else { throw wrong(column, line, "the cell is empty") }
            return .missing
        }
        switch column.type {
        case .text: return .text(text)
        case .person: return try person(text)
        case .list: return .list(text.split(separator: ";").map { String($0).trimmed }.filter { !$0.isEmpty })
        case .time, .date:
            guard let time = Timestamp(dateOrTime: text), column.type == .time || text.utf8.count == 10 else {
                throw wrong(column, line, "`\(text)` is not a \(column.type.rawValue) such as 2026-07-01\(column.type == .time ? "T08:00:00Z" : "")")
            }
            return .time(time, bound: 0)
        case .number:
            guard let number = Int64(text) else { throw wrong(column, line, "`\(text)` is not a whole number") }
            return .number(number)
        case .duration:
            guard let length = DurationText.parse(text) else { throw wrong(column, line, "`\(text)` is not a duration such as 24h") }
            return .duration(length, bound: 0)
        case .schedule:
            do { _ = try CronSchedule(text) } catch { throw wrong(column, line, error.message) }
            return .text(text)
        }
    }

    /// Whom a cell means. Whom the vault does not know stands for himself, and is printed as `unknown-<row>`: the first row that names him.
    func person(_ text: String) throws(EvidenceError) -> Value {
        do { if let (token, people) = try directory.named(text) { return .person(shown: token, people: people) } } catch {
            throw EvidenceError(.file, "the vault could not be asked who is meant", path: file.path, cause: error)
        }
        if Self.isPseudonym(text) { return .person(shown: text, people: ["\(file.name):\(text)"]) }
        let folded = text.lowercased()
        // The name itself joins inventories with each other; it is never written anywhere.
        return .person(shown: "unknown-\(file.firstRow[folded] ?? 0)", people: ["name:\(folded)"])
    }

    /// `unknown-7`: a person of a tokenized inventory whom nobody knew.
    static func isPseudonym(_ text: String) -> Bool {
        text.hasPrefix("unknown-") && text.count > 8 && text.dropFirst(8).allSatisfy { $0.isASCII && $0.isNumber }
    }

    private func wrong(_ column: InventoryNeed.Column, _ line: Int, _ message: String) -> EvidenceError {
        EvidenceError(.definition, "column `\(column.name)`: \(message)", path: file.path, line: line)
    }
}
