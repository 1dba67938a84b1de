/// Spellings of identities with the tokens that take their place in texts of the same event (``LiteralTable``), for all identities that a minimizer
/// remembers.
final class LiteralStore {
    struct Literal {
        /// Where its bytes lie; letters in lower case unless it is exact.
        let start: Int
        let count: Int
        let tokenStart: Int
        let tokenCount: Int
        let isExact: Bool
    }

    /// Consecutive literals: those of one identity.
    struct Span {
        var start: UInt32 = 0
        var count: UInt32 = 0
        var signature = WordSignature()
    }

    @exclusivity(unchecked) private(set) var literals: [Literal] = []
    @exclusivity(unchecked) private(set) var bytes: [UInt8] = []
    @exclusivity(unchecked) private var firstWords: [UInt32] = []
    /// Of 2²² bits those at the high bits of first words. Most words of most texts begin no literal at all: one look here says so.
    ///
    /// Invariant: `wordBitCount / 64` numbers.
    private let wordBits: UnsafeMutablePointer<UInt64>
    private static let wordBitCount = 1 << 22
    /// Whether a literal begins with no word, and so may begin anywhere.
    @exclusivity(unchecked) private(set) var hasWordless = false
    /// Whether a literal begins with a word that a UUID may hold.
    @exclusivity(unchecked) private(set) var hasUUIDWord = false

    init() {
        wordBits = .allocate(capacity: Self.wordBitCount / 64)
        wordBits.update(repeating: 0, count: Self.wordBitCount / 64)
    }

    deinit { wordBits.deallocate() }

    /// Whether a literal may begin with the word of this hash; never no wrongly.
    @inline(__always)
    func mayBegin(with word: UInt32) -> Bool { wordBits[Int(word >> 16)] >> UInt64(word >> 10 & 63) & 1 == 1 }

    /// The hash of the word that a literal begins with, or 0.
    @inline(__always)
    func firstWord(_ number: UInt32) -> UInt32 { firstWords[Int(number)] }

    /// Begins the literals of an identity.
    func begin() -> Span { Span(start: UInt32(literals.count)) }

    /// Adds a value as it is written, and what people make of it, as ``LiteralTable/literals(of:token:)`` does.
    func add(_ value: UnsafeRawBufferPointer, token: UnsafeRawBufferPointer, to span: inout Span) {
        let tokenStart = bytes.count
        bytes.append(contentsOf: token)
        let place = (tokenStart, token.count)
        add(value, isExact: false, place, &span)
        if let at = value.lastIndex(of: 0x40) {
            if at >= 4 { add(UnsafeRawBufferPointer(rebasing: value[..<at]), isExact: false, place, &span) }
        } else if value.contains(0x20) {
            var start = 0
            while start < value.count {
                var end = start
                while end < value.count, value[end] != 0x20 { end &+= 1 }
                if end &- start >= 4, Byte.isUpper(value[start]) || value[start] >= 0x80 {
                    add(UnsafeRawBufferPointer(rebasing: value[start..<end]), isExact: true, place, &span)
                }
                start = end &+ 1
            }
        } else {
            func isSlash(_ byte: UInt8) -> Bool { byte == 0x2f || byte == 0x5c }
            var end = value.count
            while end > 0, isSlash(value[end &- 1]) { end &-= 1 }
            var start = end
            while start > 0, !isSlash(value[start &- 1]) { start &-= 1 }
            if end > start, end &- start < value.count {
                add(UnsafeRawBufferPointer(rebasing: value[start..<end]), isExact: false, place, &span)
            }
        }
    }

    private func add(_ text: UnsafeRawBufferPointer, isExact: Bool, _ token: (start: Int, count: Int), _ span: inout Span) {
        guard text.count >= 3, text.count >= 5 || !text.allSatisfy(Byte.isDigit), !LiteralTable.isCommonWord(text) else { return }
        let start = bytes.count
        bytes.append(contentsOf: text)
        if !isExact { for place in start..<bytes.count { bytes[place] = Byte.lower(bytes[place]) } }
        var word = 0
        while word < text.count, Byte.isWord(text[word]) { word &+= 1 }
        var hash: UInt32 = 0
        if word == 0 {
            span.signature = .all
            hasWordless = true
        } else {
            hash = Words.hash(text.baseAddress!.assumingMemoryBound(to: UInt8.self), word)
            span.signature.insert(hash)
            wordBits[Int(hash >> 16)] |= 1 << UInt64(hash >> 10 & 63)
            if word == 4 || word == 8 || word == 12, text[..<word].allSatisfy(Byte.isHex) {
                span.signature.formUnion(.uuid)
                hasUUIDWord = true
            }
        }
        literals.append(
            Literal(start: start, count: text.count, tokenStart: token.start, tokenCount: token.count, isExact: isExact))
        // 0 where it begins with no word, and so may begin anywhere.
        firstWords.append(hash)
        span.count += 1
    }
}

/// The literals of one event that a text may hold, ready for the search: those that begin with one of its words.
///
/// Longer ones first, of equal bytes the first added, as in ``LiteralTable``.
struct LiteralSearch {
    private var chosen: [Int] = []
    private let store: LiteralStore

    init(_ store: LiteralStore, _ literals: [UInt32]) {
        self.store = store
        for number in literals {
            let literal = store.literals[Int(number)]
            let isKnown = chosen.contains { other in
                let other = store.literals[other]
                return other.count == literal.count
                    && store.bytes[other.start..<(other.start + other.count)]
                        .elementsEqual(store.bytes[literal.start..<(literal.start + literal.count)])
            }
            guard !isKnown else { continue }
            chosen.insert(Int(number), at: chosen.firstIndex { store.literals[$0].count < literal.count } ?? chosen.count)
        }
    }

    /// The first occurrence at or after `start` and before `end` that stands between word boundaries, with the literal's number.
    func next(in text: ScrubText, from start: Int, to end: Int) -> (start: Int, end: Int, literal: Int)? {
        guard !chosen.isEmpty else { return nil }
        var position = start
        while position < end {
            if position == 0 || !Byte.isWord(text[position - 1]) || isEscape(text, position) {
                for number in chosen {
                    let literal = store.literals[number]
                    if position + literal.count <= end, matches(literal, text, at: position) {
                        return (position, position + literal.count, number)
                    }
                }
            }
            position &+= 1
        }
        return nil
    }

    private func isEscape(_ text: ScrubText, _ position: Int) -> Bool {
        let before = text[position - 1]
        return text[position - 2] == 0x5c && (before == 0x6e || before == 0x74 || before == 0x72)
    }

    private func matches(_ literal: LiteralStore.Literal, _ text: ScrubText, at position: Int) -> Bool {
        var place = 0
        while place < literal.count {
            let byte = store.bytes[literal.start &+ place]
            let other = text[position &+ place]
            guard other == byte || (!literal.isExact && Byte.lower(other) == byte) else { return false }
            place &+= 1
        }
        return !Byte.isWord(text[position &+ literal.count])
    }
}
