import Compression
import Testing

struct CRC32Tests {
    @Test func `the check value of the catalogue of CRCs comes out`() {
        #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.checksum([]) == 0)
    }

    @Test func `a checksum is continued piece by piece`() {
        let first = CRC32.checksum(Array("12345".utf8))
        let whole = Array("6789".utf8).withUnsafeBytes { CRC32.checksum($0, previous: first) }
        #expect(whole == 0xCBF4_3926)
    }
}
