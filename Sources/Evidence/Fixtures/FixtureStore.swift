import AuditModel
import Foundation
import Timeline

/// Builds the store of a fixture: its events with tokens in place of identities, sealed source by source, its log entries and gaps.
struct FixtureStore {
    /// More events than a person writes or reads; a larger file is a mistake.
    private static let maximumEvents = 65_536

    let store = MemoryEvidence()
    private(set) var identities: FixtureIdentities

    /// - Throws: ``EvidenceError`` with code `definition` and the line for an event that cannot be read.
    init(_ fixture: ReportFixture) throws(EvidenceError) {
        identities = FixtureIdentities(people: fixture.people)
        let sources = fixture.sources.map(\.source)
        var events = try Self.events(of: fixture, sources)
        for source in sources {
            store.add(source)
            for index in events[source.id, default: []].indices { identities.minimize(&events[source.id, default: []][index]) }
        }
        for source in fixture.sources {
            let own = events[source.source.id] ?? []
            guard !own.isEmpty || source.ledger != .init() else { continue }
            let last = own.compactMap { $0.observed ?? $0.time }.max() ?? fixture.period.start
            store.seal(source.source.id, own, source.ledger, committed: (source.committed ?? last).description)
        }
        for entry in fixture.log {
            var members = entry.members
            // An author says up to when events go, not which rows that are.
            if entry.type == "retention", members["batches"] == nil, let source = members["source"]?.string,
                let before = members["before"]?.string.flatMap({ Timestamp(rfc3339: $0) })
            {
                members["batches"] = store.rows(of: source, before: before)
            }
            store.append(entry.type, members)
        }
        store.gaps = fixture.gaps
        store.persons = identities.persons
        for name in identities.names { store.tokensByName[name] = identities.tokens(of: name) }
    }

    /// Events by source, in the order of the file.
    private static func events(of fixture: ReportFixture, _ sources: [EvidenceSource]) throws(EvidenceError) -> [String: [Event]] {
        let path = fixture.eventsPath
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EvidenceError(.definition, "the case has no events.jsonl; an empty one stands for a store without events", path: path)
        }
        var result: [String: [Event]] = [:]
        var count = 0
        for (number, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() where !line.isEmpty {
            count += 1
            guard count <= maximumEvents else { throw EvidenceError(.definition, "more than \(maximumEvents) events", path: path) }
            let (source, event) = try event(Array(line), sources, path: path, line: number + 1)
            result[source, default: []].append(event)
        }
        return result
    }

    private static func event(
        _ line: [UInt8], _ sources: [EvidenceSource], path: String, line number: Int
    ) throws(EvidenceError) -> (source: String, event: Event) {
        func wrong(_ message: String) -> EvidenceError { EvidenceError(.definition, message, path: path, line: number) }
        var event: Event
        do {
            guard var members = try JSONValue(parsing: line).object else { throw wrong("an event is a JSON object") }
            // The number of the line that a parser's fixture names.
            members["line"] = nil
            event = try Event(json: .object(members))
        } catch let error as EvidenceError {
            throw error
        } catch {
            throw wrong("\(error)")
        }
        let ids = sources.map(\.id)
        guard let id = event[.source] else { throw wrong("the event names no `source`; the case has: \(ids.joined(separator: ", "))") }
        guard let source = sources.first(where: { $0.id == id }) else {
            throw wrong("the case has no source `\(id)`\(NearestName.hint(id, among: ids)); name it under `sources` of case.yaml")
        }
        if let parser = event[.parser], parser != source.parser {
            throw wrong("the event was read by `\(parser)`, but the case says that `\(id)` is read by `\(source.parser)`")
        }
        guard event.time != nil || event.observed != nil else { throw wrong("the event has no `time`") }
        if event.observed == nil { event.observed = event.time }
        return (id, event)
    }
}
