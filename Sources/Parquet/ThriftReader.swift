/// Reads structures in Thrift's compact protocol from untrusted bytes.
///
/// Use: `enterStructure()`, then `nextField()` until it answers nil, and for each field one typed call or `skip`. Depth and list
/// sizes are bounded, so neither the stack nor memory can be made to grow beyond what the bytes themselves hold.
struct ThriftReader {
    private var reader: ByteReader

    /// The last field id of the structure that is open, and of those around it.
    private var lastField: Int16 = 0
    private var outerFields: [24 of Int16] = .init(repeating: 0)

    /// How many structures are open.
    private var depth = 0

    /// How deep structures and lists may nest; Parquet's own deepest is 7.
    static let maximumDepth = 24

    init(_ bytes: UnsafeRawBufferPointer, fileOffset: Int) {
        reader = ByteReader(bytes, fileOffset: fileOffset)
    }

    /// Bytes read so far.
    var position: Int { reader.position }

    /// An error at this place.
    func error(_ code: ParquetError.Code, _ message: String) -> ParquetError {
        reader.error(code, message)
    }

    /// Begins a structure.
    mutating func enterStructure() throws(ParquetError) {
        guard depth < Self.maximumDepth else { throw error(.limit, "Metadata nests deeper than \(Self.maximumDepth) levels") }
        outerFields[depth] = lastField
        depth &+= 1
        lastField = 0
    }

    /// The next field of the structure that is open, or nil at its end, which closes it.
    mutating func nextField() throws(ParquetError) -> ThriftField? {
        let head = try reader.byte()
        guard let type = ThriftType(rawValue: head & 0x0F) else {
            throw error(.corrupt, "Metadata has a field of unknown type \(head & 0x0F)")
        }
        if type == .stop {
            precondition(depth > 0, "A structure is entered before its fields are read")
            depth &-= 1
            lastField = outerFields[depth]
            return nil
        }
        let difference = Int16(head >> 4)
        let id: Int16
        if difference == 0 {
            guard let explicit = Int16(exactly: try reader.zigzag()) else {
                throw error(.corrupt, "Metadata has a field number beyond 16 bits")
            }
            id = explicit
        } else {
            let (sum, overflow) = lastField.addingReportingOverflow(difference)
            guard !overflow else { throw error(.corrupt, "Metadata has a field number beyond 16 bits") }
            id = sum
        }
        lastField = id
        return ThriftField(id: id, type: type)
    }

    /// A whole structure of exactly the fields 1 (64 bits), 2 (32 bits) and 3 (64 bits) as nearly all writers lay it out; nil if
    /// anything else stands here, and then nothing is read. An index has thousands of such.
    mutating func threeIntegers() -> (Int64, Int32, Int64)? {
        var ahead = reader
        guard let first = Self.integer(&ahead, head: 0x16), let second = Self.integer(&ahead, head: 0x15).flatMap(Int32.init(exactly:)),
            let third = Self.integer(&ahead, head: 0x16), (try? ahead.byte()) == ThriftType.stop.rawValue
        else { return nil }
        reader = ahead
        return (first, second, third)
    }

    @inline(__always)
    private static func integer(_ reader: inout ByteReader, head: UInt8) -> Int64? {
        guard reader.remaining > 0, (try? reader.byte()) == head else { return nil }
        return try? reader.zigzag()
    }

    mutating func boolean(_ field: ThriftField) throws(ParquetError) -> Bool {
        switch field.type {
        case .booleanTrue: return true
        case .booleanFalse: return false
        default: throw wrongType(field)
        }
    }

    mutating func int32(_ field: ThriftField) throws(ParquetError) -> Int32 {
        guard let value = Int32(exactly: try integer(field)) else {
            throw error(.corrupt, "Metadata field \(field.id) is beyond 32 bits")
        }
        return value
    }

    mutating func int64(_ field: ThriftField) throws(ParquetError) -> Int64 {
        try integer(field)
    }

    mutating func binary(_ field: ThriftField) throws(ParquetError) -> [UInt8] {
        guard field.type == .binary else { throw wrongType(field) }
        return try binaryElement()
    }

    mutating func string(_ field: ThriftField) throws(ParquetError) -> String {
        try text(try binary(field))
    }

    /// The number of elements of a list field whose elements are of `type`; the caller reads as many elements.
    mutating func listCount(_ field: ThriftField, of type: ThriftType) throws(ParquetError) -> Int {
        guard field.type == .list else { throw wrongType(field) }
        let (count, found) = try listHead()
        let areBooleans = type == .booleanTrue && found == .booleanFalse
        guard found == type || areBooleans || count == 0 else {
            throw error(.corrupt, "Metadata field \(field.id) is a list of another type than expected")
        }
        return count
    }

    mutating func int32s(_ field: ThriftField) throws(ParquetError) -> [Int32] {
        var values: [Int32] = []
        for _ in 0..<(try listCount(field, of: .int32)) {
            guard let value = Int32(exactly: try reader.zigzag()) else {
                throw error(.corrupt, "Metadata field \(field.id) holds a number beyond 32 bits")
            }
            values.append(value)
        }
        return values
    }

    /// A list of small numbers as a set of bits; numbers outside 0...31 are left out.
    mutating func int32Set(_ field: ThriftField) throws(ParquetError) -> UInt32 {
        var bits: UInt32 = 0
        for _ in 0..<(try listCount(field, of: .int32)) {
            let value = try reader.zigzag()
            if (0..<32).contains(value) { bits |= 1 &<< UInt32(value) }
        }
        return bits
    }

    mutating func int64s(_ field: ThriftField) throws(ParquetError) -> [Int64] {
        var values: [Int64] = []
        for _ in 0..<(try listCount(field, of: .int64)) { values.append(try reader.zigzag()) }
        return values
    }

    mutating func booleans(_ field: ThriftField) throws(ParquetError) -> [Bool] {
        var values: [Bool] = []
        for _ in 0..<(try listCount(field, of: .booleanTrue)) {
            values.append(try reader.byte() == ThriftType.booleanTrue.rawValue)
        }
        return values
    }

    mutating func binaries(_ field: ThriftField) throws(ParquetError) -> [[UInt8]] {
        var values: [[UInt8]] = []
        for _ in 0..<(try listCount(field, of: .binary)) { values.append(try binaryElement()) }
        return values
    }

    mutating func strings(_ field: ThriftField) throws(ParquetError) -> [String] {
        var values: [String] = []
        for _ in 0..<(try listCount(field, of: .binary)) { values.append(try text(try binaryElement())) }
        return values
    }

    /// Passes over a field that is not wanted.
    mutating func skip(_ field: ThriftField) throws(ParquetError) {
        if field.type == .booleanTrue || field.type == .booleanFalse { return }
        try skipValue(field.type, depth: depth)
    }

    private mutating func skipValue(_ type: ThriftType, depth: Int) throws(ParquetError) {
        guard depth < Self.maximumDepth else {
            throw error(.limit, "Metadata nests deeper than \(Self.maximumDepth) levels")
        }
        switch type {
        case .stop: throw error(.corrupt, "Metadata has a value without a type")
        case .booleanTrue, .booleanFalse, .byte: _ = try reader.byte()
        case .int16, .int32, .int64: _ = try reader.varint()
        case .double: _ = try reader.take(8, "A number")
        case .uuid: _ = try reader.take(16, "A UUID")
        case .binary: _ = try binarySlice()
        case .list, .set:
            let (count, element) = try listHead()
            for _ in 0..<count { try skipValue(element, depth: depth + 1) }
        case .map: try skipMap(depth: depth)
        case .structure:
            try enterStructure()
            while let field = try nextField() { try skip(field) }
        }
    }

    private mutating func skipMap(depth: Int) throws(ParquetError) {
        let count = try reader.varint()
        guard count > 0 else { return }
        let types = try reader.byte()
        guard let key = ThriftType(rawValue: types >> 4), let value = ThriftType(rawValue: types & 0x0F) else {
            throw error(.corrupt, "Metadata has a map of unknown type")
        }
        guard count <= UInt64(reader.remaining) else { throw error(.truncated, "A metadata map is larger than its data") }
        for _ in 0..<count {
            try skipValue(key, depth: depth + 1)
            try skipValue(value, depth: depth + 1)
        }
    }

    /// Every element takes a byte at least, so a count above what is left is a lie and nothing is allocated for it.
    private mutating func listHead() throws(ParquetError) -> (count: Int, type: ThriftType) {
        let head = try reader.byte()
        guard let type = ThriftType(rawValue: head & 0x0F), type != .stop else {
            throw error(.corrupt, "Metadata has a list of unknown type \(head & 0x0F)")
        }
        let count = head >> 4 == 15 ? try reader.varint() : UInt64(head >> 4)
        guard count <= UInt64(reader.remaining) else { throw error(.truncated, "A metadata list is longer than its data") }
        return (Int(count), type)
    }

    private mutating func integer(_ field: ThriftField) throws(ParquetError) -> Int64 {
        switch field.type {
        case .int16, .int32, .int64: return try reader.zigzag()
        case .byte: return Int64(Int8(bitPattern: try reader.byte()))
        default: throw wrongType(field)
        }
    }

    private mutating func binarySlice() throws(ParquetError) -> UnsafeRawBufferPointer {
        let count = try reader.varint()
        guard count <= UInt64(reader.remaining) else { throw error(.truncated, "A metadata string is longer than its data") }
        return try reader.take(Int(count), "A metadata string")
    }

    private mutating func binaryElement() throws(ParquetError) -> [UInt8] {
        [UInt8](try binarySlice())
    }

    private func text(_ bytes: [UInt8]) throws(ParquetError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw error(.corrupt, "Metadata holds text that is not UTF-8")
        }
        return text
    }

    private func wrongType(_ field: ThriftField) -> ParquetError {
        error(.corrupt, "Metadata field \(field.id) has another type than expected")
    }
}
