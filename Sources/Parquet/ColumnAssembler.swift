/// Puts decoded pages of a leaf together as a column: codes into one list of strings, absent integers as 0.
struct ColumnAssembler {
    private let leaf: ParquetLeaf

    /// Rows and levels so far.
    private(set) var rowCount = 0
    private(set) var levelCount = 0

    private var slotCount = 0
    private var offsets: [UInt32] = [0]
    /// Which rows have a list; nil while all have.
    private var listPresence: [Bool]?
    /// Which slots hold a value; nil while all do.
    private var presence: [Bool]?

    private var integers: [Int64] = []
    private var booleans: [Bool] = []
    private var codes: [UInt32] = []
    private var strings = ByteArrays()
    private let hasDictionary: Bool
    private var isEveryStringOfDictionary = true

    /// - Parameter expectedCount: How many slots there may be, to make room ahead; not trusted beyond a million.
    init(leaf: ParquetLeaf, dictionary: ParquetEntries?, expectedCount: Int) {
        self.leaf = leaf
        let room = min(expectedCount, 1 << 20)
        switch leaf.type.physicalType {
        case .int64: integers.reserveCapacity(room)
        case .boolean: booleans.reserveCapacity(room)
        case .byteArray, .fixedLengthByteArray: codes.reserveCapacity(room)
        }
        hasDictionary = dictionary != nil
        if let dictionary { Self.append(dictionary, to: &strings) }
    }

    /// Takes in the next page.
    mutating func append(_ page: PageDecoder.Decoded, at fileOffset: Int) throws(ParquetError) {
        guard page.leadingSlots == 0 || rowCount > 0 else {
            throw ParquetError(.corrupt, "A list of \(leaf.dottedPath) continues where none began", offset: fileOffset)
        }
        if let lists = page.lists { append(lists, rowCount: page.rowCount) }
        appendPresence(page)
        switch page.values {
        case .int64(.uniform(let value, let count)): integers.append(contentsOf: repeatElement(value ?? 0, count: count))
        case .int64(.values(let values, nil)): integers.append(contentsOf: values)
        case .int64(.values(let values, let bits?)):
            let first = integers.count
            integers.append(contentsOf: values)
            for slot in values.indices where bits[slot &>> 6] &>> UInt64(slot & 63) & 1 == 0 { integers[first &+ slot] = 0 }
        case .boolean(let values): booleans.append(contentsOf: values.lazy.map { $0 == 1 })
        case .codes(let new): append(new, first: 0)
        case .entries(let new, let entries):
            guard strings.bytes.count + entries.storageByteCount < Int(UInt32.max) else {
                throw ParquetError(.limit, "The values of \(leaf.dottedPath) take more than 4 GiB; read fewer rows at once")
            }
            append(new, first: UInt32(strings.count))
            Self.append(entries, to: &strings)
            isEveryStringOfDictionary = false
        }
        slotCount += page.slotCount
        rowCount += page.rowCount
        levelCount += page.levelCount
    }

    private static func append(_ entries: ParquetEntries, to strings: inout ByteArrays) {
        entries.withAll { all in
            if let bytes = all.contiguousBytes {
                return strings.append(contentsOf: bytes, endOffsets: (0..<all.count).lazy.map { all.end($0) })
            }
            if strings.isEmpty { strings.reserveCapacity(count: all.count, byteCount: entries.storageByteCount) }
            for entry in 0..<all.count { strings.append(all[entry]) }
        }
    }

    private mutating func append(_ lists: ParquetPageLists, rowCount newRows: Int) {
        var present: [UInt8]?
        switch lists {
        case .empty(let areAbsent):
            offsets.append(contentsOf: repeatElement(UInt32(slotCount), count: newRows))
            if areAbsent { present = Array(repeating: 0, count: newRows) }
        case .offsets(let new, let flags):
            // Slots before the first row continue the row before.
            offsets[offsets.count - 1] += new[0]
            for row in 0..<newRows { offsets.append(UInt32(slotCount) + new[row + 1]) }
            present = flags
        }
        if let present {
            if listPresence == nil { listPresence = Array(repeating: true, count: rowCount) }
            listPresence?.append(contentsOf: present.lazy.map { $0 != 0 })
        } else {
            listPresence?.append(contentsOf: repeatElement(true, count: newRows))
        }
    }

    private mutating func appendPresence(_ page: PageDecoder.Decoded) {
        if page.presentCount < page.slotCount, presence == nil { presence = Array(repeating: true, count: slotCount) }
        guard presence != nil else { return }
        guard let bits = page.bits else {
            presence?.append(contentsOf: repeatElement(page.presentCount > 0, count: page.slotCount))
            return
        }
        presence?.append(contentsOf: (0..<page.slotCount).lazy.map { bits[$0 >> 6] >> UInt64($0 & 63) & 1 != 0 })
    }

    private mutating func append(_ new: ParquetCodes, first: UInt32) {
        switch new {
        case .uniform(let code, let count):
            codes.append(contentsOf: repeatElement(code == ByteValues.absent ? code : code + first, count: count))
        case .u8(let new): widen(new, first: first)
        case .u16(let new): widen(new, first: first)
        case .u32(let new): widen(new, first: first)
        }
    }

    private mutating func widen<Code: FixedWidthInteger & UnsignedInteger>(_ new: [Code], first: UInt32) {
        let start = codes.count
        codes.append(contentsOf: repeatElement(ByteValues.absent, count: new.count))
        codes.withUnsafeMutableBufferPointer { all in
            new.withUnsafeBufferPointer { new in
                var slot = 0
                while slot < new.count {
                    let code = new[slot]
                    if code != Code.max { all[start &+ slot] = UInt32(truncatingIfNeeded: code) &+ first }
                    slot &+= 1
                }
            }
        }
    }

    /// Some of the rows taken in, as offsets, presence of lists, and values.
    func slice(_ rows: Range<Int>) -> (offsets: [UInt32]?, present: [Bool]?, values: LeafValues) {
        guard leaf.maxRepetitionLevel > 0 else { return (nil, nil, values(rows)) }
        let first = offsets[rows.lowerBound]
        let slots = Int(first)..<Int(offsets[rows.upperBound])
        let sliced = rows.count == rowCount ? offsets : offsets[rows.lowerBound...rows.upperBound].map { $0 - first }
        return (sliced, listPresence.map { Array($0[rows]) }, values(slots))
    }

    private func values(_ slots: Range<Int>) -> LeafValues {
        func part<Value>(_ all: [Value]) -> [Value] { slots.count == all.count ? all : Array(all[slots]) }
        switch leaf.type.physicalType {
        case .int64: return .int64(Int64Values(part(integers), present: presence.map(part)))
        case .boolean: return .boolean(BooleanValues(part(booleans), present: presence.map(part)))
        case .byteArray, .fixedLengthByteArray:
            return .bytes(
                ByteValues(dictionary: strings, codes: part(codes), isDictionaryDistinct: hasDictionary && isEveryStringOfDictionary))
        }
    }
}
