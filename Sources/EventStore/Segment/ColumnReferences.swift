import AuditModel
import Parquet

/// Values of a column that another column of the same row says too: they are kept as that column's name.
///
/// A job's log names the job as what was acted on, and many a source has one id for its request and for what correlates it; a second copy of random
/// bytes would cost as much as the first. One column is looked for in each row group, by a sample. Owns the buffers that ``rest`` and ``input`` lend.
final class ColumnReferences {
    private let codes: UnsafeMutableBufferPointer<UInt32>
    private let restCodes: UnsafeMutableBufferPointer<UInt32>
    private let name = TextColumn()
    private let slots: TextSlots

    /// - Parameters:
    ///   - slots: The values, one a row or one a list's element.
    ///   - offsets: For each row of the row group, and the end, its first element; nil where slots are rows.
    ///   - referred: Columns that values may refer to.
    /// - Returns: nil where it does not pay.
    init?(_ slots: TextSlots, _ offsets: UnsafeBufferPointer<UInt32>?, _ block: EventBlock, _ rows: Range<Int>, _ referred: [EventField]) {
        guard slots.codes.count > 0, slots.isDistinct == false || slots.entryCount > 64,
            let field = Self.field(slots, offsets, block, rows, referred)
        else { return nil }
        self.slots = slots
        codes = .allocate(capacity: slots.codes.count)
        restCodes = .allocate(capacity: slots.codes.count)
        let code = name.code(of: field.name)
        let column = block[field]
        var row = 0
        while row < rows.count {
            var slot = offsets.map { Int($0[row]) } ?? row
            let end = offsets.map { Int($0[row &+ 1]) } ?? row &+ 1
            while slot < end {
                let isSame = Self.isSame(slots, slot, column, rows.lowerBound &+ row)
                codes[slot] = isSame ? code : TextColumn.absent
                restCodes[slot] = isSame ? TextColumn.absent : slots.codes[slot]
                slot &+= 1
            }
            row &+= 1
        }
    }

    deinit {
        codes.deallocate()
        restCodes.deallocate()
    }

    /// The values that no other column says.
    var rest: TextSlots {
        TextSlots(codes: UnsafeBufferPointer(restCodes), bytes: slots.bytes, offsets: slots.offsets, isDistinct: slots.isDistinct)
    }

    /// The names of columns.
    var input: ParquetLeafInput {
        .bytes(
            codes: UnsafeBufferPointer(codes), entryBytes: name.entryBytes, entryOffsets: name.entryOffsets, entries: .distinct)
    }

    /// The column that says the same in three quarters of a sample.
    private static func field(
        _ slots: TextSlots, _ offsets: UnsafeBufferPointer<UInt32>?, _ block: EventBlock, _ rows: Range<Int>, _ referred: [EventField]
    ) -> EventField? {
        let step = max(1, rows.count / 256)
        return referred.first { field in
            let column = block[field]
            guard column.count > rows.lowerBound, column.entryCount > 0 else { return false }
            var sampled = 0
            var same = 0
            for row in stride(from: 0, to: rows.count, by: step) {
                let slot = offsets.map { Int($0[row]) } ?? row
                if let offsets, Int(offsets[row + 1]) == slot { continue }
                if slots.codes[slot] == TextColumn.absent { continue }
                sampled += 1
                if isSame(slots, slot, column, rows.lowerBound + row) { same += 1 }
            }
            return same > 0 && same * 4 >= sampled * 3
        }
    }

    @inline(__always)
    private static func isSame(_ slots: TextSlots, _ slot: Int, _ column: TextColumn, _ row: Int) -> Bool {
        guard row < column.count, slots.codes[slot] != TextColumn.absent, column.codes[row] != TextColumn.absent else { return false }
        let id = slots.entry(slots.codes[slot])
        let other = column.entry(column.codes[row])
        return id.count == other.count && TermHash.areEqual(id, other)
    }
}

extension PageDecoder {
    /// Values of a column with those that refer to another column of their row.
    ///
    /// - Parameters:
    ///   - texts: The values that refer to none.
    ///   - column: The column whose values they are.
    ///   - offsets: For each row of the page, and the end, its first element; nil where slots are rows.
    func resolved(_ texts: PageCodes, references: PageCodes, of column: SegmentColumn, offsets: [UInt32]?) throws -> PageCodes {
        var columns: [UInt32: PageTexts] = [:]
        let names = try references.entries()
        if offsets == nil, let reference = references.constant, reference != PageCodes.absent, texts.constant == PageCodes.absent {
            // All rows refer to one column: its page is this one.
            let told = try referred(names.string(Int(reference)), column, rows: references.count)
            if told.isPageLocal {
                for row in 0..<told.count where told[row] == PageCodes.absent { throw corrupt("A value refers to a column without one") }
                return told
            }
            columns[reference] = try PageTexts(told)
        }
        let texts = try PageTexts(texts)
        let writer = TextWriter(slots: references.count)
        let rowCount = offsets.map { $0.count - 1 } ?? references.count
        for row in 0..<rowCount {
            for slot in offsets.map({ Int($0[row])..<Int($0[row + 1]) }) ?? row..<row + 1 {
                let reference = references[slot]
                if reference == PageCodes.absent {
                    writer.append(texts, slot)
                    continue
                }
                guard !texts.isPresent(slot) else { throw corrupt("A value stands in two columns") }
                let told = try columns[reference] ?? PageTexts(referred(names.string(Int(reference)), column, rows: rowCount))
                columns[reference] = told
                guard told.isPresent(row) else { throw corrupt("A value refers to a column without one") }
                writer.append(told, row)
            }
        }
        return writer.finish()
    }

    private func referred(_ name: String, _ column: SegmentColumn, rows: Int) throws -> PageCodes {
        let field = try field(name, column)
        let codes = wanted == nil ? try reader.wholeCodes(field, rowGroup: rowGroup, page: page) : try codes(.text(field), slots: rows)
        guard codes.count == rows else { throw corrupt("A value refers to a column with other rows") }
        return codes
    }

    /// The field that a value of a column refers to.
    func field(_ name: String, _ column: SegmentColumn) throws -> EventField {
        guard let field = column.referred.first(where: { $0.name == name }) else {
            throw corrupt("A value refers to another column than the format lets it")
        }
        return field
    }

    /// The one field that all rows of this page refer to, nil where they do not.
    func uniformReference(_ column: SegmentColumn, slots: Int) throws -> EventField? {
        guard file.use(column.leaf, rowGroup: rowGroup) == .absent, column.typed(file, rowGroup) == nil,
            let names = try optionalCodes(column.reference, slots), let code = names.constant, code != PageCodes.absent
        else { return nil }
        return try field(names.entries().string(Int(code)), column)
    }

    /// References of which few rows are wanted.
    ///
    /// - Parameter fields: Fields of the same rows that were read already.
    func referencePoints(_ codes: PageCodes, _ column: SegmentColumn, _ fields: [EventField: PagePoints]) throws -> ReferencePoints {
        let names = try codes.entries()
        return ReferencePoints(
            codes: codes,
            columns: try (0..<names.count).map { number in
                let field = try field(names.string(number), column)
                return try fields[field] ?? PagePoints(self, field)
            })
    }
}

/// Ids of targets of a page that refer to another column of their row, of which few are wanted.
struct ReferencePoints {
    /// One a target.
    let codes: PageCodes
    /// By code.
    let columns: [PagePoints]

    /// The column that the id of a target refers to, nil where it refers to none.
    @inline(__always)
    func column(_ element: Int) -> PagePoints? {
        let code = codes[element]
        return code == PageCodes.absent ? nil : columns[Int(code)]
    }
}

/// A list of a page of which few rows are wanted.
struct ListPoints {
    /// For each row, and the end, its first element.
    let offsets: [UInt32]
    let members: [PagePoints]
    /// Whether rows are the wanted ones alone, or else those of the whole page.
    let isNarrow: Bool
    var references: ReferencePoints?
    /// Attributes with columns of their own, by name.
    var columns: [(name: [UInt8], values: PagePoints)] = []
    /// The name of each element of the map, where there are such columns.
    var names: [[UInt8]] = []
}
