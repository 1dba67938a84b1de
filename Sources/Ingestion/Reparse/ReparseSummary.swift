public import EventStore

/// What `proofline reparse` did, by source.
public struct ReparseSummary: Sendable {
    /// One source.
    public struct Source: Sendable {
        /// Records that were in quarantine when it began.
        public var quarantined = 0
        /// Records that are resolved now.
        public var resolved = Correction.Counts()
        /// Events that they gave.
        public var events = 0
        /// Records left because the definition is still the one that could not read them.
        public var unchanged = 0
        /// Records left because they cannot be read now either, by reason.
        public var left: [String: Int] = [:]
        /// Records whose commit never happened: their source is read again there.
        public var uncommitted = 0
        /// The definition that reads now.
        public var parser: DefinitionReference

        /// Records that stay in quarantine.
        public var remaining: Int { quarantined - Int(resolved.records) }
    }

    /// By source.
    public internal(set) var sources: [String: Source] = [:]
    /// Records of corrections that were committed earlier and are out of the quarantine only now.
    public internal(set) var removedLater = 0
}
