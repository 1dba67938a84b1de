public import AuditModel

/// Which parsers read the beginning of a file, best first.
public struct ParserGuess: Sendable {
    /// What a parser made of the sample.
    public struct Candidate: Sendable {
        public let parser: String
        public let title: String
        /// Records that gave events, were passed over by a rule, or could not be read.
        public let read: Int
        public let skipped: Int
        public let quarantined: Int
        public let events: Int
        /// Events whose code has no entry in a table.
        public let withoutEntry: Int
        /// known / (known + unknown) over the sample's events.
        public let completeness: Double
        /// Why most of the records that were not read were not.
        public let mostFrequentReason: String?

        /// Records that gave events, of all.
        public var share: Double { Double(read) / Double(max(1, read + skipped + quarantined)) }
    }

    /// Parsers that read at least one record, best first: the larger share read, then the more answers known, then the fewer codes without an entry.
    public let candidates: [Candidate]
    /// Parsers that were tried.
    public let tried: Int

    /// Bytes of the beginning that every parser is tried on; those that read a record there are tried on the whole sample.
    public static let firstBytes = 64 << 10
    /// Bytes of a file that are worth giving.
    public static let sampleBytes = 1 << 20

    /// - Parameters:
    ///   - sample: Decompressed bytes from the beginning of the file.
    ///   - isWhole: Whether they are all of it: else the record at their end is left out.
    ///   - modified: When the file was last written.
    /// - Throws: ``ParsingError``.
    public init(_ sample: [UInt8], isWhole: Bool, modified: Timestamp, library: ParserLibrary) throws(ParsingError) {
        let options = ParseOptions(fileModified: modified)
        var all: [ParserDefinition] = []
        // A generic parser reads whatever its source's mapping says: there is nothing to guess.
        for id in library.ids {
            let definition = try library.definition(id)
            if definition.mappingKeys == nil { all.append(definition) }
        }
        tried = all.count
        var promising: [(ParserDefinition, Candidate)] = []
        let isShort = sample.count <= Self.firstBytes
        let head = isShort ? sample : Array(sample.prefix(Self.firstBytes))
        for definition in all {
            let found = try Self.candidate(definition, head, isWhole: isWhole && isShort, options)
            if found.read > 0 { promising.append((definition, found)) }
        }
        // The beginning may be a header, or the end of something.
        if promising.isEmpty, !isShort {
            for definition in all { promising.append((definition, try Self.candidate(definition, sample, isWhole: isWhole, options))) }
        } else if !isShort {
            for number in promising.indices {
                promising[number].1 = try Self.candidate(promising[number].0, sample, isWhole: isWhole, options)
            }
        }
        candidates = promising.map(\.1).filter { $0.read > 0 }.sorted { a, b in
            (b.share, b.completeness, a.withoutEntry * max(1, b.events), a.parser) < (a.share, a.completeness, b.withoutEntry * max(1, a.events), b.parser)
        }
    }

    private static func candidate(
        _ definition: ParserDefinition, _ sample: [UInt8], isWhole: Bool, _ options: ParseOptions
    ) throws(ParsingError) -> Candidate {
        let parser = try RecordParser(definition, options: options)
        var score = ParserScore()
        var (read, withoutEntry) = (0, 0)
        var reasons: [String: Int] = [:]
        let take: (ParsedRecord) -> Void = { record in
            score.add(record, definition)
            switch record.result {
            case .events(let events):
                read += 1
                withoutEntry += events.count { definition.lacksCode(of: $0.event) }
            case .quarantined(let reason): reasons[reason, default: 0] += 1
            case .skipped: break
            }
        }
        parser.feed(sample, emit: take)
        if isWhole { parser.finish(emit: take) }
        return Candidate(
            parser: definition.id, title: definition.title, read: read, skipped: score.skipped, quarantined: score.quarantined,
            events: score.events, withoutEntry: withoutEntry, completeness: score.completeness ?? 0,
            mostFrequentReason: reasons.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key)
    }
}
