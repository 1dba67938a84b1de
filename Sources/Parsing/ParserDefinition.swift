import AuditModel

/// One loaded parser: what `parser.yaml` says, compiled. Immutable and shared by all record parsers that use it.
public final class ParserDefinition: @unchecked Sendable {
    /// How many parsers can hand a part of a part of a record on.
    static let maximumHandOvers = 3

    /// The parser's id, also its folder's name.
    public let id: String
    /// A whole number that grows with every change of meaning.
    public let version: String
    /// What it reads, for people.
    public let title: String
    /// The bytes of `parser.yaml`: seals name their SHA-256.
    public let definitionBytes: [UInt8]
    /// The folder it was loaded from.
    public let folder: String
    /// Questions that its events need not answer.
    public let notApplicable: Set<Question>
    /// Whether reading can go on at a cursor with a saved state alone. Always true: ``RecordParser/saveState()`` holds all
    /// that framing needs.
    public var isSeekable: Bool { true }

    /// The names of dropped paths that seals may show.
    public var droppedNames: [String] { plan.droppedNames }

    let plan: ParsePlan
    /// Ids of parsers that parts are handed to.
    let handOverNames: Set<String>
    /// Set once by the library, before the definition is handed out.
    nonisolated(unsafe) var handOvers: [String: ParserDefinition] = [:]

    init(
        id: String, version: String, title: String, definitionBytes: [UInt8], folder: String, notApplicable: Set<Question>, plan: ParsePlan,
        handOverNames: Set<String>
    ) {
        self.id = id
        self.version = version
        self.title = title
        self.definitionBytes = definitionBytes
        self.folder = folder
        self.notApplicable = notApplicable
        self.plan = plan
        self.handOverNames = handOverNames
    }

    /// Whether the beginning of a file looks like what this parser reads: its first non-blank line begins like a format
    /// that says how records begin. A hint for people, never for ingestion.
    public func recognises(_ head: [UInt8]) -> Bool {
        let slots = UnsafeMutablePointer<Value>.allocate(capacity: max(1, plan.slotCount))
        slots.initialize(repeating: Value(), count: max(1, plan.slotCount))
        defer { slots.deallocate() }
        let arena = Arena()
        return head.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            let text = ByteSlice(base: base, count: buffer.count).trimmed
            let line = text.sub(0, text.firstIndex(of: 10) ?? text.count)
            return plan.formats.contains { $0.framing.accepts(line, slots: slots, arena: arena) }
        }
    }
}
