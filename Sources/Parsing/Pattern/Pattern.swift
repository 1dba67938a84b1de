/// A compiled pattern with named fields: `Accepted <method:word> for <user:text> from <address:ip>`.
///
/// A pattern is a short program over bytes, run by ``PatternMatcher`` with backtracking under a step budget. It is anchored
/// at both ends, or only at the beginning where the definition asks for a prefix (`starts`). See docs/parsers.md, "Patterns".
struct Pattern: Sendable {
    /// What a field may hold.
    enum FieldType: Hashable, Sendable {
        /// As few bytes as the rest of the pattern allows; may be empty.
        case text
        /// Everything to the end.
        case rest
        /// As few non-blank bytes as the rest of the pattern allows, at least one.
        case word
        /// Letters, digits, `_`, `-` and `.`, at least one, as many as there are.
        case name
        case digits
        /// Digits with an optional minus sign.
        case integer
        /// A decimal number, fraction optional.
        case number
        case hex
        /// An IPv4 or IPv6 address.
        case ip
        /// A text in double quotes; the field is what is inside. `\"` and `""` stand for a quote.
        case quoted
        /// A date and time: `2026-07-01T08:00:00.123Z`, a space for the T, a comma for the point, zone or offset optional.
        case iso
        /// One blank or more.
        case space
        /// Any number of blanks.
        case blanks
        /// A shape: `0` for a digit, `a` for a letter, everything else itself.
        case like([UInt8])
    }

    enum Instruction: Hashable, Sendable {
        case literal(Int32)
        case field(FieldType, slot: Int32)
        /// One of several literals, the first that lets the rest match.
        case oneOf([Int32], slot: Int32)
        /// Try what follows; if the rest fails, go on at the given instruction.
        case optional(otherwise: Int)
        /// The pattern's end: the text must end here.
        case end
        /// The end of a prefix pattern: the text may go on.
        case endOfPrefix
    }

    let instructions: [Instruction]
    /// The instructions as they are run.
    let flat: FlatPattern
    private let pool: ConstantPool
    private let memory = PlanMemory()
    /// The names of the fields, in the order in which they stand.
    let names: [String]

    /// Why a pattern is not one.
    struct SyntaxError: Error {
        let message: String
    }

    /// Compiles a pattern.
    ///
    /// - Parameters:
    ///   - isPrefix: Whether text may follow the match.
    ///   - slot: The slot of a field's name; called once per field.
    init(_ source: String, isPrefix: Bool, slot: (String) -> Int32) throws(SyntaxError) {
        var compiler = PatternCompiler(source)
        try compiler.compile(slot: slot)
        instructions = compiler.instructions + [isPrefix ? .endOfPrefix : .end]
        flat = FlatPattern(instructions, constants: compiler.constants.slices, memory: memory)
        pool = compiler.constants
        names = compiler.names
    }
}

/// Turns the spelling of a pattern into instructions.
private struct PatternCompiler {
    private let source: [UInt8]
    private var at = 0
    private var openGroups: [Int] = []
    private var literal: [UInt8] = []
    var instructions: [Pattern.Instruction] = []
    var names: [String] = []
    let constants = ConstantPool()

    init(_ source: String) { self.source = Array(source.utf8) }

    mutating func compile(slot: (String) -> Int32) throws(Pattern.SyntaxError) {
        while at < source.count {
            let byte = source[at]
            if byte == UInt8(ascii: "<") {
                try special(slot: slot)
            } else if byte == UInt8(ascii: "?"), at + 1 < source.count, source[at + 1] == UInt8(ascii: ">"), !openGroups.isEmpty {
                flush()
                instructions[openGroups.removeLast()] = .optional(otherwise: instructions.count)
                at += 2
            } else {
                literal.append(byte)
                at += 1
            }
        }
        flush()
        guard openGroups.isEmpty else { throw .init(message: "an optional part <? … ?> is not closed") }
        guard !instructions.isEmpty else { throw .init(message: "a pattern must not be empty") }
    }

    private mutating func special(slot: (String) -> Int32) throws(Pattern.SyntaxError) {
        guard at + 1 < source.count else { throw .init(message: "a < at the end; write << for the character itself") }
        if source[at + 1] == UInt8(ascii: "<") {
            literal.append(UInt8(ascii: "<"))
            at += 2
            return
        }
        flush()
        if source[at + 1] == UInt8(ascii: "?") {
            openGroups.append(instructions.count)
            instructions.append(.optional(otherwise: 0))
            at += 2
            return
        }
        try field(slot: slot)
    }

    private mutating func flush() {
        guard !literal.isEmpty else { return }
        instructions.append(.literal(constants.intern(String(decoding: literal, as: UTF8.self))))
        literal = []
    }

    private mutating func field(slot: (String) -> Int32) throws(Pattern.SyntaxError) {
        var depth = 0
        var end = at + 1
        while end < source.count, source[end] != UInt8(ascii: ">") || depth > 0 {
            if source[end] == UInt8(ascii: "(") { depth += 1 }
            if source[end] == UInt8(ascii: ")") { depth -= 1 }
            end += 1
        }
        guard end < source.count else { throw .init(message: "a field <name:type> is not closed; write << for the character <") }
        let inside = String(decoding: source[(at + 1)..<end], as: UTF8.self)
        at = end + 1
        guard let colon = inside.firstIndex(of: ":") else {
            throw .init(message: "<\(inside)> has no type: write <name:type>, or << for the character <")
        }
        let name = String(inside[..<colon])
        let type = String(inside[inside.index(after: colon)...])
        guard name.utf8.allSatisfy({ $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }) else {
            throw .init(message: "the field name '\(name)' may hold letters, digits and _ only")
        }
        let number = name.isEmpty ? -1 : slot(name)
        if !name.isEmpty { names.append(name) }
        if type.hasPrefix("("), type.hasSuffix(")") {
            let choices = type.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
            instructions.append(.oneOf(choices.map { constants.intern(String($0)) }, slot: number))
            return
        }
        instructions.append(.field(try Self.fieldType(type), slot: number))
    }

    static let types: [String: Pattern.FieldType] = [
        "text": .text, "rest": .rest, "word": .word, "name": .name, "digits": .digits, "integer": .integer, "number": .number,
        "hex": .hex, "ip": .ip, "quoted": .quoted, "iso": .iso, "space": .space, "blanks": .blanks,
    ]

    private static func fieldType(_ spelled: String) throws(Pattern.SyntaxError) -> Pattern.FieldType {
        if spelled.hasPrefix("like("), spelled.hasSuffix(")") { return .like(Array(spelled.dropFirst(5).dropLast().utf8)) }
        guard let type = types[spelled] else {
            throw .init(message: "unknown field type '\(spelled)': one of \(types.keys.sorted().joined(separator: ", ")), like(…), (a|b)")
        }
        return type
    }
}
