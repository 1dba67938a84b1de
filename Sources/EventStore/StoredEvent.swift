public import AuditModel

/// An event with its position in the store.
public struct StoredEvent: Hashable, Sendable {
    /// Position: the order of commit, counted from 0.
    public let seq: Int64
    /// The event.
    public let event: Event

    /// Makes a stored event.
    public init(seq: Int64, event: Event) {
        self.seq = seq
        self.event = event
    }
}
