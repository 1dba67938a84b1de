/// Decodes the value sections of pages and keeps the values slot by slot.
struct LeafStore {
    private let leaf: ParquetLeaf
    private var int64s: [Int64] = []
    private var booleans: [Bool] = []
    private var codes: [UInt32] = []

    /// Strings of the dictionary page and, behind them, of plain pages.
    private var strings = ByteArrays()
    private var isEveryStringOfDictionary = true

    /// How many entries the dictionary page had; nil without one.
    private var dictionaryCount: Int?
    private var int64Dictionary: [Int64] = []

    init(leaf: ParquetLeaf) { self.leaf = leaf }

    /// Takes in the dictionary page.
    mutating func setDictionary(_ reader: inout ByteReader, count: Int, encoding: Int32) throws(ParquetError) {
        guard encoding == ParquetEncoding.plain.rawValue || encoding == ParquetEncoding.plainDictionary.rawValue else {
            throw reader.error(.unsupported, "The dictionary of \(leaf.dottedPath) uses encoding \(encoding), which is not read")
        }
        guard dictionaryCount == nil else { throw reader.error(.corrupt, "\(leaf.dottedPath) has two dictionary pages") }
        switch leaf.type.physicalType {
        case .int64: int64Dictionary = try plainInt64s(&reader, count: count)
        case .boolean: throw reader.error(.corrupt, "\(leaf.dottedPath) is boolean and cannot have a dictionary")
        case .byteArray: try appendPlainStrings(&reader, count: count)
        case .fixedLengthByteArray: try appendFixedStrings(&reader, count: count)
        }
        dictionaryCount = count
    }

    /// Takes in the values of a data page: `presentCount` stored ones, spread over the slots where `presence` is true, nil where all are.
    mutating func append(
        _ reader: inout ByteReader, encoding: ParquetEncoding, presentCount: Int, presence: ArraySlice<Bool>?
    ) throws(ParquetError) {
        switch leaf.type.physicalType {
        case .int64:
            Self.spread(try decodeInt64s(&reader, encoding, presentCount), over: presence, absent: 0, into: &int64s)
        case .boolean:
            Self.spread(try decodeBooleans(&reader, encoding, presentCount), over: presence, absent: false, into: &booleans)
        case .byteArray, .fixedLengthByteArray:
            Self.spread(try decodeCodes(&reader, encoding, presentCount), over: presence, absent: ByteValues.absent, into: &codes)
        }
    }

    private static func spread<Value>(
        _ values: [Value], over presence: ArraySlice<Bool>?, absent: Value, into slots: inout [Value]
    ) {
        guard let presence else { return slots.append(contentsOf: values) }
        if values.isEmpty { return slots.append(contentsOf: repeatElement(absent, count: presence.count)) }
        slots.reserveCapacity(slots.count + presence.count)
        var next = 0
        for isPresent in presence {
            slots.append(isPresent ? values[next] : absent)
            if isPresent { next &+= 1 }
        }
    }

    /// The values of `slots`.
    func values(_ slots: Range<Int>, presence: [Bool]?) -> LeafValues {
        func part<Value>(_ all: [Value]) -> [Value] { slots.count == all.count ? all : Array(all[slots]) }
        switch leaf.type.physicalType {
        case .int64: return .int64(Int64Values(part(int64s), present: presence.map(part)))
        case .boolean: return .boolean(BooleanValues(part(booleans), present: presence.map(part)))
        case .byteArray, .fixedLengthByteArray:
            return .bytes(
                ByteValues(
                    dictionary: strings, codes: part(codes), isDictionaryDistinct: dictionaryCount != nil && isEveryStringOfDictionary))
        }
    }

    // MARK: Values by type

    private func decodeInt64s(
        _ reader: inout ByteReader, _ encoding: ParquetEncoding, _ count: Int
    ) throws(ParquetError) -> [Int64] {
        switch encoding {
        case .plain: return try plainInt64s(&reader, count: count)
        case .deltaBinaryPacked: return try deltas(&reader, count: count)
        case .runLengthDictionary, .plainDictionary:
            return try dictionaryCodes(&reader, count).map { int64Dictionary[Int($0)] }
        default: throw unsupported(encoding, reader)
        }
    }

    private func decodeBooleans(
        _ reader: inout ByteReader, _ encoding: ParquetEncoding, _ count: Int
    ) throws(ParquetError) -> [Bool] {
        guard count > 0 else { return [] }
        var bits = [UInt32](repeating: 0, count: count)
        switch encoding {
        case .plain:
            let bytes = try reader.take((count + 7) / 8, "Booleans of \(leaf.dottedPath)")
            bits.withUnsafeMutableBufferPointer { BitPacking.unpack(bytes, width: 1, into: $0.baseAddress!, count: count) }
        case .runLength:
            _ = try reader.uint32()
            try bits.withUnsafeMutableBufferPointer { room throws(ParquetError) in
                try RunLengthHybrid.decode(&reader, width: 1, into: room.baseAddress!, count: count)
            }
        default: throw unsupported(encoding, reader)
        }
        return bits.map { $0 != 0 }
    }

    private mutating func decodeCodes(
        _ reader: inout ByteReader, _ encoding: ParquetEncoding, _ count: Int
    ) throws(ParquetError) -> [UInt32] {
        let first = UInt32(strings.count)
        switch (encoding, leaf.type.fixedLength) {
        case (.runLengthDictionary, _), (.plainDictionary, _): return try dictionaryCodes(&reader, count)
        case (.plain, nil): try appendPlainStrings(&reader, count: count)
        case (.plain, _): try appendFixedStrings(&reader, count: count)
        case (.deltaLengthByteArray, nil): try appendDeltaLengthStrings(&reader, count: count)
        default: throw unsupported(encoding, reader)
        }
        if count > 0 { isEveryStringOfDictionary = false }
        return Array(first..<first + UInt32(count))
    }

    private func dictionaryCodes(_ reader: inout ByteReader, _ count: Int) throws(ParquetError) -> [UInt32] {
        guard count > 0 else { return [] }
        guard let dictionaryCount else { throw reader.error(.corrupt, "\(leaf.dottedPath) has codes but no dictionary") }
        let width = Int(try reader.byte())
        var codes = [UInt32](repeating: 0, count: count)
        try codes.withUnsafeMutableBufferPointer { room throws(ParquetError) in
            try RunLengthHybrid.decode(&reader, width: width, into: room.baseAddress!, count: count)
        }
        var largest: UInt32 = 0
        for code in codes { largest = max(largest, code) }
        guard Int(largest) < dictionaryCount else {
            throw reader.error(.corrupt, "\(leaf.dottedPath) has code \(largest) where its dictionary has \(dictionaryCount) entries")
        }
        return codes
    }

    private func plainInt64s(_ reader: inout ByteReader, count: Int) throws(ParquetError) -> [Int64] {
        guard count <= reader.remaining / 8 else {
            throw reader.error(.truncated, "Values of \(leaf.dottedPath) end early")
        }
        let bytes = try reader.take(count * 8, "Values of \(leaf.dottedPath)")
        return (0..<count).map { Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self)) }
    }

    private mutating func appendPlainStrings(_ reader: inout ByteReader, count: Int) throws(ParquetError) {
        guard count <= reader.remaining / 4 else { throw reader.error(.truncated, "Values of \(leaf.dottedPath) end early") }
        try checkRoom(reader)
        strings.reserveCapacity(count: strings.count + count, byteCount: strings.bytes.count + reader.remaining)
        for _ in 0..<count {
            let length = Int(try reader.uint32())
            strings.append(try reader.take(length, "A value of \(leaf.dottedPath)"))
        }
    }

    private mutating func appendFixedStrings(_ reader: inout ByteReader, count: Int) throws(ParquetError) {
        let length = leaf.type.fixedLength ?? 1
        guard count <= reader.remaining / length else { throw reader.error(.truncated, "Values of \(leaf.dottedPath) end early") }
        try checkRoom(reader)
        let bytes = try reader.take(count * length, "Values of \(leaf.dottedPath)")
        strings.append(contentsOf: bytes, endOffsets: (1...max(1, count)).lazy.map { $0 * length }.prefix(count))
    }

    private mutating func appendDeltaLengthStrings(_ reader: inout ByteReader, count: Int) throws(ParquetError) {
        let lengths = try deltas(&reader, count: count)
        try checkRoom(reader)
        var ends: [Int] = []
        ends.reserveCapacity(count)
        var end = 0
        for length in lengths {
            guard length >= 0, length <= Int64(reader.remaining - end) else {
                throw reader.error(.truncated, "A value of \(leaf.dottedPath) is said to be \(length) bytes long")
            }
            end += Int(length)
            ends.append(end)
        }
        strings.append(contentsOf: try reader.take(end, "Values of \(leaf.dottedPath)"), endOffsets: ends)
    }

    private func deltas(_ reader: inout ByteReader, count: Int) throws(ParquetError) -> [Int64] {
        guard DeltaBinaryPacked.isPossible(count: count, byteCount: reader.remaining) else {
            throw reader.error(.truncated, "Delta data ends early")
        }
        var output = [Int64](repeating: 0, count: count + 1)
        try output.withUnsafeMutableBufferPointer { room throws(ParquetError) in
            try DeltaBinaryPacked.decode(&reader, into: room.baseAddress!, count: count)
        }
        output.removeLast()
        return output
    }

    /// All strings of a chunk together stay under 4 GiB, as their offsets have 32 bits.
    private func checkRoom(_ reader: ByteReader) throws(ParquetError) {
        guard strings.bytes.count + reader.remaining < Int(UInt32.max) else {
            throw reader.error(.limit, "The values of \(leaf.dottedPath) take more than 4 GiB; read fewer rows at once")
        }
    }

    private func unsupported(_ encoding: ParquetEncoding, _ reader: ByteReader) -> ParquetError {
        reader.error(.unsupported, "\(leaf.dottedPath) uses encoding \(encoding) for its type, which is not read")
    }
}
