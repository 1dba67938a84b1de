/// Which rows of a row group match: one Boolean each.
struct RowMask: Hashable {
    private(set) var bits: [Bool]

    init(count: Int, all: Bool) { bits = Array(repeating: all, count: count) }

    init(_ bits: [Bool]) { self.bits = bits }

    var isEmpty: Bool { !bits.contains(true) }

    mutating func formIntersection(_ other: RowMask) {
        var i = 0
        while i < bits.count {
            bits[i] = bits[i] && other.bits[i]
            i &+= 1
        }
    }

    mutating func formUnion(_ other: RowMask) {
        var i = 0
        while i < bits.count {
            bits[i] = bits[i] || other.bits[i]
            i &+= 1
        }
    }

    mutating func invert() {
        var i = 0
        while i < bits.count {
            bits[i].toggle()
            i &+= 1
        }
    }

    /// Keeps the rows for which `condition` holds.
    mutating func keep(where condition: (Int) -> Bool) {
        for i in bits.indices where bits[i] { bits[i] = condition(i) }
    }

    /// The matching rows, ascending.
    var rows: [Int] { bits.indices.filter { bits[$0] } }
}
