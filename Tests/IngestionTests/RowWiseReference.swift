import AuditModel
import Collection
import Cryptography
import EventStore
import Foundation
import Minimization
import Parsing
import Vault

@testable import Ingestion

/// Ingestion as a definition: one record after another, one event after another, sets instead of sorted runs, nothing shared with the pipeline but
/// the collector, the parser's row-wise call and the row-wise minimizer.
final class RowWiseReference: CollectionSink {
    private let source: SourceConfiguration
    private let definition: ParserDefinition
    private let now: Timestamp
    private var parsers: [String: (parser: RecordParser, taken: UInt64)] = [:]
    private var seen: [String: Set<SHA256Digest>] = [:]
    private(set) var events: [ParsedEvent] = []
    private(set) var counts = RecordCounts()
    private(set) var quarantined: [String] = []

    init(_ source: SourceConfiguration, _ definition: ParserDefinition, now: Timestamp) {
        self.source = source
        self.definition = definition
        self.now = now
    }

    /// Reads a source's files to their end.
    func read(hashing: any ContentHashing) throws {
        let collector = try FileCollector(
            source: source.id, patterns: source.paths, mode: .once, cursors: [], hashing: hashing, modified: source.modified)
        while try collector.collect(budgetBytes: 1 << 20, into: self, now: 1).hasMore {}
    }

    func begin(_ start: ContentStart) throws -> UInt64 {
        let options = ParseOptions(
            source: source.id, instance: source.instance, timezone: source.timezone, fileModified: start.modified)
        parsers[start.contentID] = (try RecordParser(definition, options: options), 0)
        return 0
    }

    func take(_ contentID: String, _ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws -> UInt64 {
        let parser = parsers[contentID]!.parser
        parser.feed(bytes) { add($0, contentID) }
        return parser.consumedOffset
    }

    func quiet(_ contentID: String) throws -> UInt64 { 0 }

    func end(_ contentID: String) throws -> UInt64 {
        let parser = parsers[contentID]!.parser
        parser.finish { add($0, contentID) }
        return parser.consumedOffset
    }

    func release(_ contentID: String) throws -> [UInt8] { [] }
    func note(_ note: CollectionNote) throws {}

    private func add(_ record: ParsedRecord, _ contentID: String) {
        counts.received += 1
        switch record.result {
        case .skipped: counts.skipped += 1
        case .quarantined(let reason):
            counts.quarantined += 1
            quarantined.append("\(source.id) \(contentID) \(record.range.lowerBound) \(reason) \(SHA256.hash(record.bytes).hex)")
        case .events(var parsed):
            let isReused: Bool
            if let id = parsed.first?.event[.eventID], !id.isEmpty {
                let digest = SHA256.hash(record.bytes)
                if seen[id]?.contains(digest) == true {
                    counts.duplicates += 1
                    return
                }
                isReused = seen[id] != nil
                seen[id, default: []].insert(digest)
            } else {
                isReused = false
            }
            counts.parsed += 1
            for place in parsed.indices {
                parsed[place].event.observed = now
                if parsed[place].event.time == nil {
                    parsed[place].event.time = now
                    parsed[place].event.setFlag(Event.Flag.timeObserved)
                }
                if isReused { parsed[place].event.setFlag(Event.Flag.eventIDReused) }
            }
            events += parsed
        }
    }

    /// The canonical lines of the events after minimization, with tokens in place of identities.
    func lines(_ minimizer: Minimizer) throws -> [String] {
        try minimizer.minimize(events).events.map { event in
            var event = event
            for (name, value) in source.attributes { event.setAttribute(name, value) }
            return String(decoding: event.canonicalLine(), as: UTF8.self)
        }
    }
}

/// Lines in an order that does not depend on which token stands for whom: each token is replaced by its kind.
enum TokenFree {
    static func lines(_ lines: [String]) -> [String] {
        let token = /[a-z]{2,5}_[a-z2-7]{13}/
        return lines.map { line in line.replacing(token) { match in match.output.prefix { $0 != "_" } + "_*" } }.sorted()
    }

    /// How often each token occurs, as numbers: the same where tokens stand for the same identities.
    static func uses(_ lines: [String]) -> [Int] {
        let token = /[a-z]{2,5}_[a-z2-7]{13}/
        var uses: [Substring: Int] = [:]
        for line in lines { for match in line.matches(of: token) { uses[match.output, default: 0] += 1 } }
        return uses.values.sorted()
    }
}
