import AuditModel

/// One column of texts under treatment: each distinct text is searched once, and what it becomes is found by its code.
///
/// A text is looked at when a row first has it. Which identities may occur in it is known from ``beginSearch()`` on, when all identities of the block are;
/// most texts hold none of them, and a slot of such a text costs a look at its state.
///
/// Safety: `states` and `signatures` have a slot for each entry that the column had when the pass was made; codes of later entries are never asked for,
/// because a slot of the column is visited once and only then rewritten.
final class TextPass {
    /// What a text becomes.
    struct Result {
        let code: UInt32
        /// Places of the kinds that were replaced, one for each time: a stretch of ``kinds``.
        let kindStart: Int
        let kindCount: Int
        /// Occurrences of the event's own identities.
        let literals: Int
        let isCut: Bool
    }

    /// A text with findings, or one over its limit.
    private struct Record {
        /// A stretch of `found`.
        let start: Int
        let count: Int
        /// What it becomes without an identity of its event in it: a place in `results`, or -1 where nobody asked.
        var base: Int
    }

    /// What is known of a text, by its code.
    enum State {
        static let unseen: UInt32 = 0
        /// It stays, whatever its event's identities are.
        static let stays: UInt32 = 1
        /// It stays unless one of them occurs in it.
        static let staysAlone: UInt32 = 2
        /// From here on: twice the number of its record, one more where it gives a user name away.
        static let record: UInt32 = 4
    }

    let column: TextColumn
    /// Whether its texts are searched for identities: words of a vocabulary are not.
    let holdsNames: Bool
    private let isIdentifier: Bool
    private let limitBytes: Int
    private let tools: TextTools
    /// The column's slots; none is added while the pass lives.
    let codes: UnsafeMutablePointer<UInt32>
    /// Each a ``State``.
    let states: UnsafeMutablePointer<UInt32>
    /// Of texts whose state is not ``State/stays``.
    let signatures: UnsafeMutablePointer<WordSignature>
    private let slots: TextTools.Slots
    private let entryCount: Int
    @exclusivity(unchecked) private var isSearching = false
    @exclusivity(unchecked) private var found = DenseRows<ScrubFinding>(capacity: 16)
    @exclusivity(unchecked) private var records = DenseRows<Record>(capacity: 16)
    @exclusivity(unchecked) private var results = DenseRows<Result>(capacity: 16)
    @exclusivity(unchecked) private(set) var kinds: [UInt8] = []
    /// By code and literals: a place in `results`, or -1 where none of them occurs.
    @exclusivity(unchecked) private var known: [[UInt32]: Int] = [:]
    @exclusivity(unchecked) private var chosen: [UInt32] = []

    init(_ column: TextColumn, isIdentifier: Bool, holdsNames: Bool = true, limitBytes: Int, tools: TextTools) {
        self.column = column
        self.isIdentifier = isIdentifier
        self.holdsNames = holdsNames
        self.limitBytes = limitBytes
        self.tools = tools
        codes = column.codes.baseAddress!
        entryCount = column.entryCount
        slots = tools.takeSlots(entryCount + 1)
        states = slots.states
        signatures = slots.signatures
        states.update(repeating: State.unseen, count: entryCount + 1)
    }

    deinit {
        tools.giveBack(slots)
        found.deallocate()
        records.deallocate()
        results.deallocate()
    }

    // MARK: Looking

    /// Looks at a text for the first time; gives its state.
    @inline(never)
    func look(_ code: UInt32) -> UInt32 {
        let text = column.entry(code)
        let start = found.count
        let answer = QuickLook.look(text, isIdentifier: isIdentifier)
        if answer == .unknown { search(text) }
        let count = found.count &- start
        if count > 0 || text.count > limitBytes {
            let hasLogin = findings(start, count).contains { $0.kind == .login }
            states[Int(code)] = State.record &+ UInt32(truncatingIfNeeded: 2 &* records.count) &+ (hasLogin ? 1 : 0)
            records.append(Record(start: start, count: count, base: -1))
        } else {
            states[Int(code)] = State.staysAlone
        }
        if isSearching { sign(code, answer) }
        return states[Int(code)]
    }

    private func search(_ text: UnsafeRawBufferPointer) {
        tools.found.removeAll(keepingCapacity: true)
        tools.scrubber.collect(in: text.assumingMemoryBound(to: UInt8.self), into: &tools.found)
        for finding in tools.found where !isIdentifier || TextTreatment.Guarding.identifiersOnly.covers(finding.kind) {
            found.append(finding)
        }
    }

    /// Says that the store holds the literals of all the block's rows from now on.
    func beginSearch() {
        isSearching = true
        var code = 0
        while code < entryCount {
            if states[code] != State.unseen { sign(UInt32(truncatingIfNeeded: code), .unknown) }
            code &+= 1
        }
    }

    /// Notes which literals may occur in a text that was looked at.
    @inline(__always)
    private func sign(_ code: UInt32, _ answer: QuickLook.Answer) {
        let literals = tools.literals
        var signature = WordSignature()
        if holdsNames {
            switch answer {
            case .uuid: if literals.hasUUIDWord { signature = .uuid }
            case .word: signature = Words.signature(ofWord: column.entry(code), among: literals)
            default: signature = Words.signature(of: column.entry(code), outside: findings(of: code), among: literals)
            }
            // A literal without a word has all bits: one of them finds it.
            if literals.hasWordless { signature.formUnion(.uuid) }
        }
        signatures[Int(code)] = signature
        if signature.isEmpty, states[Int(code)] == State.staysAlone { states[Int(code)] = State.stays }
    }

    /// Whether a text's state says that it gives a user name away.
    @inline(__always)
    static func hasLogin(_ state: UInt32) -> Bool { state >= State.record && state & 1 == 1 }

    /// Calls `body` with each user name that a text with a record gives away.
    func forEachLogin(_ code: UInt32, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        let text = column.entry(code)
        for finding in findings(of: code) where finding.kind == .login {
            try body(UnsafeRawBufferPointer(rebasing: text[finding.start..<finding.end]))
        }
    }

    private func number(of code: UInt32) -> Int { Int((states[Int(code)] &- State.record) / 2) }

    /// The findings in a text that was looked at. Valid until the next look.
    private func findings(of code: UInt32) -> UnsafeBufferPointer<ScrubFinding> {
        guard states[Int(code)] >= State.record else { return UnsafeBufferPointer(start: nil, count: 0) }
        let record = records.base[number(of: code)]
        return findings(record.start, record.count)
    }

    private func findings(_ start: Int, _ count: Int) -> UnsafeBufferPointer<ScrubFinding> {
        UnsafeBufferPointer(start: found.base + start, count: count)
    }

    // MARK: Replacing

    /// What a text with a record becomes where none of its event's identities occurs in it.
    func base(_ code: UInt32) throws -> Result {
        let number = number(of: code)
        if records.base[number].base < 0 {
            results.append(try replace(code, nil))
            records.base[number].base = results.count - 1
        }
        return results.base[records.base[number].base]
    }

    /// What a text becomes among these literals, which may occur in it; nil where it stays as it is.
    ///
    /// - Parameters:
    ///   - ranges: Numbers of the event's literals, in the order in which its identities came.
    ///   - learned: Those that came since.
    func result(_ code: UInt32, among ranges: RowLiterals.Ranges, _ learned: [LiteralStore.Span] = []) throws -> Result? {
        let text = column.entry(code)
        let words = tools.room(forWordsOf: text.count)
        var wordCount = 0
        Words.forEach(text, outside: findings(of: code)) { word in
            words[wordCount] = word
            wordCount &+= 1
        }
        chosen.removeAll(keepingCapacity: true)
        chosen.append(code)
        var place = 0
        while place < ranges.count {
            choose(ranges.base[place], words, wordCount)
            place &+= 1
        }
        for span in learned { choose(span.start..<(span.start + span.count), words, wordCount) }
        if chosen.count > 1 {
            var number = known[chosen] ?? -2
            if number == -2 {
                let made = try replace(code, LiteralSearch(tools.literals, Array(chosen.dropFirst())))
                number = -1
                if made.literals > 0 {
                    results.append(made)
                    number = results.count - 1
                }
                if known.count >= 1 << 15 { known.removeAll(keepingCapacity: true) }
                known[chosen] = number
            }
            if number >= 0 { return results.base[number] }
        }
        return states[Int(code)] >= State.record ? try base(code) : nil
    }

    /// Chooses the literals that begin with one of the text's words.
    @inline(__always)
    private func choose(_ range: Range<UInt32>, _ words: UnsafePointer<UInt32>, _ wordCount: Int) {
        var number = range.lowerBound
        while number < range.upperBound {
            let first = tools.literals.firstWord(number)
            var place = 0
            while place < wordCount, words[place] != first { place &+= 1 }
            if first == 0 || place < wordCount { chosen.append(number) }
            number &+= 1
        }
    }

    /// Replaces findings and literals, then cuts.
    private func replace(_ code: UInt32, _ search: LiteralSearch?) throws -> Result {
        let text = column.entry(code)
        let findings = findings(of: code)
        let view = ScrubText(text.assumingMemoryBound(to: UInt8.self))
        func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: text[range]) }
        var out = tools.takeBytes()
        defer { tools.giveBack(bytes: &out) }
        let kindStart = kinds.count
        var literals = 0
        var (kept, position) = (0, 0)
        for index in 0...findings.count {
            let gapEnd = index < findings.count ? findings[index].start : text.count
            while let hit = search?.next(in: view, from: position, to: gapEnd) {
                out.append(contentsOf: part(kept..<hit.start))
                let literal = tools.literals.literals[hit.literal]
                out.append(contentsOf: tools.literals.bytes[literal.tokenStart..<(literal.tokenStart + literal.tokenCount)])
                literals += 1
                (kept, position) = (hit.end, hit.end)
            }
            guard index < findings.count else { break }
            let finding = findings[index]
            position = finding.end
            let mark = out.count
            out.append(contentsOf: part(kept..<finding.start))
            guard try tools.findings.append(finding.kind, part(finding.start..<finding.end), to: &out) else {
                out.removeLast(out.count - mark)
                continue
            }
            kinds.append(ScrubCounts.place(of: finding.kind))
            kept = finding.end
        }
        let isChanged = kept > 0
        out.append(contentsOf: part(kept..<text.count))
        // A finding may end inside a character; what is left of it must not stay as broken text.
        if isChanged, out.contains(where: { $0 >= 0x80 }) { out = Array(String(decoding: out, as: UTF8.self).utf8) }
        let isCut = out.count > limitBytes
        if isCut {
            var end = limitBytes
            while end > 0, out[end] & 0xc0 == 0x80 { end -= 1 }
            out.removeLast(out.count - end)
        }
        let made = isChanged || isCut ? out.withUnsafeBytes { column.code(of: $0) } : code
        return Result(code: made, kindStart: kindStart, kindCount: kinds.count - kindStart, literals: literals, isCut: isCut)
    }
}
