import AuditModel
import Parquet

/// Rows of a segment as the format's page describes them, read with nothing but Parquet's decoding of columns: what the checker holds against
/// seals. The readers of queries have page caches, typed columns and late rows; none of that is used here, so that a mistake there cannot
/// hide itself.
///
/// Invariant: every column that is there has as many rows as ``count``; columns that the segment lacks are absent in every row.
struct SealedRows {
    /// Number of rows.
    let count: Int
    private let columns: [String: ParquetColumn]

    /// Columns with typed siblings (docs/formats/store.md).
    private static let typed: Set<String> = ["event_id", "session", "request", "trace", "job", "correlation"]

    /// Reads all columns for some rows of a row group.
    ///
    /// - Throws: `ParquetError`.
    init(_ reader: ParquetReader, rowGroup: Int, rows: Range<Int>) throws {
        var columns: [String: ParquetColumn] = [:]
        for (position, field) in reader.schema.fields.enumerated() {
            let column = try reader.readColumn(rowGroup: rowGroup, field: position, rows: rows)
            guard column.rowCount == rows.count else { throw ParquetError(.corrupt, "The column \(field.name) has another number of rows than others") }
            columns[field.name] = column
        }
        self.columns = columns
        count = rows.count
    }

    /// The row's own position; nil where it has none, which no segment may have.
    func seq(_ row: Int) -> Int64? { integer("seq", row) }

    /// The event in a row.
    ///
    /// - Throws: `ParquetError` where a value stands in several columns, or a list has not the leaves of the format.
    func event(_ row: Int) throws -> Event {
        guard let schema = integer("schema", row) else { throw ParquetError(.corrupt, "A row has no schema version") }
        var event = Event()
        event.schema = Int(schema)
        event.time = try time(row)
        event.timeBoundMicroseconds = integer("time_bound", row)
        event.observed = integer("observed", row).map { Timestamp(microseconds: $0) }
        event.approvalExpires = integer("approval.expires", row).map { Timestamp(microseconds: $0) }
        event.replaces = integer("replaces", row)
        for field in EventField.allCases {
            guard Self.typed.contains(field.name) else {
                event[field] = bytes(columns[field.name]?.leaves.first, row).map { String(decoding: $0, as: UTF8.self) }
                continue
            }
            let leaves = ["", ".uuid", ".prefix", ".hex", ".number"].map { columns[field.name + $0]?.leaves.first }
            event[field] = try Self.text(leaves, row, field.name)
        }
        event[.correlation] = try referred(
            event[.correlation], columns["correlation.field"]?.leaves.first, row, ["request", "trace", "job"], event)
        event.roles = try list("actor.roles", row, 1) { $0[0] }.compactMap { $0 }
        if let column = columns["targets"] {
            for element in column.elements(of: row) {
                let leaves = column.leaves
                guard leaves.count == 3 else { throw ParquetError(.corrupt, "targets have \(leaves.count) leaves") }
                event.targets.append(
                    Event.Target(
                        type: bytes(leaves[0], element).map { String(decoding: $0, as: UTF8.self) },
                        id: try targetID(leaves[1], element, row, event),
                        name: bytes(leaves[2], element).map { String(decoding: $0, as: UTF8.self) }))
            }
        }
        event.changes = try list("changes", row, 3) { Event.Change(field: $0[0] ?? "", before: $0[1], after: $0[2]) }
        for attribute in try list("attributes", row, 2, { ($0[0] ?? "", $0[1] ?? "") }) { event.setAttribute(attribute.0, attribute.1) }
        for place in 0..<10 {
            guard let value = bytes(columns["attributes.\(place).value"]?.leaves.first, row) else { continue }
            guard let name = bytes(columns["attributes.\(place).name"]?.leaves.first, row) else {
                throw ParquetError(.corrupt, "A value in attributes.\(place) has no name")
            }
            event.setAttribute(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
        for flag in try list("flags", row, 1, { $0[0] }) { if let flag { event.setFlag(flag) } }
        return event
    }

    /// Whole milliseconds, and the microseconds beyond them.
    private func time(_ row: Int) throws -> Timestamp? {
        let micros = integer("time.micros", row)
        guard let millis = integer("time", row) else {
            guard micros == nil else { throw ParquetError(.corrupt, "A row has microseconds and no time") }
            return nil
        }
        let (whole, isBeyond) = millis.multipliedReportingOverflow(by: 1_000)
        guard !isBeyond, (0...999).contains(micros ?? 0), whole <= Int64.max - 999 else {
            throw ParquetError(.corrupt, "A time and its microseconds do not fit")
        }
        return Timestamp(microseconds: whole + (micros ?? 0))
    }

    /// The id of a target: its own, in one of its forms, or that of the column of its row which it names.
    private func targetID(_ texts: LeafValues, _ element: Int, _ row: Int, _ event: Event) throws -> String? {
        let forms = try ["uuid", "prefix", "hex", "number", "field"].map { try beside("targets.id." + $0, row) }
        let own = try Self.text([texts] + forms[..<4], element, "targets.id")
        return try referred(own, forms[4], element, ["job", "session", "tenant", "request"], event)
    }

    /// The leaf of a list that says more of `targets`, nil where the row's is null. Its elements are those of `targets`.
    private func beside(_ name: String, _ row: Int) throws -> LeafValues? {
        guard let column = columns[name], !column.elements(of: row).isEmpty else { return nil }
        guard column.leaves.count == 1, column.elements(of: row) == columns["targets"]?.elements(of: row) else {
            throw ParquetError(.corrupt, "\(name) has other elements than targets")
        }
        return column.leaves[0]
    }

    /// A value, or that of the column of the row which `names` says in its place.
    private func referred(_ own: String?, _ names: LeafValues?, _ slot: Int, _ allowed: [String], _ event: Event) throws -> String? {
        guard let name = bytes(names, slot).map({ String(decoding: $0, as: UTF8.self) }) else { return own }
        guard own == nil, allowed.contains(name), let field = EventField.allCases.first(where: { $0.name == name }), let value = event[field] else {
            throw ParquetError(.corrupt, "A value refers to \(name), which the row does not say")
        }
        return value
    }

    private func integer(_ name: String, _ row: Int) -> Int64? { columns[name]?.leaves.first?.int64Values?[row] }

    private func list<Element>(_ name: String, _ row: Int, _ leafCount: Int, _ make: ([String?]) -> Element) throws -> [Element] {
        guard let column = columns[name] else { return [] }
        guard column.leaves.count == leafCount else { throw ParquetError(.corrupt, "\(name) has \(column.leaves.count) leaves") }
        return column.elements(of: row).map { element in
            make(column.leaves.map { bytes($0, element).map { String(decoding: $0, as: UTF8.self) } })
        }
    }

    private func bytes(_ leaf: LeafValues?, _ slot: Int) -> [UInt8]? { Self.bytes(leaf, slot) }

    private static func bytes(_ leaf: LeafValues?, _ slot: Int) -> [UInt8]? {
        guard let values = leaf?.byteValues else { return nil }
        let code = values.codes[slot]
        guard code != ByteValues.absent else { return nil }
        return values.dictionary.withBytes(Int(code)) { Array($0) }
    }

    /// The value of a column that may stand in typed siblings: text, uuid, prefix, hex, number.
    private static func text(_ leaves: [LeafValues?], _ slot: Int, _ name: String) throws -> String? {
        var found: [String] = []
        if let plain = bytes(leaves[0], slot) { found.append(String(decoding: plain, as: UTF8.self)) }
        if let uuid = bytes(leaves[1], slot) {
            let digits = Array(hex(uuid))
            guard digits.count == 32 else { throw ParquetError(.corrupt, "A uuid in \(name) has \(uuid.count) bytes") }
            found.append([0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: digits[$0], as: UTF8.self) }.joined(separator: "-"))
        }
        let prefix = bytes(leaves[2], slot)
        if let rest = bytes(leaves[3], slot) {
            found.append(String(decoding: (prefix ?? []) + hex(rest), as: UTF8.self))
        } else if prefix != nil {
            throw ParquetError(.corrupt, "A prefix in \(name) stands before nothing")
        }
        if let number = leaves[4]?.int64Values?[slot] { found.append(String(number)) }
        guard found.count <= 1 else { throw ParquetError(.corrupt, "A value of \(name) stands in several columns") }
        return found.first
    }

    private static func hex(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
