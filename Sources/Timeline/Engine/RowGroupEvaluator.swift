import AuditModel
import EventStore
import Parquet

/// Evaluates a filter over the columns of one row group: a pattern is compared with each dictionary entry once, then codes
/// decide. No event is built.
///
/// It must give what ``ResolvedFilter/matches(_:)`` gives on the built events; a test holds them together.
struct RowGroupEvaluator {
    let reader: SegmentReader
    let rowGroup: Int
    private var count: Int { reader.rowGroups[rowGroup].rows.count }

    init(reader: SegmentReader, rowGroup: Int) {
        self.reader = reader
        self.rowGroup = rowGroup
    }

    /// The rows that match, counted from the row group's start.
    func rows(matching filter: Filter) throws -> RowMask {
        switch filter {
        case .all: return RowMask(count: count, all: true)
        case .and(let filters):
            var mask = RowMask(count: count, all: true)
            for inner in filters {
                if mask.isEmpty { break }
                mask.formIntersection(try rows(matching: inner))
            }
            return mask
        case .or(let filters):
            var mask = RowMask(count: count, all: false)
            for inner in filters { mask.formUnion(try rows(matching: inner)) }
            return mask
        case .not(let inner):
            var mask = try rows(matching: inner)
            mask.invert()
            return mask
        case .time(let from, let until): return try rows(from: from, until: until)
        case .field(let selector, let pattern): return try rows(selector, matching: pattern.matches)
        case .word(let word):
            let lower = word.utf8.map(TextPattern.lowercased)
            return try rowsAnywhere { TextPattern.contains(lower, in: $0) }
        }
    }

    private func rows(from: Timestamp?, until: Timestamp?) throws -> RowMask {
        let times = try reader.integers("time", rowGroup: rowGroup)
        return RowMask(
            (0..<count).map { row in
                guard let time = times[row] else { return false }
                return from.map { time >= $0.microseconds } ?? true && until.map { time < $0.microseconds } ?? true
            })
    }

    private func rows(_ selector: FieldSelector, matching test: (UnsafeBufferPointer<UInt8>) -> Bool) throws -> RowMask {
        switch selector {
        case .fields(let fields):
            var mask = RowMask(count: count, all: false)
            for field in fields { mask.formUnion(Self.slots(try reader.strings(field, rowGroup: rowGroup), test)) }
            return mask
        case .target: return try rows(of: "targets", leaves: [0, 1, 2], test)
        case .targetMember(let member): return try rows(of: "targets", leaves: [Self.leaf(member)], test)
        case .role: return try rows(of: "actor.roles", leaves: [0], test)
        case .flag: return try rows(of: "flags", leaves: [0], test)
        case .change: return try rows(of: "changes", leaves: [0], test)
        case .attribute(let name): return try rows(ofAttribute: name, test)
        }
    }

    private func rowsAnywhere(_ test: (String) -> Bool) throws -> RowMask {
        let onBytes: (UnsafeBufferPointer<UInt8>) -> Bool = { test(String(decoding: $0, as: UTF8.self)) }
        var mask = RowMask(count: count, all: false)
        for field in EventField.allCases { mask.formUnion(Self.slots(try reader.strings(field, rowGroup: rowGroup), onBytes)) }
        mask.formUnion(try rows(of: "targets", leaves: [0, 1, 2], onBytes))
        mask.formUnion(try rows(of: "attributes", leaves: [1], onBytes))
        mask.formUnion(try rows(of: "changes", leaves: [0, 1, 2], onBytes))
        mask.formUnion(try rows(of: "actor.roles", leaves: [0], onBytes))
        return mask
    }

    /// Members of `targets` stand as type, id, name; those of `changes` as field, before, after.
    private static func leaf(_ member: FieldSelector.TargetMember) -> Int {
        switch member {
        case .type: 0
        case .id: 1
        case .name: 2
        }
    }

    private func rows(of list: String, leaves: [Int], _ test: (UnsafeBufferPointer<UInt8>) -> Bool) throws -> RowMask {
        let column = try reader.column(list, rowGroup: rowGroup)
        var elements: RowMask?
        for leaf in leaves {
            guard leaf < column.leaves.count, let values = column.leaves[leaf].byteValues else { continue }
            let slots = Self.slots(values, test)
            if elements == nil { elements = slots } else { elements?.formUnion(slots) }
        }
        return rows(of: column, holding: elements)
    }

    private func rows(ofAttribute name: String, _ test: (UnsafeBufferPointer<UInt8>) -> Bool) throws -> RowMask {
        let column = try reader.column("attributes", rowGroup: rowGroup)
        guard column.leaves.count == 2, let keys = column.leaves[0].byteValues, let values = column.leaves[1].byteValues else {
            return RowMask(count: count, all: false)
        }
        let wanted = Array(name.utf8)
        var elements = Self.slots(keys) { $0.elementsEqual(wanted) }
        elements.formIntersection(Self.slots(values, test))
        return rows(of: column, holding: elements)
    }

    private func rows(of column: ParquetColumn, holding elements: RowMask?) -> RowMask {
        guard let elements else { return RowMask(count: count, all: false) }
        return RowMask((0..<count).map { row in column.elements(of: row).contains { elements.bits[$0] } })
    }

    private static func slots(_ values: ByteValues, _ test: (UnsafeBufferPointer<UInt8>) -> Bool) -> RowMask {
        var verdicts: [Bool] = []
        verdicts.reserveCapacity(values.dictionary.count)
        for index in 0..<values.dictionary.count {
            verdicts.append(values.dictionary.withBytes(index) { test($0.assumingMemoryBound(to: UInt8.self)) })
        }
        return RowMask(values.codes.map { $0 != ByteValues.absent && verdicts[Int($0)] })
    }
}
