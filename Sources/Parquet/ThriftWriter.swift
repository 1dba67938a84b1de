/// Writes structures in Thrift's compact protocol, as Parquet's footer, page headers and indexes want them.
struct ThriftWriter {
    /// What was written.
    private(set) var bytes: [UInt8] = []

    /// The last field written in the structure that is open; the protocol writes differences.
    private var lastField: Int16 = 0

    /// Writes a structure's end after its fields.
    mutating func structure(_ fields: (inout ThriftWriter) -> Void) {
        let outer = lastField
        lastField = 0
        fields(&self)
        bytes.append(ThriftType.stop.rawValue)
        lastField = outer
    }

    /// A field that is a structure.
    mutating func structure(_ id: Int16, _ fields: (inout ThriftWriter) -> Void) {
        field(id, .structure)
        structure(fields)
    }

    /// A field that is a structure without fields, as unions use to name a choice.
    mutating func emptyStructure(_ id: Int16) {
        structure(id) { _ in }
    }

    mutating func boolean(_ id: Int16, _ value: Bool) {
        field(id, value ? .booleanTrue : .booleanFalse)
    }

    mutating func int16(_ id: Int16, _ value: Int16) {
        field(id, .int16)
        bytes.appendZigzag(Int64(value))
    }

    mutating func int32(_ id: Int16, _ value: Int32) {
        field(id, .int32)
        bytes.appendZigzag(Int64(value))
    }

    mutating func int64(_ id: Int16, _ value: Int64) {
        field(id, .int64)
        bytes.appendZigzag(value)
    }

    mutating func binary(_ id: Int16, _ value: some Collection<UInt8>) {
        field(id, .binary)
        element(value)
    }

    mutating func string(_ id: Int16, _ value: String) {
        binary(id, value.utf8)
    }

    /// A field that is a list of structures.
    mutating func structures<Element>(
        _ id: Int16, _ elements: some Collection<Element>, _ write: (inout ThriftWriter, Element) -> Void
    ) {
        listHead(id, .structure, count: elements.count)
        for element in elements {
            structure { write(&$0, element) }
        }
    }

    mutating func int32s(_ id: Int16, _ elements: [Int32]) {
        listHead(id, .int32, count: elements.count)
        for element in elements { bytes.appendZigzag(Int64(element)) }
    }

    mutating func int64s(_ id: Int16, _ elements: [Int64]) {
        listHead(id, .int64, count: elements.count)
        for element in elements { bytes.appendZigzag(element) }
    }

    mutating func booleans(_ id: Int16, _ elements: [Bool]) {
        listHead(id, .booleanTrue, count: elements.count)
        for element in elements {
            bytes.append(element ? ThriftType.booleanTrue.rawValue : ThriftType.booleanFalse.rawValue)
        }
    }

    mutating func binaries(_ id: Int16, _ elements: [[UInt8]]) {
        listHead(id, .binary, count: elements.count)
        for one in elements { element(one) }
    }

    mutating func strings(_ id: Int16, _ elements: [String]) {
        listHead(id, .binary, count: elements.count)
        for one in elements { element(one.utf8) }
    }

    private mutating func element(_ value: some Collection<UInt8>) {
        bytes.appendVarint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    private mutating func field(_ id: Int16, _ type: ThriftType) {
        let difference = id - lastField
        if (1...15).contains(difference) {
            bytes.append(UInt8(difference) << 4 | type.rawValue)
        } else {
            bytes.append(type.rawValue)
            bytes.appendZigzag(Int64(id))
        }
        lastField = id
    }

    private mutating func listHead(_ id: Int16, _ type: ThriftType, count: Int) {
        field(id, .list)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | type.rawValue)
        } else {
            bytes.append(0xF0 | type.rawValue)
            bytes.appendVarint(UInt64(count))
        }
    }
}
