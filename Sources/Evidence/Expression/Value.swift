import AuditModel

/// What an expression of a report works with.
enum Value: Hashable, Sendable {
    case missing
    case text(String)
    case number(Int64)
    case truth(Truth)
    /// A moment, with the half-width of the interval in which it lies.
    case time(Timestamp, bound: Int64)
    /// A length of time in microseconds, with the half-width of its uncertainty.
    case duration(Int64, bound: Int64)
    /// People, by the vault's subjects. More than one where a field names several.
    case people(Set<String>)
    /// Somebody whom an inventory names: the token (or pseudonym) to print, and the people whom it stands for.
    case person(shown: String, people: Set<String>)
    case list([String])

    /// What kind of value this is, for messages.
    var kind: String {
        switch self {
        case .missing: "nothing"
        case .text: "a text"
        case .number: "a number"
        case .truth: "a condition"
        case .time: "a time"
        case .duration: "a duration"
        case .people, .person: "a person"
        case .list: "a list"
        }
    }

    var isMissing: Bool {
        switch self {
        case .missing: true
        case .people(let people): people.isEmpty
        case .list(let list): list.isEmpty
        default: false
        }
    }

    /// The people behind a value that is one or several; nil for everything else.
    var asPeople: Set<String>? {
        switch self {
        case .people(let people), .person(_, let people): people
        default: nil
        }
    }

    /// Whether the value could not be decided.
    var isUndecidable: Bool { self == .truth(.undecidable) }
}

/// Three-valued truth (Kleene): the order of two events whose time bounds overlap cannot be decided.
enum Truth: Hashable, Sendable {
    case no, undecidable, yes

    init(_ condition: Bool) { self = condition ? .yes : .no }

    static prefix func ! (truth: Truth) -> Truth {
        switch truth {
        case .yes: .no
        case .no: .yes
        case .undecidable: .undecidable
        }
    }

    func and(_ other: Truth) -> Truth {
        if self == .no || other == .no { return .no }
        return self == .yes && other == .yes ? .yes : .undecidable
    }

    func or(_ other: Truth) -> Truth {
        if self == .yes || other == .yes { return .yes }
        return self == .no && other == .no ? .no : .undecidable
    }
}

/// Lengths of time as definitions and people write them.
enum DurationText {
    private static let units: [(suffix: String, microseconds: Int64)] = [
        ("w", 604_800_000_000), ("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("m", 60_000_000), ("s", 1_000_000),
    ]

    /// Reads `24h`, `15m`, `90s`, `30d`, `2w`, with an optional sign; nil where it is none of these or too long.
    static func parse(_ text: String) -> Int64? {
        var digits = text[...]
        var sign: Int64 = 1
        if digits.hasPrefix("-") || digits.hasPrefix("+") {
            sign = digits.hasPrefix("-") ? -1 : 1
            digits = digits.dropFirst()
        }
        let number = digits.prefix { $0.isASCII && $0.isNumber }
        let suffix = digits.dropFirst(number.count)
        guard let value = Int64(number), let unit = units.first(where: { $0.suffix == suffix }) else { return nil }
        let (product, overflow) = value.multipliedReportingOverflow(by: unit.microseconds)
        return overflow ? nil : sign * product
    }

    /// The two largest units, days from 48 hours on, as policies speak: `3 d 4 h`, `24 h`, `42 s`, `-5 min`, `0 s`.
    static func show(_ microseconds: Int64) -> String {
        if microseconds < 0 { return microseconds == .min ? "-" : "-" + show(-microseconds) }
        let seconds = microseconds / 1_000_000
        let days = seconds >= 172_800 ? seconds / 86_400 : 0
        let parts = [(days, "d"), (seconds / 3_600 - days * 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")]
        guard let first = parts.firstIndex(where: { $0.0 > 0 }) else {
            return microseconds == 0 ? "0 s" : "under 1 s"
        }
        return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
