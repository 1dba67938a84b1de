import Testing

@testable import Parquet

struct BitPackingTests {
    static func pack(_ values: [UInt32], _ width: Int) -> [UInt8] {
        var output: [UInt8] = []
        values.withUnsafeBufferPointer { BitPacking.pack($0, width: width, into: &output) }
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
        var output = [UInt32](repeating: 9, count: values.count)
        bytes.withUnsafeBytes { packed in
            output.withUnsafeMutableBufferPointer { BitPacking.unpack(packed, width: width, into: $0) }
        }
        #expect(output == values)
    }

    @Test(arguments: 0...64)
    func `wide values of every width survive`(width: Int) {
        let mask = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
        let values = (0..<64).map { (UInt64($0) &* 0x9E37_79B1_85EB_CA87 ^ 0x55) & mask }
        var bytes: [UInt8] = []
        values.withUnsafeBufferPointer { BitPacking.pack64($0, width: width, into: &bytes) }
        #expect(bytes.count == 8 * width)
        var output = [UInt64](repeating: 9, count: values.count)
        bytes.withUnsafeBytes { packed in
            output.withUnsafeMutableBufferPointer { BitPacking.unpack64(packed, width: width, into: $0) }
        }
        #expect(output == values)
    }
}
