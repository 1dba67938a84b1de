import AuditModel

/// One column of texts under treatment: each distinct text is searched once, and what it becomes is found by its code.
///
/// Safety: `states` and `signatures` have a slot for each entry that the column had when the pass was made; codes of later entries are never asked for,
/// because a slot of the column is visited once and only then rewritten.
final class TextPass {
    /// What a text becomes.
    struct Result {
        let code: UInt32
        /// Places of the kinds that were replaced, one for each time.
        let kinds: [UInt8]
        /// Occurrences of the event's own identities.
        let literals: Int
        let isCut: Bool
    }

    /// A text with findings, or one over its limit.
    private struct Record {
        let findings: [ScrubFinding]
        /// What it becomes without an identity of its event in it.
        var base: Result?
    }

    let column: TextColumn
    private let isIdentifier: Bool
    private let limitBytes: Int
    private let tools: TextTools
    /// The column's slots; none is added while the pass lives.
    let codes: UnsafeMutablePointer<UInt32>
    /// 0: not looked at; 1: stays; else twice the number of its record, one more where it gives a user name away, + 2.
    let states: UnsafeMutablePointer<UInt32>
    let signatures: UnsafeMutablePointer<WordSignature>
    private let slots: TextTools.Slots
    @exclusivity(unchecked) private var records: [Record] = []
    @exclusivity(unchecked) private var results: [Result] = []
    /// By code and literals: a number of `results`, or -1 where none of them occurs.
    @exclusivity(unchecked) private var known: [[UInt32]: Int] = [:]
    @exclusivity(unchecked) private var chosen: [UInt32] = []

    init(_ column: TextColumn, isIdentifier: Bool, limitBytes: Int, tools: TextTools) {
        self.column = column
        self.isIdentifier = isIdentifier
        self.limitBytes = limitBytes
        self.tools = tools
        codes = column.codes.baseAddress!
        slots = tools.takeSlots(column.entryCount + 1)
        states = slots.states
        signatures = slots.signatures
        states.update(repeating: 0, count: column.entryCount + 1)
    }

    deinit { tools.giveBack(slots) }

    /// Looks at a text for the first time; gives its state.
    func look(_ code: UInt32) -> UInt32 {
        let text = column.entry(code)
        var findings: [ScrubFinding] = []
        var isUUID = false
        switch QuickLook.look(text, isIdentifier: isIdentifier) {
        case .clean: break
        case .uuid: isUUID = true
        case .unknown:
            findings = tools.scrubber.findings(in: text.assumingMemoryBound(to: UInt8.self))
            if isIdentifier, !findings.isEmpty { findings.removeAll { !TextTreatment.Guarding.identifiersOnly.covers($0.kind) } }
        }
        signatures[Int(code)] = isUUID ? .uuid : Words.signature(of: text, outside: findings)
        var state: UInt32 = 1
        if !findings.isEmpty || text.count > limitBytes {
            records.append(Record(findings: findings))
            state = UInt32(records.count) * 2 + (findings.contains { $0.kind == .login } ? 1 : 0)
        }
        states[Int(code)] = state
        return state
    }

    /// Whether a text's state says that it gives a user name away.
    @inline(__always)
    static func hasLogin(_ state: UInt32) -> Bool { state > 1 && state & 1 == 1 }

    /// Calls `body` with each user name that a text with a record gives away.
    func forEachLogin(_ code: UInt32, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        let text = column.entry(code)
        for finding in records[number(of: code)].findings where finding.kind == .login {
            try body(UnsafeRawBufferPointer(rebasing: text[finding.start..<finding.end]))
        }
    }

    private func number(of code: UInt32) -> Int { Int(states[Int(code)] / 2) - 1 }

    /// What a text with a record becomes where none of its event's identities occurs in it.
    func base(_ code: UInt32) throws -> Result {
        let number = number(of: code)
        if let known = records[number].base { return known }
        let made = try replace(code, records[number].findings, nil)
        records[number].base = made
        return made
    }

    /// What a text becomes among these literals, which may occur in it; nil where it stays as it is.
    ///
    /// - Parameters:
    ///   - ranges: Numbers of the event's literals, in the order in which its identities came.
    ///   - learned: Those that came since.
    func result(_ code: UInt32, among ranges: RowLiterals.Ranges, _ learned: [LiteralStore.Span] = []) throws -> Result? {
        let state = states[Int(code)]
        let findings = state > 1 ? records[number(of: code)].findings : []
        let text = column.entry(code)
        let words = tools.room(forWordsOf: text.count)
        var wordCount = 0
        Words.forEach(text, outside: findings) { word in
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
                let made = try replace(code, findings, LiteralSearch(tools.literals, Array(chosen.dropFirst())))
                number = -1
                if made.literals > 0 {
                    results.append(made)
                    number = results.count - 1
                }
                if known.count >= 1 << 15 { known.removeAll(keepingCapacity: true) }
                known[chosen] = number
            }
            if number >= 0 { return results[number] }
        }
        return state > 1 ? try base(code) : nil
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
    private func replace(_ code: UInt32, _ findings: [ScrubFinding], _ search: LiteralSearch?) throws -> Result {
        let text = column.entry(code)
        let view = ScrubText(text.assumingMemoryBound(to: UInt8.self))
        var out: [UInt8] = []
        var kinds: [UInt8] = []
        var literals = 0
        var (kept, position) = (0, 0)
        for index in 0...findings.count {
            let gapEnd = index < findings.count ? findings[index].start : text.count
            while let hit = search?.next(in: view, from: position, to: gapEnd) {
                out.append(contentsOf: text[kept..<hit.start])
                let literal = tools.literals.literals[hit.literal]
                out.append(contentsOf: tools.literals.bytes[literal.tokenStart..<(literal.tokenStart + literal.tokenCount)])
                literals += 1
                (kept, position) = (hit.end, hit.end)
            }
            guard index < findings.count else { break }
            let finding = findings[index]
            position = finding.end
            let mark = out.count
            out.append(contentsOf: text[kept..<finding.start])
            let raw = UnsafeRawBufferPointer(rebasing: text[finding.start..<finding.end])
            guard try tools.findings.append(finding.kind, raw, to: &out) else {
                out.removeLast(out.count - mark)
                continue
            }
            kinds.append(ScrubCounts.place(of: finding.kind))
            kept = finding.end
        }
        let isChanged = kept > 0
        out.append(contentsOf: text[kept...])
        // A finding may end inside a character; what is left of it must not stay as broken text.
        if isChanged, out.contains(where: { $0 >= 0x80 }) { out = Array(String(decoding: out, as: UTF8.self).utf8) }
        let isCut = out.count > limitBytes
        if isCut {
            var end = limitBytes
            while end > 0, out[end] & 0xc0 == 0x80 { end -= 1 }
            out.removeLast(out.count - end)
        }
        let made = isChanged || isCut ? out.withUnsafeBytes { column.code(of: $0) } : code
        return Result(code: made, kinds: kinds, literals: literals, isCut: isCut)
    }
}

/// What the passes of one minimizer share.
final class TextTools {
    let scrubber = Scrubber()
    let literals = LiteralStore()
    let findings: FindingMemory
    /// Invariant: room for `wordCapacity` words.
    @exclusivity(unchecked) private var words = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
    @exclusivity(unchecked) private var wordCapacity = 256

    /// What passes that are over left for the next: fresh memory costs a page fault for every 4 KiB.
    @exclusivity(unchecked) private var spare: [Slots] = []

    /// Room for a column's states and signatures.
    struct Slots {
        let states: UnsafeMutablePointer<UInt32>
        let signatures: UnsafeMutablePointer<WordSignature>
        let capacity: Int
    }

    init(findings: FindingMemory) { self.findings = findings }

    deinit {
        words.deallocate()
        for slots in spare { free(slots) }
    }

    func takeSlots(_ count: Int) -> Slots {
        if let place = spare.lastIndex(where: { $0.capacity >= count && $0.capacity <= max(1_024, 8 * count) }) {
            return spare.remove(at: place)
        }
        return Slots(states: .allocate(capacity: count), signatures: .allocate(capacity: count), capacity: count)
    }

    func giveBack(_ slots: Slots) {
        spare.append(slots)
        if spare.count > 4 { free(spare.removeFirst()) }
    }

    private func free(_ slots: Slots) {
        slots.states.deallocate()
        slots.signatures.deallocate()
    }

    /// Room for all words of a text of so many bytes; valid until the next call.
    func room(forWordsOf byteCount: Int) -> UnsafeMutablePointer<UInt32> {
        if byteCount + 2 > wordCapacity {
            words.deallocate()
            wordCapacity = 2 * byteCount + 2
            words = .allocate(capacity: wordCapacity)
        }
        return words
    }
}
