/// One step of computing a value. Numbers point into the pools of a ``ParsePlan``.
enum Operation: Sendable {
    /// The text of a slot.
    case load(slot: Int32)
    /// The JSON text of a slot, whatever its kind.
    case loadRaw(slot: Int32)
    case constant(Int32)
    case template(Int32)
    /// What is in a list, as one text.
    case join(Int32)
    /// Goes on at the target if there is a value: the rest of a list of alternatives is not needed.
    case jumpIfPresent(target: Int32)
    /// Takes the value away unless the condition holds.
    case onlyWhen(Int32)
    case lower
    case upper
    case trim
    case trimBytes(Int32)
    case before(Int32)
    case after(Int32)
    case beforeLast(Int32)
    case afterLast(Int32)
    case stripPrefix(Int32)
    case stripSuffix(Int32)
    case replace(find: Int32, with: Int32)
    case part(separator: Int32, number: Int32)
    case map(table: Int32)
    /// Takes the value away if the set holds it.
    case unless(table: Int32)
    case only(ValueShape)
    /// The field `value` of the first of some patterns that the value matches.
    case pattern(first: Int32, count: Int32, slot: Int32)
    case hex
    /// A part of a socket's address that was written as hex digits.
    case socketAddress(SocketAddress.Part)
    case fallback(Int32)
}

/// A range of operations that computes one text.
struct Expression: BitwiseCopyable, Sendable {
    let start: Int32
    let end: Int32
}

/// What `only` lets through.
enum ValueShape: String, CaseIterable, Sendable {
    case ip, email, digits, number, uuid

    func accepts(_ text: ByteSlice) -> Bool {
        switch self {
        case .ip: IPAddress.isAddress(text)
        case .email: Self.isEmail(text)
        case .digits: (0..<text.count).allSatisfy { text[$0].isDigit }
        case .number: JSONText.isNumber(text)
        case .uuid: Self.isUUID(text)
        }
    }

    /// One `@`, something on both sides, a dot in the domain, no blanks: enough to tell an address from a login.
    private static func isEmail(_ text: ByteSlice) -> Bool {
        guard let sign = text.firstIndex(of: UInt8(ascii: "@")), sign > 0, text.firstIndex(of: UInt8(ascii: "@"), from: sign + 1) == nil,
            let dot = text.firstIndex(of: UInt8(ascii: "."), from: sign + 1), dot > sign + 1, dot + 1 < text.count
        else { return false }
        return (0..<text.count).allSatisfy { !text[$0].isBlank }
    }

    private static func isUUID(_ text: ByteSlice) -> Bool {
        guard text.count == 36 else { return false }
        return (0..<36).allSatisfy { [8, 13, 18, 23].contains($0) ? text[$0] == UInt8(ascii: "-") : text[$0].isHexDigit }
    }
}

/// A piece of a template.
enum TemplatePiece: Sendable {
    case literal(Int32)
    case value(Expression)
}

/// A template, or a join: pieces without a value are left out together with the separator before them.
struct Template: Sendable {
    let pieces: [TemplatePiece]
    /// Separator of a join, or -1 for a template, which has no value unless all its pieces have one.
    let separator: Int32
}

/// A template laid out for running.
struct FlatTemplate: BitwiseCopyable {
    let first: Int32
    let count: Int32
    let separator: Int32
}
