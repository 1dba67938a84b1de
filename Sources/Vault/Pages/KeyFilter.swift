/// Tells most keys that the vault's file does not hold, without asking it: a Bloom filter of blocks of 64 bytes, one bit in each of their words.
///
/// Keys are random already. It never denies a key that was inserted; of the others about one in a hundred is not denied at ``capacity``.
struct KeyFilter {
    /// Keys for which it was made; more of them only make it deny less.
    let capacity: Int
    private(set) var count = 0
    private var words: [UInt64]
    private let blockMask: UInt64

    private static let bitsPerKey = 12
    private static let wordsPerBlock = 8

    /// - Parameter capacity: How many keys it will hold.
    init(capacity: Int) {
        self.capacity = capacity
        var blocks = 1
        while blocks * Self.wordsPerBlock * 64 < capacity * Self.bitsPerKey { blocks *= 2 }
        words = [UInt64](repeating: 0, count: blocks * Self.wordsPerBlock)
        blockMask = UInt64(blocks - 1)
    }

    mutating func insert(_ key: UInt64) {
        count &+= 1
        let start = Int(truncatingIfNeeded: key & blockMask) &* Self.wordsPerBlock
        var bits = Self.spread(key)
        var word = 0
        while word < Self.wordsPerBlock {
            words[start &+ word] |= 1 &<< (bits & 63)
            bits >>= 6
            word &+= 1
        }
    }

    /// False only where the key was never inserted.
    func mayHold(_ key: UInt64) -> Bool {
        let start = Int(truncatingIfNeeded: key & blockMask) &* Self.wordsPerBlock
        var bits = Self.spread(key)
        var word = 0
        while word < Self.wordsPerBlock {
            if words[start &+ word] >> (bits & 63) & 1 == 0 { return false }
            bits >>= 6
            word &+= 1
        }
        return true
    }

    private static func spread(_ key: UInt64) -> UInt64 {
        let product = key.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }
}
