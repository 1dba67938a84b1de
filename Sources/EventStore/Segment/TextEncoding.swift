import AuditModel
import Parquet

/// Decides how a text column of a row group is kept, and encodes it: dictionary, texts one by one, or a typed sibling.
struct TextEncoding {
    private let slots: TextSlots
    /// For elements of lists where each row's begin, so that pages can be told apart; nil where slots are rows.
    private let rowOffsets: UnsafeBufferPointer<UInt32>?

    init(_ slots: TextSlots, rowOffsets: UnsafeBufferPointer<UInt32>?) {
        self.slots = slots
        self.rowOffsets = rowOffsets
    }

    /// Encodes the text leaf and its siblings.
    ///
    /// - Parameter empty: For columns of elements the lists of a sibling that is not used: a null for each row.
    func encode(
        leaf: Int, siblings: [Int], lists: ParquetListInput?, empty: ParquetListInput? = nil, _ encoder: ParquetChunkEncoder
    ) throws -> [ParquetEncodedChunk] {
        let use = Use(slots, rowOffsets)
        func absent(_ leaf: Int) throws -> ParquetEncodedChunk {
            try encoder.encode(leaf: leaf, .absent(count: empty == nil ? slots.codes.count : 0), lists: empty)
        }
        guard use.present > 0 else {
            return try [encoder.encode(leaf: leaf, .absent(count: slots.codes.count), lists: lists)] + siblings.map(absent)
        }
        let isPlain = use.isPlainSmaller || !slots.isDistinct
        if isPlain, !siblings.isEmpty, let form = form() {
            return try typed(form, leaf: leaf, siblings: siblings, lists: lists, empty: empty, encoder)
        }
        let input = ParquetLeafInput.bytes(
            codes: slots.codes, entryBytes: slots.bytes, entryOffsets: slots.offsets, entries: isPlain ? .oneBySlot : .distinct)
        return try [encoder.encode(leaf: leaf, input, lists: lists)] + siblings.map(absent)
    }

    /// The form that three quarters of a sample of values have.
    private func form() -> TypedForm? {
        var counts = [0, 0, 0]
        var sampled = 0
        let step = max(1, slots.codes.count / 256)
        var slot = 0
        while slot < slots.codes.count {
            let code = slots.codes[slot]
            if code != TextColumn.absent {
                sampled += 1
                if let form = TypedForm.of(slots.entry(code)) { counts[Int(form.rawValue)] += 1 }
            }
            slot += step
        }
        guard let best = TypedForm.allCases.max(by: { counts[Int($0.rawValue)] < counts[Int($1.rawValue)] }), sampled > 0,
            counts[Int(best.rawValue)] * 4 >= sampled * 3
        else { return nil }
        return best
    }

    private func typed(
        _ form: TypedForm, leaf: Int, siblings: [Int], lists: ParquetListInput?, empty: ParquetListInput?, _ encoder: ParquetChunkEncoder
    ) throws -> [ParquetEncodedChunk] {
        let values = TypedValues(slots, form)
        var chunks: [ParquetEncodedChunk] = []
        let rest: ParquetLeafInput =
            values.restCount == 0
            ? .absent(count: slots.codes.count)
            : .bytes(codes: values.rest, entryBytes: slots.bytes, entryOffsets: slots.offsets, entries: .oneBySlot)
        chunks.append(try encoder.encode(leaf: leaf, rest, lists: lists))
        for (place, sibling) in siblings.enumerated() {
            let input = values.input(sibling: place)
            chunks.append(
                try encoder.encode(
                    leaf: sibling, input ?? .absent(count: empty == nil ? slots.codes.count : 0), lists: input == nil ? empty : lists))
        }
        return withExtendedLifetime(values) { chunks }
    }

    /// How a column's values repeat, over all and within pages.
    private struct Use {
        private(set) var present = 0
        private var distinct = 0
        private var distinctBytes = 0
        /// Sum over pages of the entries in use.
        private var pageDistinct = 0

        init(_ slots: TextSlots, _ rowOffsets: UnsafeBufferPointer<UInt32>?) {
            let count = slots.codes.count
            guard count > 0 else { return }
            if slots.entryCount == 0 { return }
            let seen = UnsafeMutablePointer<UInt32>.allocate(capacity: slots.entryCount)
            seen.initialize(repeating: 0, count: slots.entryCount)
            defer { seen.deallocate() }
            let pageRows = StoreLimits.pageRows
            let rowCount = rowOffsets.map { $0.count - 1 } ?? count
            var row = 0
            var page: UInt32 = 0
            var slot = 0
            while row < rowCount {
                row = min(row + pageRows, rowCount)
                page &+= 1
                let end = rowOffsets.map { Int($0[row]) } ?? row
                while slot < end {
                    let code = slots.codes[slot]
                    slot &+= 1
                    if code == TextColumn.absent { continue }
                    present &+= 1
                    let last = seen[Int(code)]
                    if last == page { continue }
                    pageDistinct &+= 1
                    if last == 0 {
                        distinct &+= 1
                        distinctBytes &+= Int(slots.offsets[Int(code) &+ 1] &- slots.offsets[Int(code)])
                    }
                    seen[Int(code)] = page
                }
            }
        }

        /// Whether texts one by one take fewer bytes than a dictionary with codes, by what zstd makes of each (decision 0055).
        var isPlainSmaller: Bool {
            guard distinct > 64, distinct * 6 > present else { return false }
            let entry = 0.65 * Double(distinctBytes) / Double(distinct)
            let width = Double(Int.bitWidth - (distinct - 1).leadingZeroBitCount)
            let plain = Double(pageDistinct) * entry + Double(present - pageDistinct)
            let dictionary = Double(distinct) * (entry + 1) + Double(present) * width * 0.75 / 8
            return plain < dictionary * 0.95
        }
    }
}
