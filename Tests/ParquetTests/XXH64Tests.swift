import Testing

@testable import Parquet

struct XXH64Tests {
    @Test(arguments: [
        ("", 0xEF46_DB37_51D8_E999 as UInt64), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
        ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ])
    func `published values come out`(text: String, hash: UInt64) {
        #expect(Array(text.utf8).withUnsafeBytes { XXH64.hash($0) } == hash)
    }

    @Test func `an integer hashes as its plain encoding does`() {
        for value: Int64 in [0, 1, -1, .min, .max, 1_780_000_000_000_000] {
            let bytes = withUnsafeBytes(of: value.littleEndian) { XXH64.hash($0) }
            #expect(XXH64.hash(value) == bytes)
        }
    }
}
