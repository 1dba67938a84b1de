import AuditModel

/// Quarantined records that a newer definition read: what a batch of mode `reparse` brings, and which batches it corrects.
///
/// Nothing that was sealed changes: the old seal goes on to say `quarantined`, and the `reparse` entries beside the new seal say which of
/// these records are resolved (docs/formats/seal.md).
public struct Correction: Hashable, Sendable {
    /// Records that were quarantined, and what they are now: `records = parsed + duplicates + skipped`.
    public struct Counts: Hashable, Sendable {
        /// Records that are no longer quarantined.
        public var records: Int64
        /// Of these the ones that gave events.
        public var parsed: Int64
        /// Of these the ones that were in the store already.
        public var duplicates: Int64
        /// Of these the ones that a rule of the parser passes over.
        public var skipped: Int64

        /// Makes counts.
        public init(parsed: Int64 = 0, duplicates: Int64 = 0, skipped: Int64 = 0) {
            records = parsed + duplicates + skipped
            self.parsed = parsed
            self.duplicates = duplicates
            self.skipped = skipped
        }

        /// Adds member by member.
        public static func += (a: inout Counts, b: Counts) {
            a.records += b.records
            a.parsed += b.parsed
            a.duplicates += b.duplicates
            a.skipped += b.skipped
        }

        var json: [String: JSONValue] {
            [
                "records": .integer(records), "parsed": .integer(parsed), "duplicates": .integer(duplicates), "skipped": .integer(skipped),
            ]
        }

        init?(json: JSONValue?) {
            guard let parsed = json?["parsed"]?.integer, let duplicates = json?["duplicates"]?.integer, let skipped = json?["skipped"]?.integer,
                [parsed, duplicates, skipped].allSatisfy({ (0...Int64(1) << 40).contains($0) })
            else { return nil }
            self.init(parsed: parsed, duplicates: duplicates, skipped: skipped)
            guard json?["records"]?.integer == records else { return nil }
        }
    }

    /// The resolved records of one batch and content: one `reparse` entry.
    public struct Part: Hashable, Sendable {
        /// Log index of the seal that counts them as quarantined.
        public var batch: UInt64
        /// The content that held them.
        public var contentID: String
        /// Stretches of the content, ascending: every quarantined record that begins in them is resolved. At most ``StoreLimits/reparseRanges``.
        public var ranges: [Range<UInt64>]
        public var counts: Counts

        /// Makes a part.
        public init(batch: UInt64, contentID: String, ranges: [Range<UInt64>], counts: Counts) {
            self.batch = batch
            self.contentID = contentID
            self.ranges = ranges
            self.counts = counts
        }
    }

    /// The definition that could not read them.
    public var before: DefinitionReference
    public var parts: [Part]

    /// Makes a correction.
    public init(before: DefinitionReference, parts: [Part]) {
        self.before = before
        self.parts = parts
    }

    /// Over all parts.
    public var counts: Counts { parts.reduce(into: Counts()) { $0 += $1.counts } }
}

/// A `reparse` entry of the log.
public struct CorrectionEntry: Hashable, Sendable {
    /// Its place in the log.
    public let logIndex: UInt64
    /// Id of the source.
    public let source: String
    /// Log index of the seal whose events the records became.
    public let seal: UInt64
    public let part: Correction.Part

    /// Reads an entry; nil where it is none.
    init?(logIndex: UInt64, json: JSONValue) {
        guard json["type"]?.string == LogEntryKind.reparse.rawValue, let source = json["source"]?.string,
            let batch = json["batch"]?.integer.flatMap(UInt64.init(exactly:)), let seal = json["seal"]?.integer.flatMap(UInt64.init(exactly:)),
            let content = json["content"]?.string, let list = json["ranges"]?.array, let counts = Correction.Counts(json: json["resolved"])
        else { return nil }
        var ranges: [Range<UInt64>] = []
        for item in list {
            guard let pair = item.array, pair.count == 2, let from = pair[0].integer.flatMap(UInt64.init(exactly:)),
                let to = pair[1].integer.flatMap(UInt64.init(exactly:)), from < to, ranges.last.map({ $0.upperBound <= from }) ?? true
            else { return nil }
            ranges.append(from..<to)
        }
        self.logIndex = logIndex
        self.source = source
        self.seal = seal
        part = Correction.Part(batch: batch, contentID: content, ranges: ranges, counts: counts)
    }

    /// The members of an entry beside `v`, `type` and `at`.
    static func members(_ part: Correction.Part, of draft: BatchDraft, before: DefinitionReference, seal: UInt64) -> [String: JSONValue] {
        [
            "source": .string(draft.source), "batch": .integer(Int64(clamping: part.batch)), "seal": .integer(Int64(clamping: seal)),
            "content": .string(part.contentID),
            "ranges": .array(part.ranges.map { [.integer(Int64(clamping: $0.lowerBound)), .integer(Int64(clamping: $0.upperBound))] }),
            "resolved": .object(part.counts.json), "before": Seal.json(before), "parser": Seal.json(draft.parser),
        ]
    }
}

extension StoreSnapshot {
    /// The corrections under the checkpoint, in log order.
    ///
    /// - Throws: ``StoreError`` with `damaged` for an entry that is none.
    public func corrections() throws -> [CorrectionEntry] {
        try entries([.reparse]).map { entry in
            guard let found = CorrectionEntry(logIndex: entry.logIndex, json: entry.json) else {
                throw StoreError(.damaged, "log entry \(entry.logIndex) is not a correction: run `proofline fsck`", path: layout.catalogue)
            }
            return found
        }
    }
}
