import AuditModel

/// Filters of the 4-grams of `message`: which pages may hold a piece of text (docs/formats/index.md).
///
/// A gram is four bytes in a row, ASCII letters in lower case, none an ASCII digit: digits belong to ids and numbers, of which a page
/// holds nearly all combinations. Each gram sets two bits of one 64-bit word.
enum GramFilterBuilder {
    /// Words of the largest filter: a byte a row of a full page.
    static let largestDepth = 512
    /// A filter is halved while no page has more than this share of its bits set, in 256ths.
    private static let loadLimit = 128

    /// The area of a row group, nil where no row has a gram.
    static func area(_ column: TextColumn, rows: Range<Int>) -> IndexArea? {
        let slots = min(rows.lowerBound, column.count)..<min(rows.upperBound, column.count)
        guard !slots.isEmpty, column.entryCount > 0 else { return nil }
        let pageCount = (rows.count + StoreLimits.pageRows - 1) / StoreLimits.pageRows
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: pageCount * largestDepth)
        words.initialize(repeating: 0, count: pageCount * largestDepth)
        let seen = UnsafeMutablePointer<UInt32>.allocate(capacity: column.entryCount)
        seen.initialize(repeating: 0, count: column.entryCount)
        defer {
            words.deallocate()
            seen.deallocate()
        }
        let codes = column.codes
        for page in 0..<pageCount {
            let filter = words + page * largestDepth
            var slot = min(slots.upperBound, rows.lowerBound + page * StoreLimits.pageRows)
            let end = min(slots.upperBound, slot + StoreLimits.pageRows)
            let stamp = UInt32(truncatingIfNeeded: page &+ 1)
            while slot < end {
                let code = codes[slot]
                slot &+= 1
                if code == TextColumn.absent || seen[Int(code)] == stamp { continue }
                seen[Int(code)] = stamp
                GramHash.forEach(column.entry(code)) { hash in
                    filter[GramHash.word(hash, depth: largestDepth)] |= GramHash.mask(hash)
                }
            }
        }
        return area(words, pageCount: pageCount)
    }

    private static func area(_ words: UnsafeMutablePointer<UInt64>, pageCount: Int) -> IndexArea? {
        var depth = largestDepth
        while depth > 1, fold(words, pageCount: pageCount, depth: depth) { depth /= 2 }
        var isEmpty = true
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 * depth * pageCount)
        for word in 0..<depth {
            for page in 0..<pageCount {
                let value = words[page * largestDepth + word]
                if value != 0 { isEmpty = false }
                bytes.appendInteger(value)
            }
        }
        return isEmpty ? nil : IndexArea(kind: .pageGrams, family: 0, width: pageCount, depth: depth, bytes: bytes)
    }

    /// Halves all filters if none gets too full; neighbours join, as the word of a gram is the high bits of its hash.
    private static func fold(_ words: UnsafeMutablePointer<UInt64>, pageCount: Int, depth: Int) -> Bool {
        for page in 0..<pageCount {
            let filter = words + page * largestDepth
            var bits = 0
            var word = 0
            while word < depth {
                bits &+= (filter[word] | filter[word &+ 1]).nonzeroBitCount
                word &+= 2
            }
            if bits * 256 > loadLimit * 32 * depth { return false }
        }
        for page in 0..<pageCount {
            let filter = words + page * largestDepth
            var word = 0
            while word < depth / 2 {
                filter[word] = filter[2 &* word] | filter[2 &* word &+ 1]
                word &+= 1
            }
        }
        return true
    }
}

/// The grams of a text and where they stand in a filter.
enum GramHash {
    /// Calls `body` with the hash of every gram of a text, repeated ones too.
    @inline(__always)
    static func forEach(_ text: UnsafeRawBufferPointer, _ body: (UInt64) -> Void) {
        var gram: UInt32 = 0
        var length = 0
        var i = 0
        while i < text.count {
            let byte = TermHash.fold(text[i])
            i &+= 1
            if byte &- 0x30 < 10 {
                length = 0
                continue
            }
            gram = gram &<< 8 | UInt32(byte)
            length &+= 1
            if length >= 4 { body(UInt64(gram) &* 0x9E37_79B9_7F4A_7C15) }
        }
    }

    /// The word of a gram: the high bits of its hash. `depth` is a power of two.
    @inline(__always)
    static func word(_ hash: UInt64, depth: Int) -> Int {
        depth == 1 ? 0 : Int(truncatingIfNeeded: hash &>> UInt64(64 &- depth.trailingZeroBitCount))
    }

    /// The bits of a gram in its word.
    @inline(__always)
    static func mask(_ hash: UInt64) -> UInt64 {
        1 &<< ((hash &>> 20) & 63) | 1 &<< ((hash &>> 26) & 63)
    }
}
