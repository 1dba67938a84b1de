/// One batch's view of the vault, inside ``Vault/batch(_:)``.
public final class VaultSession {
    private let desk: TokenDesk
    private let scratch = IdentityScratch()
    private var bits: [UInt64] = []

    init(desk: TokenDesk) { self.desk = desk }

    /// The token of an identity; a new one on a subject of its own where it was never seen or was erased.
    public func token(for identity: Identity) throws -> String {
        load([identity])
        return Token(kind: identity.kind, bits: try desk.token(scratch, 0)).description
    }

    /// The token of an identity if it has one.
    public func existingToken(for identity: Identity) throws -> String? {
        load([identity])
        return try desk.existing(scratch, 0).map { Token(kind: identity.kind, bits: $0).description }
    }

    /// The tokens of values that one actor or target carried in one event, in the order given; new ones hang on one subject.
    ///
    /// Where known values of two subjects meet, the subjects become one if both values are strong (id, e-mail or login) and the union has at most
    /// one id per namespace; else the pair is recorded as an alias and nothing is merged (docs/decisions/0041).
    ///
    /// - Parameter namespace: Where an `id` is unique: the source's name from the configuration.
    public func tokens(ofPerson identities: [Identity], namespace: String) throws -> [String] {
        guard !identities.isEmpty else { return [] }
        load(identities)
        try desk.tokens(ofPerson: scratch, namespace: namespace, into: &bits)
        return zip(identities, bits).map { Token(kind: $0.kind, bits: $1).description }
    }

    private func load(_ identities: [Identity]) {
        scratch.reset()
        for identity in identities { scratch.add(identity) }
    }
}
