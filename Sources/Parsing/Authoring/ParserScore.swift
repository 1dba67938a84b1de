public import AuditModel

/// How much of the eight questions a parser answers over its fixtures, and how many of their vendor codes its tables have (docs/parsers.md).
public struct ParserScore: Sendable {
    /// How events answer one question.
    public struct Answers: Hashable, Sendable {
        public var known = 0
        public var unknown = 0
        public var notApplicable = 0

        public init() {}
    }

    /// Events of all fixtures.
    public private(set) var events = 0
    /// Records that were quarantined, and those that a rule passes over.
    public private(set) var quarantined = 0
    public private(set) var skipped = 0
    /// By question.
    public private(set) var answers: [Question: Answers] = [:]
    /// Different codes in the fixtures, and those among them without an entry in a table.
    public private(set) var codes: Set<String> = []
    public private(set) var codesWithoutEntry: Set<String> = []

    /// known / (known + unknown), over all events and questions; what is not applicable counts on neither side. Nil without an answer.
    public var completeness: Double? {
        let known = answers.values.reduce(0) { $0 + $1.known }
        let unknown = answers.values.reduce(0) { $0 + $1.unknown }
        return known + unknown > 0 ? Double(known) / Double(known + unknown) : nil
    }

    /// Codes with an entry / codes. Nil where no event has a code.
    public var codeShare: Double? {
        codes.isEmpty ? nil : Double(codes.count - codesWithoutEntry.count) / Double(codes.count)
    }

    /// Reads all fixtures of a parser.
    ///
    /// - Throws: ``ParsingError`` `.unreadable`.
    public init(of definition: ParserDefinition) throws(ParsingError) {
        for fixture in ParserLibrary.fixtures(of: definition) {
            try FixtureRun.eachRecord(try FixtureRun.bytes(of: fixture), definition) { add($0, definition) }
        }
    }

    init() {}

    /// Adds a record and what became of it.
    mutating func add(_ record: ParsedRecord, _ definition: ParserDefinition) {
        switch record.result {
        case .quarantined: quarantined += 1
        case .skipped: skipped += 1
        case .events(let parsed):
            for event in parsed.lazy.map(\.event) {
                events += 1
                for question in Question.allCases {
                    switch question.answer(in: event, notApplicable: definition.notApplicable) {
                    case .known: answers[question, default: .init()].known += 1
                    case .unknown: answers[question, default: .init()].unknown += 1
                    case .notApplicable: answers[question, default: .init()].notApplicable += 1
                    }
                }
                guard let code = event[.sourceAction] else { continue }
                codes.insert(code)
                if definition.lacksCode(of: event) { codesWithoutEntry.insert(code) }
            }
        }
    }
}
