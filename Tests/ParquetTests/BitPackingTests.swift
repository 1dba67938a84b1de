import Testing

@testable import Parquet

struct BitPackingTests {
    static func pack(_ values: [UInt32], _ width: Int) -> [UInt8] {
        packed(values, width)
    }

    static func packed<Value: FixedWidthInteger & UnsignedInteger>(_ values: [Value], _ width: Int) -> [UInt8] {
        var output = PageBuffer(capacity: 1)
        BitPacking.pack(values, count: values.count, width: width, into: &output)
        return output.array
    }

    static func unpacked<Value: FixedWidthInteger & UnsignedInteger>(_ bytes: [UInt8], _ width: Int, count: Int) -> [Value] {
        var output = [Value](repeating: 9, count: count)
        bytes.withUnsafeBytes { BitPacking.unpack($0, width: width, into: &output, count: count) }
        return output
    }

    @Test func `the example of the specification comes out`() {
        #expect(Self.pack([0, 1, 2, 3, 4, 5, 6, 7], 3) == [0b1000_1000, 0b1100_0110, 0b1111_1010])
    }

    @Test(arguments: 0...32)
    func `values of every width survive`(width: Int) {
        let mask = width == 0 ? 0 : UInt32.max >> UInt32(32 - width)
        let values = (0..<77).map { (UInt32($0) &* 0x9E37_79B1 ^ 0x55) & mask }
        let bytes = Self.pack(values, width)
        #expect(bytes.count == (values.count * width + 7) / 8)
        #expect(Self.unpacked(bytes, width, count: values.count) == values)
        if width <= 16 {
            let narrow = values.map { UInt16($0) }
            #expect(Self.packed(narrow, width) == bytes)
            #expect(Self.unpacked(bytes, width, count: values.count) == narrow)
        }
        if width <= 8 { #expect(Self.unpacked(bytes, width, count: values.count) == values.map { UInt8($0) }) }
    }

    @Test(arguments: 0...64)
    func `wide values of every width survive`(width: Int) {
        let mask = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
        let values = (0..<72).map { (UInt64($0) &* 0x9E37_79B1_85EB_CA87 ^ 0x55) & mask }
        let bytes = Self.packed(values, width)
        #expect(bytes.count == 9 * width)
        #expect(Self.unpacked(bytes, width, count: values.count) == values)
    }

    @Test(arguments: 0...64)
    func `any number of values survives, packed bit by bit or all at once`(width: Int) {
        let mask = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
        for count in 0..<40 {
            let values = (0..<count).map { (UInt64($0) &* 0xD6E8_FEB8_6659_FD93 ^ 0x33) & mask }
            let bytes = Self.packed(values, width)
            #expect(bytes.count == (count * width + 7) / 8)
            #expect(Self.unpacked(bytes, width, count: count) == values)
            bytes.withUnsafeBytes { raw in
                for (index, value) in values.enumerated() { #expect(BitPacking.load(raw, bit: index * width, width: width) == value) }
            }
        }
    }
}
