/// What kind of thing a token stands for; it decides the token's prefix.
///
/// The raw value is stored in the vault and never changes its meaning.
public enum IdentityKind: Int64, CaseIterable, Hashable, Sendable {
    /// A person's or a service's account: id, login, e-mail, display name.
    case user = 1
    /// An IP address.
    case address = 2
    /// A phone, a laptop, an authenticator.
    case device = 3
    /// A mailbox that is acted on, as against the person who acts.
    case mailbox = 4
    /// A machine's name where it may belong to a person.
    case host = 5

    /// The letters before the underscore of a token of this kind.
    public var prefix: String { prefixBytes.description }

    /// The order of the prefixes by their bytes.
    var prefixRank: UInt8 {
        switch self {
        case .device: 0
        case .host: 1
        case .address: 2
        case .mailbox: 3
        case .user: 4
        }
    }

    var prefixBytes: StaticString {
        switch self {
        case .user: "usr"
        case .address: "ip"
        case .device: "dev"
        case .mailbox: "mbx"
        case .host: "hst"
        }
    }

    /// The kind with this prefix, or nil.
    public init?(prefix: some StringProtocol) {
        guard let kind = Self.allCases.first(where: { $0.prefix == prefix }) else { return nil }
        self = kind
    }
}
