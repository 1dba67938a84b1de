/// A keyed hash of bytes for tables in memory: eight bytes a step, multiplied and folded. Not for anything that leaves the process.
///
/// The seed is random per table or process, so that a source cannot choose texts that collide.
package enum ByteHash {
    /// The hash of these bytes.
    package static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count)
        guard let base = bytes.baseAddress else { return mix(hash) }
        let count = bytes.count
        var place = 0
        while place &+ 8 <= count {
            hash = mix(hash ^ base.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place &+= 8
        }
        var rest: UInt64 = 0
        while place < count {
            rest = rest &<< 8 | UInt64(base.load(fromByteOffset: place, as: UInt8.self))
            place &+= 1
        }
        return mix(hash ^ rest)
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }
}
