/// What the scrubber finds in free text. The raw value is the name under which it is counted.
public enum ScrubKind: String, CaseIterable, Hashable, Sendable {
    /// An e-mail address: becomes a user's token.
    case email
    /// An IPv4 or IPv6 address: becomes an address token.
    case address = "ip"
    /// A user's name in a home folder, an ARN or behind `user=`: becomes a user's token.
    case login
    case hardwareAddress = "mac"
    case phone
    case card
    case iban
    case socialSecurityNumber = "ssn"
    /// A JSON Web Token, whole or cut, or other base64 text that begins as a JSON object does.
    case jwt
    /// An access key id or secret of AWS.
    case awsKey = "aws_key"
    /// A key or token that its vendor's prefix gives away.
    case vendorToken = "api_token"
    case privateKey = "private_key"
    /// User name and password of a URL.
    case urlCredentials = "url_credentials"
    /// The value of a word such as `password`, a bearer token, a password hash.
    case secret

    /// What stands in the text instead, for kinds that have no token.
    var label: String {
        switch self {
        case .email: "[email]"
        case .address: "[ip]"
        case .login: "[user]"
        case .hardwareAddress: "[mac]"
        case .phone: "[phone]"
        case .card: "[card]"
        case .iban: "[iban]"
        case .socialSecurityNumber: "[ssn]"
        case .jwt: "[jwt]"
        case .awsKey: "[aws-key]"
        case .vendorToken: "[api-token]"
        case .privateKey: "[private-key]"
        case .urlCredentials: "[credentials]"
        case .secret: "[secret]"
        }
    }
}

/// One stretch of a text that must not stay.
public struct ScrubFinding: Hashable, Sendable {
    public let kind: ScrubKind
    /// Byte offsets in the text's UTF-8.
    public let start: Int
    public let end: Int

    init(_ kind: ScrubKind, _ start: Int, _ end: Int) {
        self.kind = kind
        self.start = start
        self.end = end
    }
}
