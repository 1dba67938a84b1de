/// A leaf of integers made ready for encoding. It points into the caller's buffer and into scratch: valid during one encode call.
struct IntegerLeaf {
    let values: UnsafePointer<Int64>

    /// What an absent slot holds; nil where all slots hold a value.
    let absent: Int64?

    let slotCount: Int
    let presentCount: Int

    /// The smallest and largest value; arbitrary without one.
    let minimum: Int64
    let maximum: Int64

    /// Whether all slots have the same value, or none has one.
    let isUniform: Bool

    /// The different values in order of first use, and for each present slot its number, where that is shorter than differences are.
    let dictionary: (values: UnsafePointer<Int64>, count: Int, codes: UnsafePointer<UInt32>)?
}

/// Looks through the integers of a leaf and decides between a dictionary and differences.
///
/// It holds the scratch for dictionaries.
struct IntegerLeafSurvey: ~Copyable {
    /// A dictionary of integers has at most so many entries: more do not pay, as entries take eight bytes each.
    private static let maximumDistinct = 2_048
    private static let tableCount = 8_192

    private var distinct = Scratch<Int64>()
    private var codes = Scratch<UInt32>()
    private var table = Scratch<UInt32>()

    /// What one pass over the values tells.
    private struct Findings {
        var presentCount = 0
        var minimum = Int64.max
        var maximum = Int64.min
        /// How often a value differs from the one before it.
        var changeCount = 0
        var smallestStep = Int64.max
        var largestStep = Int64.min
    }

    mutating func leaf(_ values: UnsafePointer<Int64>, slotCount: Int, absent: Int64?) -> IntegerLeaf {
        let found = Self.survey(values, count: slotCount, absent: absent)
        let absent = found.presentCount == slotCount ? nil : absent
        let isUniform = found.presentCount == 0 || (found.presentCount == slotCount && found.changeCount == 0)
        return IntegerLeaf(
            values: values, absent: absent, slotCount: slotCount, presentCount: found.presentCount, minimum: found.minimum,
            maximum: found.maximum, isUniform: isUniform, dictionary: dictionary(values, slotCount, absent, found))
    }

    private static func survey(_ values: UnsafePointer<Int64>, count: Int, absent: Int64?) -> Findings {
        var found = Findings()
        var previous: Int64 = 0
        var index = 0
        let isAbsentPossible = absent != nil
        let marker = absent ?? 0
        while index < count {
            let value = values[index]
            index &+= 1
            if isAbsentPossible, value == marker { continue }
            if found.presentCount > 0 {
                let step = value &- previous
                found.smallestStep = min(found.smallestStep, step)
                found.largestStep = max(found.largestStep, step)
                found.changeCount &+= step != 0 ? 1 : 0
            }
            found.presentCount &+= 1
            found.minimum = min(found.minimum, value)
            found.maximum = max(found.maximum, value)
            previous = value
        }
        return found
    }

    /// A dictionary, if by estimate it is smaller than differences. Both estimates count what packing and runs leave, before zstd.
    private mutating func dictionary(
        _ values: UnsafePointer<Int64>, _ slotCount: Int, _ absent: Int64?, _ found: Findings
    ) -> (values: UnsafePointer<Int64>, count: Int, codes: UnsafePointer<UInt32>)? {
        guard found.presentCount > 0 else { return nil }
        let stepWidth =
            found.changeCount == 0
            ? 0 : BitPacking.width(of: UInt64(bitPattern: found.largestStep &- found.smallestStep))
        // A change costs a miniblock of 32 values their width at worst.
        let packedDifferences = min(found.presentCount * stepWidth / 8, found.changeCount * 4 * stepWidth)
        let differences = packedDifferences + found.presentCount * 5 / 128
        guard let distinctCount = number(values, slotCount, absent) else { return nil }
        let width = BitPacking.width(of: UInt64(max(1, distinctCount - 1)))
        let runBytes = min(found.presentCount * width / 8, found.changeCount * (4 + width / 8))
        guard found.changeCount == 0 || distinctCount * 8 + runBytes < differences else { return nil }
        return (UnsafePointer(distinct.room(distinctCount)), distinctCount, UnsafePointer(codes.room(slotCount)))
    }

    /// Numbers the values by first use; nil as soon as there are too many.
    private mutating func number(_ values: UnsafePointer<Int64>, _ slotCount: Int, _ absent: Int64?) -> Int? {
        let table = self.table.room(Self.tableCount)
        table.update(repeating: UInt32.max, count: Self.tableCount)
        let distinct = self.distinct.room(Self.maximumDistinct)
        let codes = self.codes.room(slotCount)
        let isAbsentPossible = absent != nil
        let marker = absent ?? 0
        var count = 0
        var present = 0
        var previous: (value: Int64, code: UInt32) = (0, UInt32.max)
        var index = 0
        while index < slotCount {
            let value = values[index]
            index &+= 1
            if isAbsentPossible, value == marker { continue }
            if value != previous.value || previous.code == UInt32.max {
                var place = Int(truncatingIfNeeded: (UInt64(bitPattern: value) &* 0x9E37_79B9_7F4A_7C15) &>> 51)
                while table[place] != UInt32.max, distinct[Int(table[place])] != value { place = (place &+ 1) & (Self.tableCount &- 1) }
                if table[place] == UInt32.max {
                    guard count < Self.maximumDistinct else { return nil }
                    distinct[count] = value
                    table[place] = UInt32(truncatingIfNeeded: count)
                    count &+= 1
                }
                previous = (value, table[place])
            }
            codes[present] = previous.code
            present &+= 1
        }
        return count
    }
}
