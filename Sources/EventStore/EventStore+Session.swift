import AuditModel

extension EventStore {
    /// Begins a session: from here on epochs run. A service's down-time since its last epoch is written as a `gap` entry.
    public func openSession(_ kind: SessionKind) throws {
        throw StoreError(.notFound, "not written yet")
    }

    /// A sign of life: closes the epoch when its time is over. A service calls it at least every ten seconds.
    public func tick() throws {
        throw StoreError(.notFound, "not written yet")
    }

    /// What the next heartbeat says of a source.
    public func setState(_ state: SourceState, of source: String) {
    }

    /// Ends the session with the heartbeat of its open epoch.
    public func closeSession() throws {
        throw StoreError(.notFound, "not written yet")
    }

    /// Makes these the settings of their sources; what differs from the catalogue is written as a `config` entry.
    public func configure(_ settings: [SourceSettings]) throws {
        throw StoreError(.notFound, "not written yet")
    }
}
