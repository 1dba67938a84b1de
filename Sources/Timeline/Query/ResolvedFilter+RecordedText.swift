import AuditModel

extension ResolvedFilter {
    /// The query as it may be written down: tokens for people, and nothing that a person typed about one.
    ///
    /// Values of identity fields that are no tokens become `[name]`, free words `[text]`; patterns on other fields stay.
    public var recordedText: String { Self.text(filter, isInner: false) }

    private static func text(_ filter: Filter, isInner: Bool) -> String {
        func group(_ filters: [Filter], _ joiner: String) -> String {
            let inner = filters.map { text($0, isInner: true) }.joined(separator: joiner)
            return isInner ? "(\(inner))" : inner
        }
        switch filter {
        case .all: return "*"
        case .and(let filters): return group(filters, " ")
        case .or(let filters): return group(filters, " OR ")
        case .not(let inner): return "NOT " + text(inner, isInner: true)
        case .time(let from, let until):
            return [from.map { "since:\($0)" }, until.map { "until:\($0)" }].compactMap { $0 }.joined(separator: " ")
        case .word(let word): return Self.isToken(word) ? word : "[text]"
        case .field(let selector, let pattern):
            let isSafe = Self.isToken(pattern.text) || (!selector.holdsIdentities && !pattern.text.contains("@"))
            return "\(selector.label):\(isSafe ? pattern.text : "[name]")"
        }
    }
}

extension FieldSelector {
    /// How the selector is written in a query.
    var label: String {
        switch self {
        case .fields(let fields): fields.count == 1 ? fields[0].name : fields.contains(.actorID) ? "actor" : "ip"
        case .target: "target"
        case .targetMember(let member): "target.\(member.rawValue)"
        case .role: "role"
        case .flag: "flag"
        case .change: "change"
        case .attribute(let name): "attributes.\(name)"
        }
    }
}
