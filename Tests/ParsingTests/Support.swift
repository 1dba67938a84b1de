import AuditModel

@testable import Parsing

/// What a parser made of some bytes, in a form that tests compare.
struct Reading: Equatable {
    var lines: [String] = []
    var ranges: [Range<UInt64>] = []
    var consumed: UInt64 = 0
    var dropped: [String: Int] = [:]
    /// Whether lines of one record may stand between those of another.
    var mayInterleave = false
}

enum TestParser {
    /// The shipped actions.
    static let taxonomy = Result { try TaxonomyFile.load(folders: [ShippedParsers.folder]) }

    /// Compiles a definition's text.
    static func definition(_ yaml: String) throws -> ParserDefinition {
        try ParserLibrary.compile(yaml, path: "parser.yaml", taxonomy: taxonomy.get())
    }

    /// A minimal definition around formats and a body.
    static func minimal(_ formats: String, _ body: String = "fields: {action: data.activity.other}") throws -> ParserDefinition {
        try definition("id: t\nversion: 1\ntitle: T\nformats:\n\(formats)\n\(body)\n")
    }

    static let options = ParseOptions(fileModified: FixtureRun.fileModified)

    /// Feeds bytes in pieces of the given size.
    static func read(_ bytes: [UInt8], _ definition: ParserDefinition, pieces: Int = .max, options: ParseOptions = options) throws
        -> Reading
    {
        let parser = try RecordParser(definition, options: options)
        var reading = Reading()
        reading.mayInterleave = definition.joinsLines
        let add: (ParsedRecord) -> Void = { record in
            reading.lines += record.shownJSON.map(\.canonicalText)
            reading.ranges.append(record.range)
        }
        parser.feed(bytes, pieces: pieces, emit: add)
        reading.consumed = parser.consumedOffset
        reading.dropped = parser.takeDropped()
        return reading
    }

    static func read(_ text: String, _ definition: ParserDefinition, pieces: Int = .max) throws -> Reading {
        try read(Array(text.utf8), definition, pieces: pieces)
    }

    /// The single event of a text.
    static func event(_ text: String, _ definition: ParserDefinition, options: ParseOptions = options) throws -> Event? {
        let parser = try RecordParser(definition, options: options)
        var found: Event?
        let add: (ParsedRecord) -> Void = { record in
            if case .events(let events) = record.result { found = events.first?.event }
        }
        parser.feed(Array(text.utf8), emit: add)
        parser.finish(emit: add)
        return found
    }
}

/// A small generator with a seed, so that a failing case can be run again (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension RecordParser {
    /// Feeds bytes in pieces of the given size, each in memory of its own, and finishes.
    func feed(_ bytes: [UInt8], pieces: Int, emit: (ParsedRecord) -> Void) {
        var at = 0
        while at < bytes.count {
            let end = pieces > bytes.count - at ? bytes.count : at + pieces
            feed(Array(bytes[at..<end]), emit: emit)
            at = end
        }
        finish(emit: emit)
    }
}
