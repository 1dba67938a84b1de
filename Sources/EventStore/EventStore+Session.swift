import AuditModel
import TransparencyLog

// Epochs. While a session runs, commit time is cut into epochs of up to five minutes. Each ends with exactly one heartbeat entry;
// a service has epochs all the time, an ingest only while it commits. `docs/formats/seal.md` tells how a verifier reads them.
extension EventStore {
    /// Begins a session: from here on epochs run.
    ///
    /// A service's time since its last epoch is written as a `gap` entry with cause `not_running`.
    public func openSession(_ kind: SessionKind) throws {
        try exclusively {
            try prepareToWrite()
            guard let state = writer, state.session == nil else {
                throw StoreError(.invalidDraft, "a session is open already", path: layout.directory)
            }
            let now = options.clock()
            writer?.lastSeen = now
            if kind == .service {
                var change = state.change(committed: now)
                if let end = try catalogue.lastEpochEnd(of: .service), end < now {
                    _ = change.append(.gap, try Self.notRunning(from: end, to: now, at: now))
                }
                openEpoch(kind, at: now, &change)
                try apply(change)
                publish()
                try removeExpiredDuplicateKeys(now: now)
            }
            writer?.session = kind
        }
    }

    /// A sign of life: closes the epoch when its time is over. A service calls it at least every ten seconds.
    ///
    /// When nothing was heard of the session for longer than ``StoreLimits/stallMicroseconds`` (the machine slept), the epoch ends
    /// where it was last heard of, and the time since is a gap.
    public func tick() throws {
        try exclusively {
            try prepareToWrite()
            guard let state = writer, state.session != nil else { return }
            if state.epoch != nil { try rollEpoch(options.clock()) } else { writer?.lastSeen = options.clock() }
        }
    }

    /// What the next heartbeat says of a source.
    public func setState(_ state: SourceState, of source: String) {
        exclusively { writer?.states[source] = state }
    }

    /// Ends the session with the heartbeat of its open epoch.
    ///
    /// - Throws: ``StoreError``, also where all is committed and the log's files could not be written: readers do not see the last of it until the next
    ///   writer has.
    public func closeSession() throws {
        try exclusively {
            try prepareToWrite()
            guard let state = writer else { return }
            if state.epoch != nil {
                let now = options.clock()
                try rollEpoch(now)
                try closeEpoch(at: max(now, writer?.epoch?.opened ?? now), state: "closed")
            }
            writer?.session = nil
            writer?.states = [:]
            try prepareToWrite()
        }
    }

    /// Makes these the settings of their sources; what differs from the catalogue is written as a `config` entry each.
    public func configure(_ settings: [SourceSettings]) throws {
        try exclusively {
            try prepareToWrite()
            guard let state = writer else { throw Self.notAWriter(layout) }
            let now = options.clock()
            var change = state.change(committed: now)
            for item in settings where state.settings[item.source] != item {
                guard case .object(var fields) = item.json else { continue }
                fields["what"] = "source"
                let index = change.append(.config, source: item.source, try Self.entry(.config, at: now, fields))
                change.settings.append((item, index))
            }
            guard !change.entries.isEmpty else { return }
            try apply(change)
            publish()
        }
    }

    // MARK: Epochs

    /// Makes sure that a commit made now lies in an epoch, and gives its time.
    func enterEpoch() throws -> Timestamp {
        let now = options.clock()
        if writer?.epoch != nil {
            try rollEpoch(now)
            if let epoch = writer?.epoch { return max(now, epoch.opened) }
        }
        guard let state = writer else { throw Self.notAWriter(layout) }
        var change = state.change(committed: now)
        openEpoch(state.session ?? .ingest, at: now, &change)
        try apply(change)
        writer?.lastSeen = now
        return now
    }

    /// Closes what is over at `now`; a service goes on with the next epoch.
    private func rollEpoch(_ now: Timestamp) throws {
        guard let state = writer, let epoch = state.epoch else { return }
        let isStalled = now.microseconds - state.lastSeen.microseconds > StoreLimits.stallMicroseconds
        let isSetBack = now.microseconds < epoch.opened.microseconds
        if (isStalled && epoch.session == .service) || isSetBack {
            let end = Timestamp(
                microseconds: min(max(state.lastSeen, epoch.opened).microseconds, epoch.opened.microseconds + StoreLimits.epochMicroseconds))
            try closeEpoch(at: end, state: isSetBack ? "clockSetBack" : "interrupted")
            writer?.lastSeen = now
            guard epoch.session == .service, let state = writer else { return }
            var change = state.change(committed: now)
            if !isSetBack { _ = change.append(.gap, try Self.notRunning(from: end, to: now, at: now)) }
            openEpoch(.service, at: now, &change)
            try apply(change)
            publish()
            return
        }
        writer?.lastSeen = max(state.lastSeen, now)
        let limit = epoch.opened.microseconds + StoreLimits.epochMicroseconds
        guard now.microseconds >= limit else { return }
        let end = Timestamp(microseconds: limit)
        try closeEpoch(at: end, state: "closed")
        guard epoch.session == .service, let state = writer else { return }
        var change = state.change(committed: now)
        openEpoch(.service, at: end, &change)
        try apply(change)
    }

    private func openEpoch(_ kind: SessionKind, at time: Timestamp, _ change: inout CatalogueChange) {
        change.epochSteps.append(.open(number: change.nextEpoch, session: kind, at: time))
        change.nextEpoch += 1
    }

    /// Writes the closing heartbeat of the open epoch.
    func closeEpoch(at end: Timestamp, state: String) throws {
        guard let current = writer, let epoch = current.epoch else { return }
        var change = current.change(committed: max(options.clock(), end))
        let entry = try heartbeat(epoch, to: end, state: state, at: change.committed)
        let index = change.append(.heartbeat, entry)
        change.epochSteps.append(.close(number: epoch.number, at: end, heartbeat: index))
        try apply(change)
        publish()
        keepCheckpoint(at: end)
        lines?.sync()
    }

    /// Keeps the tree head that covers a heartbeat, for packs that begin there. Losing one loses no proof.
    private func keepCheckpoint(at time: Timestamp) {
        guard publishFailure == nil,
            let note = try? LogTileWriter.published(fileSystem: options.fileSystem, directory: layout.log),
            let size = try? Checkpoint(note: note).size
        else { return }
        try? catalogue.keepCheckpoint(size: size, time: time, note: note)
    }

    private func heartbeat(_ epoch: WriterState.OpenEpoch, to end: Timestamp, state: String, at now: Timestamp) throws -> [UInt8] {
        guard let current = writer else { throw Self.notAWriter(layout) }
        let tallies = try catalogue.tallies(epoch: epoch.number)
        var names = Set(tallies.keys)
        if epoch.session == .service { names.formUnion(current.settings.keys) }
        names.formUnion(current.states.keys)
        // Those that committed come first, should the list be too long.
        let ordered = names.sorted { a, b in
            (tallies[a] == nil ? 1 : 0, a) < (tallies[b] == nil ? 1 : 0, b)
        }
        var listed = Array(ordered.prefix(StoreLimits.heartbeatSources))
        while true {
            let sources = listed.sorted().map { name in
                Self.heartbeatSource(name, tallies[name], current.states[name] ?? (tallies[name] == nil ? .stopped : .active))
            }
            var fields: [String: JSONValue] = [
                "epoch": .integer(epoch.number), "session": .string(epoch.session.rawValue),
                "from": .string(epoch.opened.description), "to": .string(end.description), "state": .string(state),
                "seals": .integer(tallies.values.reduce(0) { $0 + $1.seals }),
                "events": .integer(tallies.values.reduce(0) { $0 + $1.events }), "sources": .array(sources),
            ]
            if listed.count < ordered.count { fields["omitted"] = .integer(Int64(ordered.count - listed.count)) }
            do {
                return try Self.entry(.heartbeat, at: now, fields)
            } catch let error as StoreError where error.code == .entryTooLarge && !listed.isEmpty {
                listed.removeLast(max(1, listed.count / 8))
            }
        }
    }

    private static func heartbeatSource(_ name: String, _ tally: EpochTally?, _ state: SourceState) -> JSONValue {
        var members: [String: JSONValue] = ["source": .string(name), "state": .string(state.rawValue)]
        members["seals"] = .integer(tally?.seals ?? 0)
        members["events"] = .integer(tally?.events ?? 0)
        members["received"] = .integer(tally?.received ?? 0)
        members["cursor"] = tally?.cursor
        return .object(members)
    }

    private static func notRunning(from: Timestamp, to: Timestamp, at now: Timestamp) throws -> [UInt8] {
        try entry(.gap, at: now, [
            "cause": "not_running", "from": .string(from.description), "to": .string(to.description),
        ])
    }
}

/// What one source committed in one epoch.
struct EpochTally {
    var seals: Int64 = 0
    var events: Int64 = 0
    var received: Int64 = 0
    /// `cursor.to` of the last seal.
    var cursor: JSONValue?
}
