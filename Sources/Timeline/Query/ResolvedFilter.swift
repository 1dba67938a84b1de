import AuditModel

/// A filter with tokens beside identities: what can be evaluated.
public struct ResolvedFilter: Hashable, Sendable {
    /// The tree, with a term for each token that a name stands for.
    public let filter: Filter
    /// Names that the vault does not know: nothing seen so far belongs to them.
    public let unknownNames: Int
    /// The tokens that the query names, directly or through a name.
    public let tokens: Set<String>

    /// Resolves names to tokens.
    ///
    /// A name on an identity field becomes every token of that person. A value that is a token already stays. A free word
    /// that the vault knows also looks for its tokens, since minimization puts them into texts.
    ///
    /// - Parameter lookup: The tokens of the person (or address) that a name belongs to; empty where it is unknown. It must
    ///   not create tokens.
    public init(_ filter: Filter, lookup: (String) throws -> [String]) rethrows {
        var resolver = Resolver()
        self.filter = try resolver.resolve(filter, lookup)
        unknownNames = resolver.unknownNames
        tokens = resolver.tokens
    }

    /// Whether an event matches.
    public func matches(_ event: Event) -> Bool { Self.matches(filter, event) }

    private static func matches(_ filter: Filter, _ event: Event) -> Bool {
        switch filter {
        case .all: return true
        case .and(let filters): return filters.allSatisfy { matches($0, event) }
        case .or(let filters): return filters.contains { matches($0, event) }
        case .not(let inner): return !matches(inner, event)
        case .time(let from, let until):
            guard let time = event.time else { return false }
            return from.map { time >= $0 } ?? true && until.map { time < $0 } ?? true
        case .field(let selector, let pattern): return selector.contains(in: event, where: pattern.matches)
        case .word(let word): return contains(word.utf8.map(TextPattern.lowercased), event)
        }
    }

    /// Whether a text has the shape of a token: a lower-case prefix, an underscore and 13 base32 characters.
    static func isToken(_ text: String) -> Bool {
        let parts = text.split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, (1...8).contains(parts[0].count), parts[1].utf8.count == 13 else { return false }
        return parts[0].utf8.allSatisfy { (97...122).contains($0) }
            && parts[1].utf8.allSatisfy { (97...122).contains($0) || (50...55).contains($0) }
    }

    private static func contains(_ word: [UInt8], _ event: Event) -> Bool {
        func holds(_ text: String?) -> Bool { text.map { TextPattern.contains(word, in: $0) } ?? false }
        return EventField.allCases.contains { holds(event[$0]) }
            || event.targets.contains { holds($0.id) || holds($0.name) || holds($0.type) }
            || event.attributes.contains { holds($0.value) }
            || event.changes.contains { holds($0.field) || holds($0.before) || holds($0.after) }
            || event.roles.contains { holds($0) }
    }
}

private struct Resolver {
    var unknownNames = 0
    var tokens: Set<String> = []

    mutating func resolve(_ filter: Filter, _ lookup: (String) throws -> [String]) rethrows -> Filter {
        switch filter {
        case .all, .time: return filter
        case .and(let filters):
            var resolved: [Filter] = []
            for inner in filters { resolved.append(try resolve(inner, lookup)) }
            return .and(resolved)
        case .or(let filters):
            var resolved: [Filter] = []
            for inner in filters { resolved.append(try resolve(inner, lookup)) }
            return .or(resolved)
        case .not(let inner): return .not(try resolve(inner, lookup))
        case .word(let word): return anyOf(try known(word, lookup).map { .word($0) }, else: filter)
        case .field(let selector, let pattern):
            guard selector.holdsIdentities, !pattern.hasWildcard else { return filter }
            if ResolvedFilter.isToken(pattern.text) {
                tokens.insert(pattern.text)
                return filter
            }
            let found = try known(pattern.text, lookup)
            if found.isEmpty, Self.isCertainlyIdentity(selector) { unknownNames += 1 }
            return anyOf(found.map { .field(selector, TextPattern($0, isLiteral: true)) }, else: filter)
        }
    }

    private mutating func known(_ name: String, _ lookup: (String) throws -> [String]) rethrows -> [String] {
        let found = try lookup(name).sorted()
        tokens.formUnion(found)
        return found
    }

    /// Tokens first; the text as it was written stays an alternative, since a target or a word may be no person at all.
    private func anyOf(_ alternatives: [Filter], else original: Filter) -> Filter {
        alternatives.isEmpty ? original : .or(alternatives + [original])
    }

    private static func isCertainlyIdentity(_ selector: FieldSelector) -> Bool {
        if case .fields(let fields) = selector {
            return fields.allSatisfy { $0.dataClass == .identity || $0.dataClass == .networkIdentity }
        }
        return false
    }
}
