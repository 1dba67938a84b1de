public import AuditModel
import Parquet

/// The work of encoding one row group, cut into tasks that any thread may do in any order.
///
/// ``run(_:_:)`` on each of ``taskCount`` tasks, then ``finish(_:)``. Nobody may change the block meanwhile.
public final class RowGroupEncoding: Sendable {
    /// What a task made.
    public struct Part: Sendable {
        let task: Int
        var chunks: [ParquetEncodedChunk] = []
        var areas: [IndexArea] = []
    }

    private enum Task {
        case integers
        case text(EventField)
        case list(SegmentList)
        case filters(TermFamily)
        case grams
    }

    private let block: EventBlock
    private let rows: Range<Int>
    private let tasks: [Task]

    /// - Parameter rows: Rows of the block, one at least, ``StoreLimits/rowGroupRows`` at most.
    public init(_ block: EventBlock, rows: Range<Int>) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= block.rowCount && !rows.isEmpty, "a row group has rows of its block")
        self.block = block
        self.rows = rows
        // What takes long comes first, so that threads end together.
        tasks = TermFamily.allCases.map { .filters($0) } + SegmentSchema.typedFields.map { .text($0) } + [.list(.targets), .list(.attributes)]
            + [.grams, .integers]
            + EventField.allCases.filter { !SegmentSchema.typedFields.contains($0) }.map { .text($0) }
            + [.list(.roles), .list(.changes), .list(.flags)]
    }

    /// How many tasks there are.
    public var taskCount: Int { tasks.count }

    /// What a task is about, for measuring.
    public func taskName(_ task: Int) -> String { String(describing: tasks[task]) }

    func run(_ task: Int, _ encoder: ParquetChunkEncoder) throws -> Part {
        var part = Part(task: task)
        switch tasks[task] {
        case .integers: part.chunks = try integers(encoder)
        case .text(let field):
            part.chunks = try text(field, encoder)
            if let pivot = PivotColumn(rawValue: field.name) {
                part.areas = TextSlots.with(block[field], rows) { EntryEnds.area(pivot, $0, rowOffsets: nil) }.map { [$0] } ?? []
            }
        case .list(.flags): part.chunks = [try flags(encoder)]
        case .list(.attributes): part.chunks = try attributes(encoder)
        case .list(let list):
            part.chunks = try self.list(list, encoder)
            if list == .targets {
                let offsets = UnsafeBufferPointer(rebasing: block.targets.offsets[rows.lowerBound...rows.upperBound])
                part.areas = TextSlots.with(block.targets.members[2], Int(offsets[0])..<Int(offsets[rows.count])) {
                    EntryEnds.area(.targetName, $0, rowOffsets: offsets)
                }.map { [$0] } ?? []
            }
        case .filters(let family): part.areas = FilterBuilder(family, block, rows).areas()
        case .grams: part.areas = GramFilterBuilder.area(block[.message], rows: rows).map { [$0] } ?? []
        }
        return part
    }

    /// Puts the parts together.
    ///
    /// - Precondition: There is one part of each task.
    public func finish(_ parts: [Part]) -> EncodedRowGroup {
        precondition(Set(parts.map(\.task)).count == taskCount && parts.count == taskCount, "one part of each task is needed")
        var chunks = [ParquetEncodedChunk?](repeating: nil, count: SegmentSchema.parquet.leaves.count)
        for chunk in parts.flatMap(\.chunks) { chunks[chunk.leaf] = chunk }
        return EncodedRowGroup(
            block: block, rows: rows, chunks: chunks, areas: parts.sorted { $0.task < $1.task }.flatMap(\.areas))
    }

    // MARK: Columns

    private func integers(_ encoder: ParquetChunkEncoder) throws -> [ParquetEncodedChunk] {
        let columns: [(SegmentInteger, IntegerColumn)] = [
            (.schema, block.schema), (.timeBound, block.timeBound), (.observed, block.observed),
            (.approvalExpires, block.approvalExpires), (.replaces, block.replaces),
        ]
        return try SplitTimes(block.time, rows).encode(encoder) + columns.map { name, column in
            let leaf = Self.leaf(SegmentInteger.allCases.firstIndex(of: name) ?? 0)
            if name != .schema, column.count <= rows.lowerBound { return try encoder.encode(leaf: leaf, .absent(count: rows.count)) }
            if name != .schema, column.count >= rows.upperBound {
                return try encoder.encode(leaf: leaf, .int64(UnsafeBufferPointer(rebasing: column.values[rows]), absent: IntegerColumn.absent))
            }
            let missing = name == .schema ? Int64(Event.currentSchema) : IntegerColumn.absent
            return try withUnsafeTemporaryAllocation(of: Int64.self, capacity: rows.count) { copy in
                let known = column.values
                var row = rows.lowerBound
                while row < rows.upperBound {
                    let value = row < known.count ? known[row] : IntegerColumn.absent
                    copy[row &- rows.lowerBound] = value == IntegerColumn.absent ? missing : value
                    row &+= 1
                }
                let values = UnsafeBufferPointer(rebasing: copy[..<rows.count])
                return try encoder.encode(leaf: leaf, .int64(values, absent: name == .schema ? nil : IntegerColumn.absent))
            }
        }
    }

    private func text(_ field: EventField, _ encoder: ParquetChunkEncoder) throws -> [ParquetEncodedChunk] {
        let place = SegmentSchema.firstText + Int(field.rawValue)
        let siblings = SegmentSchema.firstSibling(of: field).map { first in TypedForm.siblings.indices.map { Self.leaf(first + $0) } }
        let column = block[field]
        if column.entryCount == 0 || column.count <= rows.lowerBound {
            let reference = field == .correlation ? [Self.leaf(SegmentSchema.correlationReference)] : []
            return try ([Self.leaf(place)] + (siblings ?? []) + reference).map { try encoder.encode(leaf: $0, .absent(count: rows.count)) }
        }
        return try TextSlots.with(column, rows) { slots in
            let references = field == .correlation ? ColumnReferences(slots, nil, block, rows, SegmentSchema.correlationReferred) : nil
            var chunks = try TextEncoding(references?.rest ?? slots, rowOffsets: nil).encode(
                leaf: Self.leaf(place), siblings: siblings ?? [], lists: nil, encoder)
            if field == .correlation {
                chunks.append(
                    try encoder.encode(
                        leaf: Self.leaf(SegmentSchema.correlationReference), references?.input ?? .absent(count: slots.codes.count)))
            }
            return withExtendedLifetime(references) { chunks }
        }
    }

    private func attributes(_ encoder: ParquetChunkEncoder) throws -> [ParquetEncodedChunk] {
        if let slots = AttributeSlots(block.attributes, rows) { return try slots.encode(encoder) }
        return try list(.attributes, encoder)
            + (0..<SegmentSchema.attributeSlots).flatMap { try AttributeSlots.absent($0, rows.count, encoder) }
    }

    private func list(_ list: SegmentList, _ encoder: ParquetChunkEncoder) throws -> [ParquetEncodedChunk] {
        let column =
            switch list {
            case .targets: block.targets
            case .changes: block.changes
            case .attributes: block.attributes
            default: block.roles
            }
        let offsets = UnsafeBufferPointer(rebasing: column.offsets[rows.lowerBound...rows.upperBound])
        let slots = Int(offsets[0])..<Int(offsets[rows.count])
        var presence = [UInt8](repeating: 0, count: rows.count)
        for row in 0..<rows.count { presence[row] = offsets[row + 1] > offsets[row] ? 1 : 0 }
        let place = SegmentSchema.firstList + (SegmentSchema.lists.firstIndex(of: list) ?? 0)
        let leaves = SegmentSchema.parquet.leafRanges[place]
        // Elements are counted from the row group's first, in offsets as in slots.
        let relative = offsets.map { $0 &- offsets[0] }
        return try presence.withUnsafeBufferPointer { presence throws in
            try relative.withUnsafeBufferPointer { relative throws in
                let lists = ParquetListInput(offsets: relative, presence: presence)
                return try column.members.enumerated().flatMap { member, texts in
                    try TextSlots.with(texts, slots) { slots in
                        if list == .targets, member == 1 {
                            return try targetIDs(slots, relative, leaves.lowerBound, lists, encoder)
                        }
                        return try TextEncoding(slots, rowOffsets: relative).encode(
                            leaf: leaves.lowerBound + member, siblings: [], lists: lists, encoder)
                    }
                }
            }
        }
    }

    /// Ids of targets: those that another column of their row says too as its name, the others as texts or typed.
    private func targetIDs(
        _ slots: TextSlots, _ offsets: UnsafeBufferPointer<UInt32>, _ first: Int, _ lists: ParquetListInput, _ encoder: ParquetChunkEncoder
    ) throws -> [ParquetEncodedChunk] {
        let siblings = TypedForm.siblings.indices.map { Self.leaf(SegmentSchema.firstTargetSibling + $0) }
        let references = ColumnReferences(slots, offsets, block, rows, SegmentSchema.targetReferred)
        let rest = references?.rest ?? slots
        // What is not used is a null for each row.
        let ends = [UInt32](repeating: 0, count: rows.count + 1)
        let presence = [UInt8](repeating: 0, count: rows.count)
        return try ends.withUnsafeBufferPointer { ends throws in
            try presence.withUnsafeBufferPointer { presence throws in
                let empty = ParquetListInput(offsets: ends, presence: presence)
                let texts = try TextEncoding(rest, rowOffsets: offsets).encode(
                    leaf: first + 1, siblings: siblings, lists: lists, empty: empty, encoder)
                let named = try encoder.encode(
                    leaf: Self.leaf(SegmentSchema.targetReference), references?.input ?? .absent(count: 0), lists: references == nil ? empty : lists)
                return withExtendedLifetime(references) { texts + [named] }
            }
        }
    }

    private func flags(_ encoder: ParquetChunkEncoder) throws -> ParquetEncodedChunk {
        let order = block.flagNames.indices.sorted { block.flagNames[$0] < block.flagNames[$1] }
        let column = TextColumn()
        let names = order.map { column.code(of: block.flagNames[$0]) }
        let marks = block.flags
        var offsets: [UInt32] = [0]
        offsets.reserveCapacity(rows.count + 1)
        var presence = [UInt8](repeating: 0, count: rows.count)
        for (place, row) in rows.enumerated() {
            let mark = marks[row]
            if mark != 0 {
                presence[place] = 1
                for (name, bit) in zip(names, order) where mark >> UInt32(bit) & 1 == 1 { column.append(code: name) }
            }
            offsets.append(UInt32(column.count))
        }
        let leaf = SegmentSchema.parquet.leafRanges[SegmentSchema.firstList + SegmentSchema.lists.count - 1].lowerBound
        return try offsets.withUnsafeBufferPointer { offsets throws in
            try presence.withUnsafeBufferPointer { presence throws in
                try encoder.encode(
                    leaf: leaf,
                    .bytes(
                        codes: UnsafeBufferPointer(column.codes), entryBytes: column.entryBytes, entryOffsets: column.entryOffsets,
                        entries: .distinct),
                    lists: ParquetListInput(offsets: offsets, presence: presence))
            }
        }
    }

    private static func leaf(_ field: Int) -> Int { SegmentSchema.parquet.leafRanges[field].lowerBound }
}
