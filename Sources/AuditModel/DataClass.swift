/// How much a value says about a person, and so which treatment minimization gives it.
///
/// A schema field carries its class (``EventField/dataClass``); `attributes` and overrides name one in the parser
/// definition. A value without a class does not exist: definitions that map one do not load.
public enum DataClass: String, CaseIterable, Hashable, Sendable {
    /// Kept as it is.
    case `public`
    /// Names a person, device or mailbox: replaced by a token.
    case identity
    /// An IP address: replaced by a token, with a truncated prefix beside it.
    case networkIdentity = "network_identity"
    /// Narrows down a person without naming one, such as a user agent: generalized.
    case quasi
    /// Text that somebody typed or a program composed: scrubbed of personal data and secrets.
    case freeText = "free_text"
    /// A credential: dropped and counted.
    case secret
}
