import AuditModel
import Cryptography
import Vault

/// Turns the identities of a fixture, which are written in clear, into tokens as the store has them, and knows who is whom.
///
/// The same identity has the same token in every run. What one event names together as one actor or target is one person, and so
/// is what the case names under `people:`, as in the vault.
struct FixtureIdentities {
    private var clearByToken: [String: String] = [:]
    /// Union-find over tokens.
    private var parents: [String: String] = [:]
    /// Values that the case names as people: they become tokens wherever they stand alone.
    private var named: Set<String> = []

    /// - Parameter people: The names of each person.
    init(people: [[String]]) {
        for names in people {
            let tokens = names.map { token($0, .user) }
            for other in tokens.dropFirst() { join(tokens[0], other) }
            named.formUnion(names)
        }
    }

    /// Tokens to persons, for the store.
    var persons: [String: String] {
        var persons: [String: String] = [:]
        for token in clearByToken.keys { persons[token] = "person:\(clearByToken[root(token)] ?? token)" }
        return persons
    }

    /// Every identity, in clear.
    var names: Set<String> { Set(clearByToken.values) }

    /// The tokens of everybody who bears a name, as a query names them.
    func tokens(of name: String) -> [String] {
        let persons = Set(IdentityKind.allCases.map { Self.spelling(name, $0) }.filter { clearByToken[$0] != nil }.map(root))
        return clearByToken.keys.filter { persons.contains(root($0)) }.sorted()
    }

    /// A text with the tokens in it turned back.
    func clear(_ text: String) -> String {
        guard text.contains("_") else { return text }
        var text = text
        for (token, clear) in clearByToken where text.contains(token) { text = text.replacing(token, with: clear) }
        return text
    }

    /// Replaces the identities of an event.
    mutating func minimize(_ event: inout Event) {
        link(&event, [.actorID, .actorEmail, .actorName])
        for field in [EventField.actorOnBehalfOf, .approvalBy] { event[field] = event[field].map { token($0, .user) } }
        event[.originHost] = event[.originHost].map { token($0, .host) }
        if let ip = event[.originIP] {
            if event[.originNet] == nil { event[.originNet] = NetworkAddress(ip)?.prefix }
            event[.originIP] = token(ip, .address)
        }
        for index in event.targets.indices {
            let target = event.targets[index]
            if target.isIdentity {
                let kind: IdentityKind = target.type == "device" ? .device : target.type == "mailbox" ? .mailbox : .user
                event.targets[index].id = target.id.map { token($0, kind) }
                event.targets[index].name = target.name.map { token($0, kind) }
                if let id = target.id, let name = target.name, Self.links(id, .id), Self.links(name, .name) {
                    join(Self.spelling(id, kind), Self.spelling(name, kind))
                }
            } else {
                event.targets[index].id = target.id.map { known($0) }
                event.targets[index].name = target.name.map { known($0) }
            }
        }
        for attribute in event.attributes { event.setAttribute(attribute.name, known(attribute.value)) }
        for index in event.changes.indices {
            event.changes[index].before = event.changes[index].before.map { known($0) }
            event.changes[index].after = event.changes[index].after.map { known($0) }
        }
    }

    private mutating func link(_ event: inout Event, _ fields: [EventField]) {
        var strong: [String] = []
        for field in fields {
            guard let value = event[field] else { continue }
            let token = token(value, .user)
            event[field] = token
            if Self.links(value, field == .actorID ? .id : field == .actorEmail ? .email : .name) { strong.append(token) }
        }
        for other in strong.dropFirst() { join(strong[0], other) }
    }

    /// Whether a value names one person for sure: no display name and no shared account.
    private static func links(_ value: String, _ role: Identity.Role) -> Bool {
        let identity = Identity(.user, value, role: role)
        return identity.role != .name && !identity.isShared
    }

    /// A value's token where it is an e-mail address or was named under `people:`, else the value.
    private mutating func known(_ value: String) -> String {
        named.contains(value) || Identity(.user, value).role == .email ? token(value, .user) : value
    }

    private mutating func token(_ value: String, _ kind: IdentityKind) -> String {
        let token = Self.spelling(value, kind)
        if clearByToken[token] == nil {
            clearByToken[token] = Identity.normalize(value, kind: kind)
            parents[token] = token
        }
        return token
    }

    private static func spelling(_ value: String, _ kind: IdentityKind) -> String {
        let hash = SHA256.hash("fixture\n\(kind.prefix)\n\(Identity.normalize(value, kind: kind))")
        return Token(kind: kind, bits: hash.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }).description
    }

    private func root(_ token: String) -> String {
        var token = token
        while let parent = parents[token], parent != token { token = parent }
        return token
    }

    /// The smaller clear value stands for the person, so that the order of events changes nothing.
    private mutating func join(_ a: String, _ b: String) {
        let (a, b) = (root(a), root(b))
        guard a != b else { return }
        if (clearByToken[a] ?? a) <= (clearByToken[b] ?? b) { parents[b] = a } else { parents[a] = b }
    }
}
