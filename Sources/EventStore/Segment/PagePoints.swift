import AuditModel
import Parquet

/// Some rows of one page of a text column: values stay as the file has them until a slot is asked for.
struct PagePoints {
    /// Values that are kept as texts.
    enum Texts {
        case absent
        /// The page was decoded before and is kept.
        case known(PageCodes)
        /// Codes into the dictionary of a leaf.
        case shared(ParquetCodes, leaf: Int)
        case local(ParquetCodes, ParquetEntries)
    }

    /// Values in a typed form.
    struct Typed {
        enum Values {
            case numbers(ParquetIntegers)
            case shared(ParquetCodes, leaf: Int)
            case local(ParquetCodes, ParquetEntries)
        }

        let form: TypedForm
        let values: Values
        let prefixes: PageCodes?
    }

    let texts: Texts
    let typed: Typed?
    /// Whether slots are those of the wanted rows alone, or else of the whole page.
    let isNarrow: Bool

    private init(texts: Texts, typed: Typed?, isNarrow: Bool) { (self.texts, self.typed, self.isNarrow) = (texts, typed, isNarrow) }

    /// A page that was decoded whole.
    init(_ known: PageCodes) { self.init(texts: known.constant == PageCodes.absent ? .absent : .known(known), typed: nil, isNarrow: false) }

    /// A field's page: the kept one where there is one, or where it is wanted again; else the wanted rows of it.
    init(_ decoder: PageDecoder, _ field: EventField) throws {
        let column = SegmentColumn.text(field)
        if let known = decoder.known(column.leaf, PageCodes.self) {
            self.init(known)
        } else if decoder.isWorthKeeping(column.leaf) {
            self.init(try decoder.wholeCodes(field))
        } else {
            if !column.mayRefer(decoder.file, decoder.rowGroup) {
                try self.init(decoder, column, decoder.use(column.leaf), slots: decoder.rowCount)
            } else if let told = try decoder.uniformReference(column, slots: decoder.rowCount) {
                try self.init(decoder, told)
            } else {
                self.init(try decoder.wholeCodes(field))
            }
        }
    }

    /// A column's page.
    ///
    /// - Parameters:
    ///   - use: How the text leaf is kept.
    ///   - values: The text leaf's values where they were decoded already.
    init(_ decoder: PageDecoder, _ column: SegmentColumn, _ use: SegmentFile.Use, slots: Int, values: ParquetPageValues? = nil) throws {
        var texts = Texts.absent
        if use != .absent {
            switch try values ?? decoder.values(column.leaf, slots) {
            case .codes(.uniform(ByteValues.absent, _)): texts = .absent
            case .codes(let codes): texts = .shared(codes, leaf: column.leaf)
            case .entries(let codes, let entries): texts = .local(codes, entries)
            case .int64, .boolean: throw decoder.corrupt("A text column has another type")
            }
        }
        self.init(texts: texts, typed: try Self.typed(decoder, column, slots: slots), isNarrow: true)
    }

    private static func typed(_ decoder: PageDecoder, _ column: SegmentColumn, slots: Int) throws -> Typed? {
        guard let form = decoder.typed(column) else { return nil }
        let sibling =
            switch form {
            case .uuid: TypedForm.uuidSibling
            case .hex: TypedForm.hexSibling
            case .number: TypedForm.numberSibling
            }
        let leaf = column.firstSibling + sibling
        let values: Typed.Values
        switch try decoder.values(leaf, slots) {
        case .int64(let numbers) where form == .number: values = .numbers(numbers)
        case .codes(.uniform(ByteValues.absent, _)) where form != .number: return nil
        case .codes(let codes) where form != .number: values = .shared(codes, leaf: leaf)
        case .entries(let codes, let entries) where form != .number: values = .local(codes, entries)
        default: throw decoder.corrupt("A typed column has another type")
        }
        let prefixes = form == .hex ? try decoder.optionalCodes(column.firstSibling + TypedForm.prefixSibling, slots) : nil
        return Typed(form: form, values: values, prefixes: prefixes)
    }

    /// The code of a slot; all slots of a uniform page have the same.
    @inline(__always)
    static func code(_ codes: ParquetCodes, _ slot: Int) -> UInt32 {
        if case .uniform(let code, _) = codes { return code }
        return codes[slot]
    }
}

/// Texts of a row group on their way into a block's columns: those that lie in a dictionary wait until the row group's rows are all known, so
/// that each dictionary is looked through once.
final class PointTexts {
    private struct Waiting {
        let column: TextColumn
        /// Slot of the column.
        let slot: Int
        let code: UInt32
        /// How the entry becomes a text; nil where it is one.
        let form: TypedForm?
        let prefixes: PageCodes?
        let prefixSlot: Int
    }

    private let reader: SegmentReader
    private let rowGroup: Int
    /// By leaf.
    private var waiting: [Int: [Waiting]] = [:]
    /// Dictionaries that the cache keeps, by leaf, as far as they were asked for.
    private var kept: [SegmentDictionary??] = []

    init(_ reader: SegmentReader, rowGroup: Int) {
        self.reader = reader
        self.rowGroup = rowGroup
    }

    /// Gives a column its next slot: that of a page.
    ///
    /// - Parameters:
    ///   - row: The slot in the whole page.
    ///   - narrow: The slot among those of the wanted rows.
    func append(_ points: PagePoints, _ row: Int, narrow: Int, to column: TextColumn) throws {
        let slot = points.isNarrow ? narrow : row
        if let typed = points.typed, try append(typed, slot, to: column) { return }
        switch points.texts {
        case .absent: column.append(code: TextColumn.absent)
        case .known(let codes):
            let code = codes[slot]
            if let shared = codes.shared {
                guard let kept = kept(shared.leaf) else { return wait(code, shared.leaf, nil, nil, slot, column) }
                return column.append(code: code == PageCodes.absent ? TextColumn.absent : column.code(of: kept.entry(Int(code))))
            }
            column.append(code: try PageTexts(codes).withText(slot) { $0.map { column.code(of: $0) } ?? TextColumn.absent })
        case .shared(let codes, let leaf): wait(PagePoints.code(codes, slot), leaf, nil, nil, slot, column)
        case .local(let codes, let entries):
            let code = PagePoints.code(codes, slot)
            let own = code == ByteValues.absent ? TextColumn.absent : entries.withBytes(Int(code)) { column.code(of: $0) }
            column.append(code: own)
        }
    }

    /// Whether the slot has a typed value.
    private func append(_ typed: PagePoints.Typed, _ slot: Int, to column: TextColumn) throws -> Bool {
        switch typed.values {
        case .numbers(let numbers):
            let number: Int64?
            if case .uniform(let value, _) = numbers { number = value } else { number = numbers[slot] }
            guard let number else { return false }
            column.append(String(number))
        case .shared(let codes, let leaf):
            let code = PagePoints.code(codes, slot)
            guard code != ByteValues.absent else { return false }
            wait(code, leaf, typed.form, typed.prefixes, slot, column)
        case .local(let codes, let entries):
            let code = PagePoints.code(codes, slot)
            guard code != ByteValues.absent else { return false }
            let own = try entries.withBytes(Int(code)) { try Self.code($0, typed.form, typed.prefixes, slot, column) }
            column.append(code: own)
        }
        return true
    }

    /// A leaf's dictionary where the cache keeps it: its slots need not wait.
    private func kept(_ leaf: Int) -> SegmentDictionary? {
        if kept.isEmpty { kept = Array(repeating: nil, count: SegmentSchema.parquet.leaves.count) }
        if let known = kept[leaf] { return known }
        let found = reader.cache.known(SharedDictionary.key(reader.file, leaf: leaf, rowGroup: rowGroup), SegmentDictionary.self)
        kept[leaf] = .some(found)
        return found
    }

    private func wait(_ code: UInt32, _ leaf: Int, _ form: TypedForm?, _ prefixes: PageCodes?, _ slot: Int, _ column: TextColumn) {
        if code != ByteValues.absent {
            waiting[leaf, default: []].append(
                Waiting(column: column, slot: column.count, code: code, form: form, prefixes: prefixes, prefixSlot: slot))
        }
        column.append(code: TextColumn.absent)
    }

    /// The column's code of the text that typed bytes stand for.
    private static func code(
        _ bytes: UnsafeRawBufferPointer, _ form: TypedForm, _ prefixes: PageCodes?, _ slot: Int, _ column: TextColumn
    ) throws -> UInt32 {
        guard form == .hex else {
            return withUnsafeTemporaryAllocation(byteCount: 36, alignment: 8) { text in
                TypedForm.renderUUID(bytes, to: text.baseAddress!)
                return column.code(of: UnsafeRawBufferPointer(text))
            }
        }
        guard let prefixes else { return hexCode(bytes, prefix: nil, column) }
        return try PageTexts(prefixes).withText(slot) { hexCode(bytes, prefix: $0, column) }
    }

    private static func hexCode(_ bytes: UnsafeRawBufferPointer, prefix: UnsafeRawBufferPointer?, _ column: TextColumn) -> UInt32 {
        let prefix = prefix ?? UnsafeRawBufferPointer(start: nil, count: 0)
        return withUnsafeTemporaryAllocation(byteCount: prefix.count + 2 * bytes.count + 1, alignment: 8) { text in
            text.copyMemory(from: prefix)
            for (place, byte) in bytes.enumerated() { HexDigits.write(byte, to: text.baseAddress! + prefix.count + 2 * place) }
            return column.code(of: UnsafeRawBufferPointer(rebasing: text[..<(prefix.count + 2 * bytes.count)]))
        }
    }

    /// Gives waiting slots their texts.
    func finish() throws {
        for (leaf, slots) in waiting {
            if slots[0].form == nil, let known = try reader.keptDictionary(leaf: leaf, rowGroup: rowGroup) {
                for slot in slots { slot.column.set(slot.slot, code: slot.column.code(of: known.entry(Int(slot.code)))) }
            } else {
                try look(slots.sorted { $0.code < $1.code }, in: leaf)
            }
        }
        waiting.removeAll()
    }

    private func look(_ slots: [Waiting], in leaf: Int) throws {
        var codes: [Int] = []
        var firsts: [Int] = []
        for (place, slot) in slots.enumerated() where codes.last != Int(slot.code) {
            codes.append(Int(slot.code))
            firsts.append(place)
        }
        firsts.append(slots.count)
        var failure: (any Error)?
        try reader.file.withEntries(codes, leaf: leaf, rowGroup: rowGroup, reader.cache) { number, entry in
            do {
                for slot in slots[firsts[number]..<firsts[number + 1]] {
                    let own =
                        try slot.form.map { try Self.code(entry, $0, slot.prefixes, slot.prefixSlot, slot.column) }
                        ?? slot.column.code(of: entry)
                    slot.column.set(slot.slot, code: own)
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
