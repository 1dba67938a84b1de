import AuditModel
import Vault

/// What one source's values became, so that a known value costs one look-up instead of normalizing and asking the vault.
///
/// Holds what a source wrote, in memory only. Emptied when a batch fails, when the vault erases somebody, and at its limit.
final class IdentityCache {
    /// A value's token and its occurrences to look for.
    struct Known {
        let token: String
        /// The truncated prefix of an address.
        var prefix: String?
        let literals: [LiteralTable.Literal]
    }

    /// The values that one actor or target carries together.
    struct Person: Hashable {
        let kind: IdentityKind
        let id: String?
        let email: String?
        let name: String?
    }

    /// Tokens in the place of a person's values.
    struct KnownPerson {
        var id: String?
        var email: String?
        var name: String?
        var literals: [LiteralTable.Literal] = []
    }

    private struct Single: Hashable {
        let kind: IdentityKind
        let text: String
    }

    private static let limit = 1 << 16

    let namespace: String
    private let policy: MinimizationPolicy
    private var singles: [Single: Known] = [:]
    private var persons: [Person: KnownPerson] = [:]

    init(namespace: String, policy: MinimizationPolicy) {
        self.namespace = namespace
        self.policy = policy
    }

    /// The token of a login, host or address; a server's name stays as it is.
    func known(_ kind: IdentityKind, _ text: String, session: VaultSession) throws -> Known {
        let key = Single(kind: kind, text: text)
        if let known = singles[key] { return known }
        let known = try make(kind, text, session)
        if singles.count >= Self.limit { singles.removeAll(keepingCapacity: true) }
        singles[key] = known
        return known
    }

    private func make(_ kind: IdentityKind, _ text: String, _ session: VaultSession) throws -> Known {
        guard !text.isEmpty, !policy.isServer(text) else { return Known(token: text, literals: []) }
        var identity = Identity(kind, text, role: .login, namespace: namespace)
        var prefix: String?
        if kind == .address || kind == .host {
            let bare = kind == .address ? Self.bareAddress(text) : text
            if let address = NetworkAddress(bare) {
                identity = Identity(.address, address.description)
                prefix = address.prefix
            } else if kind == .address {
                identity = Identity(.address, bare)
            }
        }
        let token = try session.token(for: identity)
        // Names of nobody, such as root, stay in texts.
        let isNamed = identity.kind == .address || !identity.isShared
        return Known(token: token, prefix: prefix, literals: isNamed ? LiteralTable.literals(of: text, token: token) : [])
    }

    /// The tokens of a person's values, linked in the vault.
    func known(_ person: Person, session: VaultSession) throws -> KnownPerson {
        if let known = persons[person] { return known }
        var known = KnownPerson(id: person.id, email: person.email, name: person.name)
        var places: [WritableKeyPath<KnownPerson, String?>] = []
        var identities: [Identity] = []
        let values: [(WritableKeyPath<KnownPerson, String?>, String?, Identity.Role)] = [
            (\.id, person.id, .id), (\.email, person.email, .email), (\.name, person.name, .name),
        ]
        for (place, value, role) in values {
            guard let value, !value.isEmpty, !policy.isServer(value) else { continue }
            places.append(place)
            identities.append(Identity(person.kind, value, role: role, namespace: namespace))
        }
        if !identities.isEmpty {
            let tokens = try session.tokens(ofPerson: identities, namespace: namespace)
            for (index, place) in places.enumerated() {
                if !identities[index].isShared {
                    known.literals += LiteralTable.literals(of: known[keyPath: place] ?? "", token: tokens[index])
                }
                known[keyPath: place] = tokens[index]
            }
        }
        if persons.count >= Self.limit { persons.removeAll(keepingCapacity: true) }
        persons[person] = known
        return known
    }

    /// An address without brackets, port and zone; anything else as it is.
    static func bareAddress(_ value: String) -> String {
        if NetworkAddress(value) != nil { return value }
        var text = Substring(value)
        if text.first == "[", let close = text.firstIndex(of: "]") { text = text[text.index(after: text.startIndex)..<close] }
        if let zone = text.firstIndex(of: "%") { text = text[..<zone] }
        if NetworkAddress(text) != nil { return String(text) }
        if let colon = text.firstIndex(of: ":"), NetworkAddress(text[..<colon]) != nil { return String(text[..<colon]) }
        return value
    }
}
