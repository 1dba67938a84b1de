/// Collects the offsets of a list or map column row by row.
public struct ListOffsetsBuilder: Sendable {
    /// The offsets so far: one more than rows.
    public private(set) var offsets: [UInt32] = [0]

    /// Which rows have a list; nil while all have.
    public private(set) var present: [Bool]?

    /// Starts without rows.
    public init() {}

    /// How many rows were added.
    public var rowCount: Int { offsets.count - 1 }

    /// Adds a row whose list has `count` elements, perhaps none.
    public mutating func append(count: Int) {
        offsets.append(offsets[offsets.count - 1] + UInt32(count))
        present?.append(true)
    }

    /// Adds a row without a list.
    public mutating func appendAbsent() {
        if present == nil { present = Array(repeating: true, count: rowCount) }
        offsets.append(offsets[offsets.count - 1])
        present?.append(false)
    }
}
