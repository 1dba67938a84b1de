import AuditModel
import Parquet

/// An attribute that has a column of its own in a row group.
struct AttributeColumn: Sendable {
    /// ASCII.
    let name: [UInt8]
    /// Its values.
    let column: SegmentColumn
}

extension PageDecoder {
    /// Attributes of a page: those with columns of their own and those of the map, by name in each row.
    func attributes(_ rest: PageList) throws -> PageList {
        let columns = file.attributes(rowGroup: rowGroup)
        guard !columns.isEmpty else { return rest }
        let values = try columns.map { try PageTexts(codes($0.column, slots: rowCount)) }
        var count = rest.members[0].count
        for page in values {
            for row in 0..<rowCount where page.isPresent(row) { count += 1 }
        }
        let offsets = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: rowCount + 1)
        var names: [UInt32] = []
        names.reserveCapacity(count)
        let texts = TextWriter(slots: count)
        let restNames = try rest.members[0].entries()
        let restValues = try PageTexts(rest.members[1])
        var order = AttributeOrder(columns.map(\.name))
        offsets[0] = 0
        for row in 0..<rowCount {
            order.begin(rest.elements(of: row)) { Int(rest.members[0][$0]) < restNames.count ? Array(restNames.entry(Int(rest.members[0][$0]))) : [] }
            while let next = order.next() {
                switch next {
                case .column(let place):
                    guard values[place].isPresent(row) else { continue }
                    names.append(UInt32(place))
                    texts.append(values[place], row)
                case .element(let element):
                    names.append(UInt32(columns.count) + rest.members[0][element])
                    texts.append(restValues, element)
                }
            }
            offsets[row + 1] = UInt32(names.count)
        }
        let dictionary = Self.names(columns, restNames)
        return PageList(
            offsets: UnsafeBufferPointer(offsets), members: [PageCodes(codes: names, dictionary: dictionary, isPageLocal: true), texts.finish()])
    }

    private static func names(_ columns: [AttributeColumn], _ rest: SegmentDictionary) -> SegmentDictionary {
        let count = columns.count + rest.count
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(1, columns.reduce(0) { $0 + $1.name.count } + rest.bytes.count), alignment: 8)
        let offsets = UnsafeMutablePointer<UInt32>.allocate(capacity: count + 1)
        offsets[0] = 0
        var at = 0
        for place in 0..<count {
            if place < columns.count {
                UnsafeMutableRawBufferPointer(rebasing: bytes[at...]).copyBytes(from: columns[place].name)
                at += columns[place].name.count
            } else {
                let entry = rest.entry(place - columns.count)
                UnsafeMutableRawBufferPointer(rebasing: bytes[at...]).copyBytes(from: entry)
                at += entry.count
            }
            offsets[place + 1] = UInt32(at)
        }
        // A name of the map may be one of the columns' where a row has it twice: such a file is damaged, and both show.
        return SegmentDictionary(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<at]), offsets: offsets, count: count, isDistinct: false)
    }
}

/// Walks the attributes of a row by name: columns and elements of the map, both ascending by themselves.
struct AttributeOrder {
    /// What comes next.
    enum Step {
        case column(Int)
        case element(Int)
    }

    private let columns: [[UInt8]]
    private var column = 0
    private var elements = 0..<0
    /// The name of the first element that is left.
    private var name: [UInt8] = []
    private var names: (Int) -> [UInt8] = { _ in [] }

    init(_ columns: [[UInt8]]) { self.columns = columns }

    /// Begins a row.
    mutating func begin(_ elements: Range<Int>, _ names: @escaping (Int) -> [UInt8]) {
        column = 0
        self.elements = elements
        self.names = names
        if !elements.isEmpty { name = names(elements.lowerBound) }
    }

    /// The next column, whether the row has it or not, or element. Names of columns are ASCII, so bytes tell the order.
    mutating func next() -> Step? {
        if column < columns.count, elements.isEmpty || columns[column].lexicographicallyPrecedes(name) {
            column += 1
            return .column(column - 1)
        }
        guard let element = elements.first else { return nil }
        elements = element + 1..<elements.upperBound
        if !elements.isEmpty { name = names(elements.lowerBound) }
        return .element(element)
    }
}

extension PagePoints {
    /// Whether a slot has a value. For columns without typed siblings.
    func isPresent(_ slot: Int) -> Bool {
        switch texts {
        case .absent: false
        case .known(let codes): codes[slot] != PageCodes.absent
        case .shared(let codes, _), .local(let codes, _): PagePoints.code(codes, slot) != PageCodes.absent
        }
    }
}
