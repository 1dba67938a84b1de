/// The type codes of Thrift's compact protocol.
enum ThriftType: UInt8 {
    case stop = 0
    case booleanTrue = 1
    case booleanFalse = 2
    case byte = 3
    case int16 = 4
    case int32 = 5
    case int64 = 6
    case double = 7
    case binary = 8
    case list = 9
    case set = 10
    case map = 11
    case structure = 12
    case uuid = 13
}

/// The head of a field inside a structure.
struct ThriftField {
    let id: Int16
    let type: ThriftType
}

/// The fields of a structure that were met.
struct ThriftFieldSet {
    private var bits: UInt64 = 0

    /// Notes a field; numbers that no structure of the format has are left out.
    @inline(__always)
    mutating func insert(_ id: Int16) {
        if id >= 0, id < 64 { bits |= 1 &<< UInt64(id) }
    }

    /// Whether all these fields were met.
    func holds(_ ids: Int16...) -> Bool {
        ids.allSatisfy { bits & (1 &<< UInt64($0)) != 0 }
    }
}
