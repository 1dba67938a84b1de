import Parquet

/// A page whose values are kept in a typed form, rendered back to the texts that they stand for, or searched as they are.
struct TypedPage {
    private let form: TypedForm
    private let slots: Int
    private let content: Content
    /// Prefixes; nil where no value has one.
    private let prefixes: PageTexts?

    private enum Content {
        case numbers(ParquetIntegers)
        case bytes(ParquetCodes, ParquetEntries)
        /// No slot of the page has a typed value.
        case nothing
    }

    init(_ decoder: PageDecoder, _ column: SegmentColumn, _ form: TypedForm, slots: Int) throws {
        self.form = form
        self.slots = slots
        let sibling =
            switch form {
            case .uuid: TypedForm.uuidSibling
            case .hex: TypedForm.hexSibling
            case .number: TypedForm.numberSibling
            }
        let leaf = column.firstSibling + sibling
        switch try decoder.values(leaf, slots) {
        case .int64(let numbers) where form == .number: content = .numbers(numbers)
        case .codes(.uniform(ByteValues.absent, _)) where form != .number: content = .nothing
        case .codes(let codes) where form != .number: content = .bytes(codes, try decoder.entries(leaf))
        case .entries(let codes, let entries) where form != .number: content = .bytes(codes, entries)
        default: throw decoder.corrupt("A typed column has another type")
        }
        guard form == .hex else {
            prefixes = nil
            return
        }
        let prefixLeaf = column.firstSibling + TypedForm.prefixSibling
        prefixes = try decoder.optionalCodes(prefixLeaf, slots).map { try PageTexts($0) }
    }

    /// Codes and a dictionary of the page's own: one entry for each slot that has a value.
    ///
    /// - Parameter rest: Values that stayed text; nil where none did.
    func codes(rest: PageTexts?) -> PageCodes {
        let texts = TextWriter(slots: slots)
        switch content {
        case .nothing:
            for slot in 0..<slots { texts.append(rest, slot) }
        case .numbers(let numbers):
            for slot in 0..<slots {
                if let number = Self.number(numbers, slot) { texts.append(number: number) } else { texts.append(rest, slot) }
            }
        case .bytes(let codes, let entries):
            entries.withAll { all in
                for slot in 0..<slots {
                    let code = Self.code(codes, slot)
                    if code == ByteValues.absent {
                        texts.append(rest, slot)
                    } else if form == .uuid {
                        texts.append(uuid: all[Int(code)])
                    } else {
                        withPrefix(slot) { texts.append(hex: all[Int(code)], prefix: $0) }
                    }
                }
            }
        }
        return texts.finish()
    }

    /// The slots whose typed value stands for a text, ASCII letters in either case. Values that stayed text are not looked at.
    func slots(equalTo term: UnsafeRawBufferPointer) -> [Int] {
        withUnsafeTemporaryAllocation(byteCount: max(16, term.count), alignment: 8) { room in
            TermHash.fold(term, into: room)
            let folded = UnsafeRawBufferPointer(rebasing: room[..<term.count])
            switch content {
            case .nothing: return []
            case .numbers(let numbers):
                guard let wanted = TypedForm.number(folded) else { return [] }
                return (0..<slots).filter { Self.number(numbers, $0) == wanted }
            case .bytes(let codes, let entries):
                return form == .uuid ? uuidSlots(folded, codes, entries) : hexSlots(folded, codes, entries)
            }
        }
    }

    private func uuidSlots(_ term: UnsafeRawBufferPointer, _ codes: ParquetCodes, _ entries: ParquetEntries) -> [Int] {
        guard TypedForm.isUUID(term) else { return [] }
        return withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { wanted in
            TypedForm.writeUUID(term, to: wanted.baseAddress!)
            let (low, high) = (wanted.load(as: UInt64.self), wanted.load(fromByteOffset: 8, as: UInt64.self))
            return entries.withAll { all in
                (0..<slots).filter { slot in
                    let code = Self.code(codes, slot)
                    guard code != ByteValues.absent else { return false }
                    let entry = all[Int(code)]
                    return entry.count == 16 && entry.loadUnaligned(as: UInt64.self) == low
                        && entry.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == high
                }
            }
        }
    }

    private func hexSlots(_ term: UnsafeRawBufferPointer, _ codes: ParquetCodes, _ entries: ParquetEntries) -> [Int] {
        entries.withAll { all in
            (0..<slots).filter { slot in
                let code = Self.code(codes, slot)
                guard code != ByteValues.absent else { return false }
                let entry = all[Int(code)]
                return withPrefix(slot) { Self.isHex(term, entry, prefix: $0) }
            }
        }
    }

    /// Whether a term is a prefix and the digits of these bytes.
    private static func isHex(_ term: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer, prefix: UnsafeRawBufferPointer?) -> Bool {
        guard (prefix?.count ?? 0) + 2 * bytes.count == term.count else { return false }
        let digits = UnsafeRawBufferPointer(rebasing: term[(term.count - 2 * bytes.count)...])
        var byte = 0
        while byte < bytes.count {
            if HexDigits.value(digits[2 &* byte]) &<< 4 | HexDigits.value(digits[2 &* byte &+ 1]) != bytes[byte]
                || HexDigits.value(digits[2 &* byte &+ 1]) > 15
            {
                return false
            }
            byte &+= 1
        }
        return prefix.map { TermHash.areEqualFolded($0, UnsafeRawBufferPointer(rebasing: term[..<$0.count])) } ?? true
    }

    @inline(__always)
    private static func code(_ codes: ParquetCodes, _ slot: Int) -> UInt32 {
        if case .uniform(let code, _) = codes { return code }
        return codes[slot]
    }

    @inline(__always)
    private static func number(_ numbers: ParquetIntegers, _ slot: Int) -> Int64? {
        if case .uniform(let number, _) = numbers { return number }
        return numbers[slot]
    }

    private func withPrefix<Result>(_ slot: Int, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard let prefixes else { return body(nil) }
        return prefixes.withText(slot, body)
    }
}

/// Collects the texts of a page slot by slot.
final class TextWriter {
    private var bytes: UnsafeMutableRawBufferPointer
    private let offsets: UnsafeMutablePointer<UInt32>
    private let codes: UnsafeMutablePointer<UInt32>
    private let slots: Int
    private var slot = 0
    private var entryCount = 0
    private var byteCount = 0

    init(slots: Int) {
        self.slots = slots
        bytes = .allocate(byteCount: 40 * slots + 64, alignment: 8)
        offsets = .allocate(capacity: slots + 1)
        offsets[0] = 0
        codes = .allocate(capacity: max(1, slots))
    }

    /// Room for another entry of this many bytes.
    @inline(__always)
    private func room(_ count: Int) -> UnsafeMutableRawPointer {
        if byteCount &+ count > bytes.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * (byteCount + count), alignment: 8)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<byteCount]))
            bytes.deallocate()
            bytes = larger
        }
        return bytes.baseAddress! + byteCount
    }

    @inline(__always)
    private func end(_ count: Int) {
        byteCount &+= count
        codes[slot] = UInt32(truncatingIfNeeded: entryCount)
        entryCount &+= 1
        offsets[entryCount] = UInt32(truncatingIfNeeded: byteCount)
        slot &+= 1
    }

    func append(uuid: UnsafeRawBufferPointer) {
        TypedForm.renderUUID(uuid, to: room(36))
        end(36)
    }

    func append(hex: UnsafeRawBufferPointer, prefix: UnsafeRawBufferPointer?) {
        let prefixCount = prefix?.count ?? 0
        let count = prefixCount + 2 * hex.count
        let out = room(count)
        if let prefix, let start = prefix.baseAddress { out.copyMemory(from: start, byteCount: prefixCount) }
        var byte = 0
        while byte < hex.count {
            HexDigits.write(hex[byte], to: out + prefixCount + 2 &* byte)
            byte &+= 1
        }
        end(count)
    }

    func append(number: Int64) {
        var text = String(number)
        text.withUTF8 { append(text: UnsafeRawBufferPointer($0)) }
    }

    func append(_ rest: PageTexts?, _ place: Int) {
        guard let rest else { return appendAbsent() }
        rest.withText(place) { text in
            if let text { append(text: text) } else { appendAbsent() }
        }
    }

    private func appendAbsent() {
        codes[slot] = PageCodes.absent
        slot &+= 1
    }

    private func append(text: UnsafeRawBufferPointer) {
        if let start = text.baseAddress { room(text.count).copyMemory(from: start, byteCount: text.count) }
        end(text.count)
    }

    /// The page; to be called once.
    func finish() -> PageCodes {
        defer { codes.deallocate() }
        let dictionary = SegmentDictionary(
            bytes: UnsafeRawBufferPointer(start: bytes.baseAddress, count: byteCount), offsets: offsets, count: entryCount, isDistinct: false)
        return PageCodes(codes: UnsafeBufferPointer(start: codes, count: slots), dictionary: dictionary, isPageLocal: true)
    }
}
