import AuditModel
import Parquet

/// The values of a column that fit a form, in the form's columns, and the codes of those that do not.
///
/// Owns the buffers that ``input(sibling:)`` lends.
final class TypedValues {
    private let form: TypedForm
    private let count: Int
    private let codes: UnsafeMutableBufferPointer<UInt32>
    private let restCodes: UnsafeMutableBufferPointer<UInt32>
    private let prefixCodes: UnsafeMutableBufferPointer<UInt32>
    private let numbers: UnsafeMutableBufferPointer<Int64>
    private let bytes: UnsafeMutableRawBufferPointer
    private let offsets: UnsafeMutableBufferPointer<UInt32>
    private var byteCount = 0
    private var valueCount = 0
    private let prefixes = TextColumn()
    /// Values that stay text.
    private(set) var restCount = 0
    private var hasPrefix = false

    init(_ slots: TextSlots, _ form: TypedForm) {
        self.form = form
        count = slots.codes.count
        let capacity = max(1, count)
        codes = .allocate(capacity: capacity)
        restCodes = .allocate(capacity: capacity)
        prefixCodes = .allocate(capacity: form == .hex ? capacity : 1)
        numbers = .allocate(capacity: form == .number ? capacity : 1)
        bytes = .allocate(byteCount: Self.byteCapacity(slots, form), alignment: 8)
        offsets = .allocate(capacity: form == .hex ? capacity + 1 : 1)
        offsets[0] = 0
        fill(slots)
    }

    deinit {
        codes.deallocate()
        restCodes.deallocate()
        prefixCodes.deallocate()
        numbers.deallocate()
        bytes.deallocate()
        offsets.deallocate()
    }

    private static func byteCapacity(_ slots: TextSlots, _ form: TypedForm) -> Int {
        switch form {
        case .uuid: return max(1, 16 * slots.codes.count)
        case .number: return 1
        case .hex:
            var total = 1
            for code in slots.codes where code != TextColumn.absent { total += slots.entry(code).count / 2 }
            return total
        }
    }

    /// The codes of values that stay text.
    var rest: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(rebasing: restCodes[..<count]) }

    /// The values of a sibling, nil where it has none. Lent as long as this object lives.
    func input(sibling: Int) -> ParquetLeafInput? {
        let codes = UnsafeBufferPointer(rebasing: codes[..<count])
        switch (form, sibling) {
        case (.uuid, TypedForm.uuidSibling):
            return .fixed(codes: codes, entryBytes: lentBytes, entryLength: 16, entries: .oneBySlot)
        case (.hex, TypedForm.hexSibling):
            let offsets = UnsafeBufferPointer(rebasing: offsets[...valueCount])
            return .bytes(codes: codes, entryBytes: lentBytes, entryOffsets: offsets, entries: .oneBySlot)
        case (.hex, TypedForm.prefixSibling) where hasPrefix:
            return .bytes(
                codes: UnsafeBufferPointer(rebasing: prefixCodes[..<count]), entryBytes: prefixes.entryBytes,
                entryOffsets: prefixes.entryOffsets, entries: .distinct)
        case (.number, TypedForm.numberSibling): return .int64(UnsafeBufferPointer(rebasing: numbers[..<count]))
        default: return nil
        }
    }

    private var lentBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[..<byteCount]) }

    private func fill(_ slots: TextSlots) {
        var next: UInt32 = 0
        var slot = 0
        while slot < count {
            let code = slots.codes[slot]
            codes[slot] = TextColumn.absent
            restCodes[slot] = TextColumn.absent
            if form == .hex { prefixCodes[slot] = TextColumn.absent }
            if form == .number { numbers[slot] = IntegerColumn.absent }
            if code != TextColumn.absent {
                if add(slots.entry(code), slot) {
                    codes[slot] = next
                    next &+= 1
                } else {
                    restCodes[slot] = code
                    restCount += 1
                }
            }
            slot &+= 1
        }
    }

    @inline(__always)
    private func add(_ text: UnsafeRawBufferPointer, _ slot: Int) -> Bool {
        switch form {
        case .uuid:
            guard TypedForm.isUUID(text) else { return false }
            TypedForm.writeUUID(text, to: bytes.baseAddress! + byteCount)
            byteCount &+= 16
        case .hex:
            guard let prefix = TypedForm.prefixCount(text) else { return false }
            if prefix > 0 {
                prefixCodes[slot] = prefixes.code(of: UnsafeRawBufferPointer(rebasing: text[..<prefix]))
                hasPrefix = true
            }
            var at = prefix
            while at &+ 8 <= text.count {
                let word = text.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                bytes.storeBytes(of: HexWords.bytes(word), toByteOffset: byteCount, as: UInt32.self)
                byteCount &+= 4
                at &+= 8
            }
            while at < text.count {
                bytes[byteCount] = HexDigits.value(text[at]) &<< 4 | HexDigits.value(text[at &+ 1])
                byteCount &+= 1
                at &+= 2
            }
            offsets[valueCount &+ 1] = UInt32(truncatingIfNeeded: byteCount)
        case .number:
            guard let number = TypedForm.number(text) else { return false }
            numbers[slot] = number
        }
        valueCount &+= 1
        return true
    }
}
