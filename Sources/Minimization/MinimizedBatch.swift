import AuditModel
import Vault

/// Events with tokens in place of identities, and what was taken out of them.
public struct MinimizedBatch: Sendable {
    /// In the order in which they came, one for one.
    public var events: [Event]
    /// What was replaced, dropped or cut, by fixed names: `scrub.email`, `secret.attribute`, `truncated` … Nothing that a source can choose
    /// is in a name.
    public var counts: [String: Int]
    /// Commitments that the seal of this batch should hold. Give them back (`Vault.returnBindings`) when the commit fails, mark them
    /// (`Vault.markBound`) when it is done.
    public var bindings: [Binding]
}
