import AuditModel

/// What minimization does with a value. The raw value is the policy file's word.
public enum Treatment: String, CaseIterable, Hashable, Sendable {
    /// Stays, unless the scrubber finds something in it.
    case keep
    /// Replaced by its token.
    case token
    /// Replaced by its token; the truncated prefix goes to `origin.net`.
    case tokenAndPrefix = "token_and_prefix"
    /// Replaced by a family, such as a browser and its system.
    case generalize
    /// Personal data and secrets in it are replaced.
    case scrub
    /// Removed and counted.
    case drop

    /// The treatments that a policy may choose for a class: what this design asks, or something stricter.
    static func allowed(for dataClass: DataClass) -> [Treatment] {
        switch dataClass {
        case .public: [.keep, .scrub, .token, .drop]
        case .identity: [.token, .drop]
        case .networkIdentity: [.tokenAndPrefix, .token, .drop]
        case .quasi: [.generalize, .token, .drop]
        case .freeText: [.scrub, .drop]
        case .secret: [.drop]
        }
    }
}
