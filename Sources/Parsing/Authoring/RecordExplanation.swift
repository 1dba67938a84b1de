public import AuditModel

/// Why a record became what it became. Holds what the source wrote: for the eyes of whoever may see the log.
public struct RecordExplanation: Sendable {
    /// A field of an event.
    public struct Field: Sendable {
        /// As in queries: `actor.id`, `targets[0].type`.
        public let name: String
        public let value: String
        /// What it says about a person; nil for what proofline sets itself.
        public let dataClass: DataClass?
        /// The lines that gave it. More than one where several may have.
        public let origins: [DefinitionOrigin]
    }

    /// An event of the record.
    public struct EventPart: Sendable {
        public let fields: [Field]
        /// The eight questions in their order, each with its answer.
        public let answers: [(question: Question, answer: Question.Answer)]
    }

    /// What became of the record.
    public enum Outcome: Sendable {
        case events([EventPart])
        case skipped(rule: String)
        /// With the line that refused it, where one did.
        case quarantined(reason: String, origin: DefinitionOrigin?)
    }

    public let parser: String
    public let version: String
    /// Lines of the source on which it begins and ends, from one.
    public let lines: ClosedRange<Int>
    /// Its place in the decompressed source.
    public let bytes: Range<UInt64>
    public let outcome: Outcome
    /// The format and the rules that it went through, outermost first.
    public let path: [DefinitionOrigin]
    /// Names that the definition lists as `dropped`, with how often they were there.
    public let dropped: [String: Int]
    /// Paths that the definition does not name at all, where the record is JSON; no values.
    public let unmapped: [String]
    /// How many names the definition does not name at all.
    public let unmappedCount: Int
}
