/// Digits of numbers, times and salts, from tables.
///
/// Safety: writes to memory that has room for 32 bytes.
struct LineNumbers {
    /// `00` to `99`, and the hex digits of each byte, two characters each in the order of memory.
    private let decimals: UnsafeMutablePointer<UInt16>
    private let hexes: UnsafeMutablePointer<UInt16>

    init() {
        func pair(_ first: UInt8, _ second: UInt8) -> UInt16 { UInt16(littleEndian: UInt16(first) | UInt16(second) << 8) }
        func hex(_ value: Int) -> UInt8 { UInt8(value < 10 ? 48 + value : 87 + value) }
        decimals = .allocate(capacity: 100)
        for value in 0..<100 { (decimals + value).initialize(to: pair(UInt8(48 + value / 10), UInt8(48 + value % 10))) }
        hexes = .allocate(capacity: 256)
        for value in 0..<256 { (hexes + value).initialize(to: pair(hex(value >> 4), hex(value & 15))) }
    }

    func deallocate() {
        decimals.deallocate()
        hexes.deallocate()
    }

    /// 32 hex digits of 16 bytes.
    @inline(__always)
    func writeHex16(_ bytes: UnsafeRawPointer, to out: UnsafeMutableRawPointer) {
        var place = 0
        while place < 16 {
            let byte = Int(bytes.load(fromByteOffset: place, as: UInt8.self))
            out.storeBytes(of: hexes[byte], toByteOffset: 2 &* place, as: UInt16.self)
            place &+= 1
        }
    }

    /// `2026-07-01T`, 11 bytes, for a day counted from 1970-01-01.
    func writeDay(_ day: Int64, to out: UnsafeMutableRawPointer) {
        let (year, month, dayOfMonth) = Timestamp.civil(daysSinceEpoch: day)
        out.storeBytes(of: decimals[year / 100], as: UInt16.self)
        out.storeBytes(of: decimals[year % 100], toByteOffset: 2, as: UInt16.self)
        out.storeBytes(of: 45, toByteOffset: 4, as: UInt8.self)
        out.storeBytes(of: decimals[month], toByteOffset: 5, as: UInt16.self)
        out.storeBytes(of: 45, toByteOffset: 7, as: UInt8.self)
        out.storeBytes(of: decimals[dayOfMonth], toByteOffset: 8, as: UInt16.self)
        out.storeBytes(of: 84, toByteOffset: 10, as: UInt8.self)
    }

    /// `08:00:00.000000Z`, 16 bytes, for microseconds of a day.
    @inline(__always)
    func writeTimeOfDay(_ microseconds: Int64, to out: UnsafeMutableRawPointer) {
        let whole = UInt64(truncatingIfNeeded: microseconds)
        let seconds = UInt32(truncatingIfNeeded: whole / 1_000_000)
        let fraction = UInt32(truncatingIfNeeded: whole % 1_000_000)
        let minutes = seconds / 60
        put(minutes / 60, to: out)
        out.storeBytes(of: 58, toByteOffset: 2, as: UInt8.self)
        put(minutes % 60, to: out + 3)
        out.storeBytes(of: 58, toByteOffset: 5, as: UInt8.self)
        put(seconds % 60, to: out + 6)
        out.storeBytes(of: 46, toByteOffset: 8, as: UInt8.self)
        put(fraction / 10_000, to: out + 9)
        put(fraction / 100 % 100, to: out + 11)
        put(fraction % 100, to: out + 13)
        out.storeBytes(of: 90, toByteOffset: 15, as: UInt8.self)
    }

    /// A number in decimal; returns its length, at most 20.
    func writeInteger(_ value: Int64, to out: UnsafeMutableRawPointer) -> Int {
        var rest = value.magnitude
        var length = value < 0 ? 1 : 0
        var limit: UInt64 = 9
        length &+= 1
        while rest > limit, length < 20 {
            length &+= 1
            limit = limit > UInt64.max / 10 - 1 ? UInt64.max : limit &* 10 &+ 9
        }
        var place = length
        repeat {
            place &-= 1
            out.storeBytes(of: UInt8(truncatingIfNeeded: 48 &+ rest % 10), toByteOffset: place, as: UInt8.self)
            rest /= 10
        } while rest > 0
        if value < 0 { out.storeBytes(of: 45, as: UInt8.self) }
        return length
    }

    @inline(__always)
    private func put(_ value: UInt32, to out: UnsafeMutableRawPointer) {
        out.storeBytes(of: decimals[Int(truncatingIfNeeded: value)], as: UInt16.self)
    }
}
