import AuditModel
import Parquet

/// Ids of targets that another column of the same row says too: they are kept as that column's name.
///
/// A job's log names the job as what was acted on; a second copy of random bytes would cost as much as the first. One column is looked for in
/// each row group, by a sample. Owns the buffers that ``rest`` and ``input`` lend.
final class TargetReferences {
    private let codes: UnsafeMutableBufferPointer<UInt32>
    private let restCodes: UnsafeMutableBufferPointer<UInt32>
    private let name = TextColumn()
    private let slots: TextSlots

    /// - Parameters:
    ///   - slots: The ids, one a target.
    ///   - offsets: For each row of the row group, and the end, its first target.
    /// - Returns: nil where it does not pay.
    init?(_ slots: TextSlots, _ offsets: UnsafeBufferPointer<UInt32>, _ block: EventBlock, _ rows: Range<Int>) {
        guard slots.codes.count > 0, slots.isDistinct == false || slots.entryCount > 64,
            let field = Self.field(slots, offsets, block, rows)
        else { return nil }
        self.slots = slots
        codes = .allocate(capacity: slots.codes.count)
        restCodes = .allocate(capacity: slots.codes.count)
        let code = name.code(of: field.name)
        let column = block[field]
        var row = 0
        while row < rows.count {
            var slot = Int(offsets[row])
            let end = Int(offsets[row &+ 1])
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

    /// The ids that no other column says.
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
        _ slots: TextSlots, _ offsets: UnsafeBufferPointer<UInt32>, _ block: EventBlock, _ rows: Range<Int>
    ) -> EventField? {
        let step = max(1, rows.count / 256)
        return SegmentSchema.referredFields.first { field in
            let column = block[field]
            guard column.count > rows.lowerBound, column.entryCount > 0 else { return false }
            var sampled = 0
            var same = 0
            for row in stride(from: 0, to: rows.count, by: step) where offsets[row + 1] > offsets[row] {
                sampled += 1
                if isSame(slots, Int(offsets[row]), column, rows.lowerBound + row) { same += 1 }
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
    /// Ids of targets with those that refer to another column of their row.
    ///
    /// - Parameters:
    ///   - texts: The ids that refer to none.
    ///   - offsets: For each row of the page, and the end, its first target.
    func targetIDs(_ texts: PageCodes, references: PageCodes, offsets: [UInt32]) throws -> PageCodes {
        var columns: [UInt32: PageCodes] = [:]
        let names = try references.entries()
        _ = try texts.entries()
        let writer = TextWriter(slots: references.count)
        for row in 0..<offsets.count - 1 {
            for slot in Int(offsets[row])..<Int(offsets[row + 1]) {
                let reference = references[slot]
                if reference == PageCodes.absent {
                    writer.append(texts, slot)
                    continue
                }
                guard texts[slot] == PageCodes.absent else { throw corrupt("The id of a target stands in two columns") }
                let column = try columns[reference] ?? referred(names.string(Int(reference)), rows: offsets.count - 1)
                columns[reference] = column
                guard column[row] != PageCodes.absent else { throw corrupt("The id of a target refers to a column without a value") }
                writer.append(column, row)
            }
        }
        return writer.finish()
    }

    private func referred(_ name: String, rows: Int) throws -> PageCodes {
        let codes = try codes(.text(try field(name)), slots: rows)
        _ = try codes.entries()
        return codes
    }

    private func field(_ name: String) throws -> EventField {
        guard let field = SegmentSchema.referredFields.first(where: { $0.name == name }) else {
            throw corrupt("The id of a target refers to another column than the format lets it")
        }
        return field
    }

    /// References of which few are wanted.
    func referencePoints(_ codes: PageCodes, _ fields: [EventField: PagePoints]) throws -> ReferencePoints {
        let names = try codes.entries()
        return ReferencePoints(
            codes: codes,
            columns: try (0..<names.count).map { number in
                let field = try field(names.string(number))
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
}
