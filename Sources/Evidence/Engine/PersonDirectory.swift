import AuditModel

/// Who stands behind the tokens of an event, remembered.
///
/// All tokens of a person (HR's e-mail, Okta's user, GitHub's login, the Linux account) hang on one subject of the vault, so
/// events of different systems meet in the same person. A token that the vault does not know stands for itself.
final class PersonDirectory {
    private let store: any EvidenceStore
    private var known: [String: String] = [:]

    /// Names of inventories that were asked for; nil inside for those that the vault does not know.
    private var names: [String: (token: String, people: Set<String>)?] = [:]

    init(_ store: any EvidenceStore) { self.store = store }

    func people(_ tokens: [String?]) throws -> Set<String> {
        var people: Set<String> = []
        for token in tokens {
            guard let token else { continue }
            if let person = known[token] {
                people.insert(person)
            } else {
                let person = try store.person(of: token) ?? token
                known[token] = person
                people.insert(person)
            }
        }
        return people
    }

    /// Whom a name (or token) of an inventory means: a token to print, and the people; nil where the vault knows nobody of that name.
    func named(_ text: String) throws -> (token: String, people: Set<String>)? {
        if let found = names[text] { return found }
        var found: (token: String, people: Set<String>)?
        if let person = try store.person(of: text) {
            found = (text, [person])
        } else {
            let tokens = try store.tokens(of: text)
            if let token = tokens.min() { found = (token, try people(tokens)) }
        }
        names[text] = .some(found)
        return found
    }

    func actor(_ event: Event) throws -> Set<String> { try people([event[.actorID], event[.actorEmail], event[.actorName]]) }
    func approver(_ event: Event) throws -> Set<String> { try people([event[.approvalBy]]) }
    func onBehalfOf(_ event: Event) throws -> Set<String> { try people([event[.actorOnBehalfOf]]) }

    func targets(_ event: Event) throws -> Set<String> {
        try people(event.targets.filter(\.isIdentity).flatMap { [$0.id, $0.name] })
    }
}
