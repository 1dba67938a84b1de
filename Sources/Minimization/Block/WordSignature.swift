/// Which words a text holds, or spellings begin with, as a set of 128 bits: two that have no bit in common have no word in common.
///
/// Words are runs of letters, digits and bytes beyond ASCII; letters count in either case. A spelling that stands between word boundaries in a text begins
/// with one of the text's words, so an empty intersection proves that it does not occur.
struct WordSignature {
    var low: UInt64 = 0
    var high: UInt64 = 0

    /// Every word.
    static let all = WordSignature(low: .max, high: .max)
    /// The words of a UUID: hexadecimal digits, 4, 8 or 12 of them. Such a text has this bit alone.
    static let uuid = WordSignature(low: 1, high: 0)

    @inline(__always)
    mutating func insert(_ word: UInt32) {
        let bit = word % 127 &+ 1
        if bit < 64 { low |= 1 << UInt64(bit) } else { high |= 1 << UInt64(bit &- 64) }
    }

    @inline(__always)
    mutating func formUnion(_ other: WordSignature) {
        low |= other.low
        high |= other.high
    }

    /// Whether it is the set without a word.
    var isEmpty: Bool { @inline(__always) get { low | high == 0 } }

    @inline(__always)
    func mayMeet(_ other: WordSignature) -> Bool { low & other.low | high & other.high != 0 }
}

/// The words of a text as hashes that take letters in either case for the same.
///
/// Hashes are not keyed: who chooses texts that collide makes the exact search run, and nothing else.
enum Words {
    /// Invariant: 256 flags that live as long as the process.
    private nonisolated(unsafe) static let isWord: UnsafePointer<Bool> = {
        let table = UnsafeMutablePointer<Bool>.allocate(capacity: 256)
        for byte in 0..<256 { table[byte] = Byte.isWord(UInt8(byte)) }
        return UnsafePointer(table)
    }()

    /// The words that begin outside of findings, and what follows an escaped line end or tab in them.
    @inline(__always)
    static func forEach(_ text: UnsafeRawBufferPointer, outside findings: UnsafeBufferPointer<ScrubFinding>, _ body: (UInt32) -> Void) {
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        let isWord = isWord
        let count = text.count
        var place = 0
        var next = 0
        while true {
            while place < count, !isWord[Int(base[place])] { place &+= 1 }
            guard place < count else { return }
            let start = place
            while place < count, isWord[Int(base[place])] { place &+= 1 }
            while next < findings.count, findings[next].end <= start { next &+= 1 }
            if next < findings.count, findings[next].start <= start, findings[next].end >= place { continue }
            body(hash(base + start, place &- start))
            if start > 0, base[start &- 1] == 0x5c, place > start &+ 1, isEscape(base[start]) {
                body(hash(base + (start &+ 1), place &- start &- 1))
            }
        }
    }

    @inline(__always)
    private static func isEscape(_ byte: UInt8) -> Bool { byte == 0x6e || byte == 0x74 || byte == 0x72 }

    /// The signature of those words that a literal of the store begins with.
    static func signature(
        of text: UnsafeRawBufferPointer, outside findings: UnsafeBufferPointer<ScrubFinding>, among store: LiteralStore
    ) -> WordSignature {
        var signature = WordSignature()
        forEach(text, outside: findings) { word in
            if store.mayBegin(with: word) { signature.insert(word) }
        }
        return signature
    }

    /// The same of a text that is one word.
    @inline(__always)
    static func signature(ofWord text: UnsafeRawBufferPointer, among store: LiteralStore) -> WordSignature {
        var signature = WordSignature()
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return signature }
        let word = hash(base, text.count)
        if store.mayBegin(with: word) { signature.insert(word) }
        return signature
    }

    /// The hash of one word; never 0.
    @inline(__always)
    static func hash(_ word: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
        let raw = UnsafeRawPointer(word)
        let fold: UInt64 = 0x2020_2020_2020_2020
        var hash = UInt64(truncatingIfNeeded: count) &* 0x9e37_79b9_7f4a_7c15
        if count >= 8 {
            var place = 0
            while place &+ 8 <= count {
                hash = mix(hash ^ (raw.loadUnaligned(fromByteOffset: place, as: UInt64.self) | fold))
                place &+= 8
            }
            hash = mix(hash ^ (raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self) | fold))
        } else {
            var rest: UInt64 = 0
            if count >= 4 {
                rest =
                    UInt64(raw.loadUnaligned(as: UInt32.self)) << 32
                    | UInt64(raw.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            } else {
                var place = 0
                while place < count {
                    rest = rest << 8 | UInt64(word[place])
                    place &+= 1
                }
            }
            hash = mix(hash ^ (rest | fold))
        }
        return UInt32(truncatingIfNeeded: hash >> 32) | 1
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
        return product.high ^ product.low
    }
}
