import AuditModel
import Parsing
import Vault

/// Reads one quarantined record again, by itself.
struct RecordRereading {
    let definition: ParserDefinition
    /// As the source was configured; `fileModified` and `observed` are when the record was committed to.
    let options: ParseOptions

    /// What a record is now.
    enum Outcome {
        case events([ParsedEvent])
        case skipped
        case left(reason: String)
    }

    /// Why a record of which only the beginning was kept cannot be read.
    static let cutReason = "the record is longer than 16 MiB"

    /// A record that now falls into several (the elements of an array) is resolved when all of them are read.
    func read(_ entry: QuarantineStore.Entry) throws(ParsingError) -> Outcome {
        // Of such a record only the beginning was kept.
        if entry.reason == Self.cutReason { return .left(reason: entry.reason) }
        let parser = try RecordParser(definition, options: options)
        var events: [ParsedEvent] = []
        var isSkipped = false
        var reason: String?
        let take: (ParsedRecord) -> Void = { record in
            switch record.result {
            case .events(let found): events += found
            case .skipped: isSkipped = true
            case .quarantined(let why): reason = reason ?? why
            }
        }
        parser.feed(entry.record, emit: take)
        parser.finish(emit: take)
        if let reason { return .left(reason: reason) }
        if events.isEmpty { return isSkipped ? .skipped : .left(reason: "the record is a header or blank by the newer definition") }
        guard events.count <= StoreLimitsOfReparse.events else { return .left(reason: "the record holds more than 10,000 events") }
        return .events(events.map(observed))
    }

    /// The event as ingestion would have made it: observed when the record was, with that time where it has none of its own.
    private func observed(_ parsed: ParsedEvent) -> ParsedEvent {
        guard parsed.event.time == nil, let observed = options.observed else { return parsed }
        var parsed = parsed
        parsed.event.time = observed
        parsed.event.setFlag(Event.Flag.timeObserved)
        return parsed
    }
}

/// What one record may become.
enum StoreLimitsOfReparse {
    /// As many as a parser makes of a record: they are in one batch.
    static let events = 10_000
}
