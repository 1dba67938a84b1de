/// What a term asks of a value, ready to be put to all entries of a dictionary at once.
struct TextTest: Sendable {
    /// The kinds of test, from cheap to dear.
    enum Kind: Sendable {
        /// Any value.
        case any
        /// The whole value, ASCII letters in lower case.
        case exact([UInt8])
        /// The whole value, byte for byte.
        case literal([UInt8])
        /// A text anywhere in the value.
        case substring(SubstringSearch)
        /// A pattern with stars elsewhere.
        case pattern(TextPattern)
    }

    let kind: Kind

    /// The test of a field's pattern.
    init(_ pattern: TextPattern) {
        if pattern.matchesAnything {
            kind = .any
        } else if let exact = pattern.exact {
            kind = .exact(exact)
        } else if let text = pattern.substring {
            kind = .substring(SubstringSearch(text))
        } else {
            kind = .pattern(pattern)
        }
    }

    /// The test of a word, which stands anywhere.
    init(word: String) {
        let text = word.utf8.map(TextPattern.lowercased)
        kind = text.isEmpty ? .any : .substring(SubstringSearch(text))
    }

    /// The test of an exact value, in this case only (attribute names).
    init(exactly text: String) { kind = .literal(Array(text.utf8)) }

    /// Texts that a matching value must hold, for filters of n-grams.
    var neededTexts: [[UInt8]] {
        switch kind {
        case .any: []
        case .exact(let text): [text]
        case .literal(let text): [text.map(TextPattern.lowercased)]
        case .substring(let search): [search.text]
        case .pattern(let pattern): pattern.pieces.filter { !$0.isEmpty }
        }
    }

    /// The term that an index of terms knows, or nil.
    var exactTerm: [UInt8]? {
        if case .exact(let term) = kind { return term }
        return nil
    }

    /// What the test says of every entry.
    func verdict(on table: EntryTable) -> Verdict {
        guard table.count > 0 else { return .none }
        switch kind {
        case .any: return .all
        case .exact(let text): return exactVerdict(text, table)
        case .literal(let text):
            return Verdict(count: table.count) { verdicts in
                for code in 0..<table.count where table.entry(code).elementsEqual(text) { verdicts[code] = 1 }
            }
        case .substring(let search): return substringVerdict(search, table)
        case .pattern(let pattern):
            return Verdict(count: table.count) { verdicts in
                for code in 0..<table.count where pattern.matches(table.entry(code).bindMemory(to: UInt8.self)) { verdicts[code] = 1 }
            }
        }
    }

    private func exactVerdict(_ text: [UInt8], _ table: EntryTable) -> Verdict {
        var found: [Int] = []
        let values = table.bytes.bindMemory(to: UInt8.self)
        let length = UInt32(clamping: text.count)
        var code = 0
        var start = table.offsets[0]
        while code < table.count {
            let end = table.offsets[code &+ 1]
            // Most entries differ in the last byte already; tokens and ids begin alike.
            if end &- start == length,
                text.isEmpty || TextPattern.lowercased(values[Int(end) &- 1]) == text[text.count &- 1],
                TextPattern.stands(text, in: values, at: Int(start))
            {
                found.append(code)
            }
            start = end
            code &+= 1
        }
        return Verdict(codes: found, of: table.count)
    }

    private func substringVerdict(_ search: SubstringSearch, _ table: EntryTable) -> Verdict {
        var found: [Int] = []
        var code = 0
        let end = Int(table.offsets[table.count])
        let start = Int(table.offsets[0])
        search.forEachPlace(in: UnsafeRawBufferPointer(rebasing: table.bytes[start..<end])) { place in
            let place = UInt32(truncatingIfNeeded: place + start)
            code = Self.entry(of: place, from: code, table)
            if Int(place) + search.text.count <= Int(table.offsets[code + 1]), found.last != code { found.append(code) }
            return true
        }
        return Verdict(codes: found, of: table.count)
    }

    /// The entry that holds the byte at `place`: at `from` or behind, by doubling steps and then halving.
    private static func entry(of place: UInt32, from: Int, _ table: EntryTable) -> Int {
        var step = 1
        var low = from
        while low + step < table.count, table.offsets[low + step] <= place {
            low += step
            step *= 2
        }
        var high = min(low + step, table.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if table.offsets[middle] <= place { low = middle } else { high = middle }
        }
        return low
    }
}

/// Which codes of a dictionary match.
enum Verdict: Sendable {
    case none
    /// Every entry.
    case all
    /// One code.
    case one(Int)
    /// One byte an entry: 1 where it matches.
    case table([UInt8])

    init(codes: [Int], of count: Int) {
        switch codes.count {
        case 0: self = .none
        case 1: self = .one(codes[0])
        case count: self = .all
        default:
            var table = [UInt8](repeating: 0, count: count)
            for code in codes { table[code] = 1 }
            self = .table(table)
        }
    }

    init(count: Int, fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        let table = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress {
                base.initialize(repeating: 0, count: count)
                fill(base)
            }
            initialized = count
        }
        var matching = 0
        var last = 0
        for code in 0..<count where table[code] != 0 {
            matching += 1
            last = code
        }
        self = matching == 0 ? .none : matching == 1 ? .one(last) : matching == count ? .all : .table(table)
    }

    /// The slots of a page whose code matches.
    func slots(_ page: CodePage) -> RowMask {
        switch self {
        case .none: RowMask(count: page.count, all: false)
        case .all: CodeScan.present(page)
        case .one(let code): CodeScan.slots(page, equalTo: code)
        case .table(let table): table.withUnsafeBufferPointer { CodeScan.slots(page, in: $0) }
        }
    }

    /// The slots among `within` whose code matches: for few slots cheaper than the whole page.
    func slots(_ page: CodePage, within: RowMask) -> RowMask {
        var mask = RowMask(count: page.count, all: false)
        within.forEach { row in
            guard let code = page.code(row) else { return }
            let isMatch =
                switch self {
                case .none: false
                case .all: true
                case .one(let wanted): code == wanted
                case .table(let table): code < table.count && table[code] != 0
                }
            if isMatch { mask[row] = true }
        }
        return mask
    }

    var isNone: Bool {
        if case .none = self { return true }
        return false
    }
}
