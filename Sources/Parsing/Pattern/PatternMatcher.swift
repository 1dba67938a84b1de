#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Runs a ``Pattern`` over one text and fills slots.
///
/// Backtracking is bounded: a text that costs more steps than ``budget(for:)`` does not match. Slots hold something only
/// after a match, so a failed attempt leaves nothing behind.
struct PatternMatcher {
    private let pattern: FlatPattern
    private let text: ByteSlice
    private let slots: UnsafeMutablePointer<Value>
    private unowned(unsafe) let arena: Arena
    private var steps: Int
    /// Where the match ended.
    private(set) var end = 0

    init(_ pattern: FlatPattern, _ text: ByteSlice, slots: UnsafeMutablePointer<Value>, arena: Arena) {
        self.pattern = pattern
        self.text = text
        self.slots = slots
        self.arena = arena
        steps = Self.budget(for: text.count)
    }

    init(_ pattern: Pattern, _ text: ByteSlice, slots: UnsafeMutablePointer<Value>, arena: Arena) {
        self.init(pattern.flat, text, slots: slots, arena: arena)
    }

    /// The steps granted for a text of this length: linear patterns need far fewer. Bytes that a step looks at beyond a few are charged too, so
    /// that the budget bounds time: a text of 10 MB takes less than a second of any pattern.
    static func budget(for length: Int) -> Int {
        let short = min(length, 64 << 10)
        return 20_000 + 64 * short + 4 * (length - short)
    }

    /// Bytes looked at for the price of one step.
    private static let bytesPerStep = 8

    /// Whether the pattern matches.
    mutating func match() -> Bool {
        if pattern.cannotBegin(text) { return false }
        return run(0, 0)
    }

    private mutating func run(_ start: Int, _ position: Int) -> Bool {
        var instruction = start
        var at = position
        while true {
            steps &-= 1
            guard steps > 0 else { return false }
            let step = pattern.instructions.base + instruction
            switch step.pointee.kind {
            case .literal:
                let literal = step.pointee.literal
                guard holds(literal, at) else { return false }
                at &+= literal.count
            case .end:
                end = at
                return at == text.count
            case .endOfPrefix:
                end = at
                return true
            case .optional:
                if run(instruction &+ 1, at) { return true }
                instruction = Int(step.pointee.otherwise)
                continue
            case .oneOf: return oneOf(step, then: instruction &+ 1, at: at)
            case .text, .word: return shortest(step, then: instruction &+ 1, at: at)
            case .rest:
                guard run(instruction &+ 1, text.count) else { return false }
                set(step.pointee.slot, text.sub(at, text.count))
                return true
            default:
                guard let field = PatternField.take(step, text, at, arena: arena) else {
                    // Only a quote that nothing closes is found out by looking at all of the text.
                    if step.pointee.kind == .quoted { steps &-= (text.count &- at) / Self.bytesPerStep }
                    return false
                }
                steps &-= (field.end &- at) / Self.bytesPerStep
                if step.pointee.slot < 0 {
                    at = field.end
                } else {
                    guard run(instruction &+ 1, field.end) else { return false }
                    set(step.pointee.slot, field.value)
                    return true
                }
            }
            instruction &+= 1
        }
    }

    @inline(__always)
    private func holds(_ literal: ByteSlice, _ at: Int) -> Bool {
        text.count &- at >= literal.count && text.base[at] == literal.base[0] && memcmp(text.base + at, literal.base, literal.count) == 0
    }

    private mutating func oneOf(_ step: UnsafePointer<FlatPattern.Instruction>, then next: Int, at: Int) -> Bool {
        let choices = step.pointee.choices
        var number = 0
        while number < choices.count {
            let literal = choices[number]
            number &+= 1
            guard literal.isEmpty || holds(literal, at) else { continue }
            if run(next, at &+ literal.count) {
                set(step.pointee.slot, text.sub(at, at &+ literal.count))
                return true
            }
        }
        return false
    }

    /// Lengthens the field from its shortest form until the rest of the pattern matches; jumps from literal to literal.
    private mutating func shortest(_ step: UnsafePointer<FlatPattern.Instruction>, then next: Int, at: Int) -> Bool {
        let isWord = step.pointee.kind == .word
        let following = pattern.instructions.base + next
        var limit = text.count
        if isWord {
            limit = at
            while limit < text.count, !text[limit].isBlank { limit &+= 1 }
            steps &-= (limit &- at) / Self.bytesPerStep
        }
        var candidate = isWord ? at &+ 1 : at
        while candidate <= limit {
            steps &-= 1
            guard steps > 0 else { return false }
            if following.pointee.kind == .literal {
                guard let hit = text.firstRange(of: following.pointee.literal, from: candidate) else {
                    steps &-= (text.count &- candidate) / Self.bytesPerStep
                    return false
                }
                steps &-= (hit &- candidate) / Self.bytesPerStep
                guard hit <= limit else { return false }
                candidate = hit
            } else if following.pointee.kind == .end {
                guard limit == text.count else { return false }
                candidate = limit
            }
            if run(next, candidate) {
                set(step.pointee.slot, text.sub(at, candidate))
                return true
            }
            candidate &+= 1
        }
        return false
    }

    /// An empty field holds no value: a log line that leaves a place blank names nobody.
    private func set(_ slot: Int32, _ value: ByteSlice) {
        guard slot >= 0, !value.isEmpty else { return }
        slots[Int(slot)] = Value(text: value)
    }
}

/// Takes typed fields whose length does not depend on what follows.
enum PatternField {
    static func take(
        _ step: UnsafePointer<FlatPattern.Instruction>, _ text: ByteSlice, _ at: Int, arena: Arena
    ) -> (value: ByteSlice, end: Int)? {
        switch step.pointee.kind {
        case .literal, .end, .endOfPrefix, .optional, .oneOf, .text, .rest, .word: return nil
        case .name:
            return run(text, at) {
                $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 >= 0x80
            }
        case .digits: return run(text, at) { $0.isDigit }
        case .hex: return run(text, at) { $0.isHexDigit }
        case .space: return run(text, at) { $0.isBlank }
        case .blanks: return run(text, at) { $0.isBlank } ?? (text.sub(at, at), at)
        case .integer: return integer(text, at)
        case .number: return number(text, at)
        case .ip: return IPAddress.end(text, at).map { (text.sub(at, $0), $0) }
        case .quoted: return quoted(text, at, arena: arena)
        case .iso: return ISOStamp.end(text, at).map { (text.sub(at, $0), $0) }
        case .like: return like(step.pointee.literal, text, at)
        }
    }

    @inline(__always)
    private static func run(_ text: ByteSlice, _ at: Int, _ isIn: (UInt8) -> Bool) -> (value: ByteSlice, end: Int)? {
        var end = at
        while end < text.count, isIn(text[end]) { end += 1 }
        return end > at ? (text.sub(at, end), end) : nil
    }

    private static func integer(_ text: ByteSlice, _ at: Int) -> (value: ByteSlice, end: Int)? {
        let start = at < text.count && text[at] == UInt8(ascii: "-") ? at + 1 : at
        guard let digits = run(text, start, { $0.isDigit }) else { return nil }
        return (text.sub(at, digits.end), digits.end)
    }

    private static func number(_ text: ByteSlice, _ at: Int) -> (value: ByteSlice, end: Int)? {
        guard let whole = integer(text, at) else { return nil }
        var end = whole.end
        if end + 1 < text.count, text[end] == UInt8(ascii: "."), text[end + 1].isDigit {
            end += 1
            while end < text.count, text[end].isDigit { end += 1 }
        }
        return (text.sub(at, end), end)
    }

    private static func like(_ shape: ByteSlice, _ text: ByteSlice, _ at: Int) -> (value: ByteSlice, end: Int)? {
        guard text.count - at >= shape.count else { return nil }
        var i = 0
        while i < shape.count {
            let wanted = shape[i]
            let byte = text[at &+ i]
            i &+= 1
            switch wanted {
            case UInt8(ascii: "0"): guard byte.isDigit else { return nil }
            case UInt8(ascii: "a"): guard byte.isLetter else { return nil }
            default: guard byte == wanted else { return nil }
            }
        }
        return (text.sub(at, at + shape.count), at + shape.count)
    }

    private static func quoted(_ text: ByteSlice, _ at: Int, arena: Arena) -> (value: ByteSlice, end: Int)? {
        guard at < text.count, text[at] == UInt8(ascii: "\"") else { return nil }
        var end = at + 1
        var isPlain = true
        while end < text.count {
            if text[end] == UInt8(ascii: "\\"), end + 1 < text.count {
                isPlain = false
                end += 2
            } else if text[end] == UInt8(ascii: "\"") {
                guard end + 1 < text.count, text[end + 1] == UInt8(ascii: "\"") else { break }
                isPlain = false
                end += 2
            } else {
                end += 1
            }
        }
        guard end < text.count else { return nil }
        let inside = text.sub(at + 1, end)
        return (isPlain ? inside : QuotedText.plain(inside, arena: arena), end + 1)
    }
}
