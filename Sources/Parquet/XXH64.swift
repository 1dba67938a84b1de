/// xxHash, 64 bits, seed 0 (XXH64 of the xxHash specification 0.1.1): the hash of Parquet's bloom filters.
///
/// Not cryptographic: an adversary can make values collide.
public enum XXH64 {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// The hash of `bytes`.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var position = 0
        let count = bytes.count
        var hash: UInt64
        if count >= 32 {
            hash = hashStripes(bytes, position: &position)
        } else {
            hash = prime5
        }
        hash &+= UInt64(truncatingIfNeeded: count)
        while position &+ 8 <= count {
            hash ^= round(0, load64(bytes, position))
            hash = rotate(hash, 27) &* prime1 &+ prime4
            position &+= 8
        }
        if position &+ 4 <= count {
            let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            hash ^= UInt64(word) &* prime1
            hash = rotate(hash, 23) &* prime2 &+ prime3
            position &+= 4
        }
        while position < count {
            hash ^= UInt64(bytes[position]) &* prime5
            hash = rotate(hash, 11) &* prime1
            position &+= 1
        }
        return avalanche(hash)
    }

    /// The hash of an integer's plain encoding: eight bytes, little-endian.
    public static func hash(_ value: Int64) -> UInt64 {
        var hash = prime5 &+ 8
        hash ^= round(0, UInt64(bitPattern: value))
        hash = rotate(hash, 27) &* prime1 &+ prime4
        return avalanche(hash)
    }

    private static func hashStripes(_ bytes: UnsafeRawBufferPointer, position: inout Int) -> UInt64 {
        var lane1 = prime1 &+ prime2
        var lane2 = prime2
        var lane3: UInt64 = 0
        var lane4 = 0 &- prime1
        while position &+ 32 <= bytes.count {
            lane1 = round(lane1, load64(bytes, position))
            lane2 = round(lane2, load64(bytes, position &+ 8))
            lane3 = round(lane3, load64(bytes, position &+ 16))
            lane4 = round(lane4, load64(bytes, position &+ 24))
            position &+= 32
        }
        var hash = rotate(lane1, 1) &+ rotate(lane2, 7) &+ rotate(lane3, 12) &+ rotate(lane4, 18)
        for lane in [lane1, lane2, lane3, lane4] {
            hash = (hash ^ round(0, lane)) &* prime1 &+ prime4
        }
        return hash
    }

    @inline(__always)
    private static func load64(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    @inline(__always)
    private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        (value &<< bits) | (value &>> (64 &- bits))
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* prime2, 31) &* prime1
    }

    private static func avalanche(_ value: UInt64) -> UInt64 {
        var hash = value
        hash ^= hash &>> 33
        hash = hash &* prime2
        hash ^= hash &>> 29
        hash = hash &* prime3
        return hash ^ (hash &>> 32)
    }
}
