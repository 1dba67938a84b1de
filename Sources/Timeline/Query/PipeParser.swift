import AuditModel

/// Reads the stages behind a filter's `|`: words, fields, commas, numbers and spans.
struct PipeParser {
    private struct Word {
        let text: String
        /// Character position in the query.
        let position: Int
    }

    private let query: String
    private var words: [Word] = []
    private var at = 0

    /// Names of the stages, for hints.
    static let names = ["count", "histogram", "top", "distinct", "min", "max", "first", "limit"]
    /// Most fields behind `by`.
    static let mostKeys = 8

    /// - Parameters:
    ///   - stage: One stage without its bar.
    ///   - offset: Where it begins in `query`, in characters.
    init(_ stage: Substring, at offset: Int, in query: String) {
        self.query = query
        var word = ""
        var start = offset
        var position = offset
        for character in stage {
            if character.isWhitespace || character == "," {
                if !word.isEmpty { words.append(Word(text: word, position: start)) }
                word = ""
                if character == "," { words.append(Word(text: ",", position: position)) }
            } else {
                if word.isEmpty { start = position }
                word.append(character)
            }
            position += 1
        }
        if !word.isEmpty { words.append(Word(text: word, position: start)) }
        end = position
    }

    private let end: Int

    /// Reads the stage into the question.
    mutating func read(into question: inout Query) throws(QuerySyntaxError) {
        guard let verb = next() else { throw error("a stage is missing behind |; write one of \(Self.names.joined(separator: ", "))", at: end) }
        switch verb.text.lowercased() {
        case "first", "limit":
            guard question.limit == nil else { throw error("the number of rows is given twice; keep one", at: verb.position) }
            question.limit = try number("how many rows")
        case let name where question.aggregation == nil && question.limit == nil && Self.names.contains(name):
            question.aggregation = try aggregation(name)
        case let name where Self.names.contains(name):
            throw error("\(name) must stand right behind the filter, and alone; only `first N` may follow it", at: verb.position)
        default:
            let hint = NearestName.of(verb.text, in: Self.names).map { "; did you mean \($0)?" } ?? "; there are \(Self.names.joined(separator: ", "))"
            throw error("there is no stage named \(verb.text)\(hint)", at: verb.position)
        }
        if let rest = peek { throw error("nothing is expected here; remove \(rest.text)", at: rest.position) }
    }

    private mutating func aggregation(_ name: String) throws(QuerySyntaxError) -> Aggregation {
        switch name {
        case "count":
            let keys = try keys()
            return Aggregation(.count, by: keys.fields, bucket: keys.bucket)
        case "histogram":
            let bucket = try bucket()
            let keys = try keys()
            if keys.bucket != nil { throw error("a histogram has one width; leave the second out", at: end) }
            return Aggregation(.count, by: keys.fields, bucket: bucket)
        case "top":
            let count = try number("how many values")
            return Aggregation(.count, by: [try field()], limit: count, skipsAbsentKeys: true)
        case "distinct":
            let measured = try field()
            let keys = try keys()
            return Aggregation(.distinct(measured), by: keys.fields, bucket: keys.bucket)
        default:
            let column = try column()
            let keys = try keys()
            return Aggregation(
                name == "min" ? .minimum(column) : .maximum(column), by: keys.fields, bucket: keys.bucket, order: .byKey)
        }
    }

    // MARK: Parts

    private var peek: Word? { at < words.count ? words[at] : nil }

    private mutating func next() -> Word? {
        guard at < words.count else { return nil }
        at += 1
        return words[at - 1]
    }

    private func error(_ message: String, at position: Int) -> QuerySyntaxError {
        QuerySyntaxError(message: message, position: position, query: query)
    }

    private mutating func number(_ what: String) throws(QuerySyntaxError) -> Int {
        guard let word = next() else { throw error("\(what) is missing; add a number", at: end) }
        guard let number = Int(word.text), number >= 0 else {
            throw error("\(word.text) does not say \(what); write a number, 0 or more", at: word.position)
        }
        return number
    }

    private mutating func bucket() throws(QuerySyntaxError) -> TimeBucket {
        guard let word = next() else { throw error("a width is missing; write 1h, 1d or 1w", at: end) }
        guard let bucket = TimeBucket(word.text) else {
            throw error("\(word.text) is no width of time; write 15m, 1h, 1d, 1w or the like", at: word.position)
        }
        return bucket
    }

    /// The fields, and at most one width of time, behind `by`.
    private mutating func keys() throws(QuerySyntaxError) -> (fields: [EventField], bucket: TimeBucket?) {
        guard let by = peek, by.text.lowercased() == "by" else { return ([], nil) }
        at += 1
        var fields: [EventField] = []
        var bucket: TimeBucket?
        repeat {
            if fields.count == Self.mostKeys { throw error("at most \(Self.mostKeys) fields make groups; leave some out", at: by.position) }
            if let word = peek, let width = TimeBucket(word.text) {
                guard bucket == nil else { throw error("groups have one width of time; leave \(word.text) out", at: word.position) }
                bucket = width
                at += 1
            } else {
                let position = peek?.position ?? end
                let field = try field()
                guard !fields.contains(field) else { throw error("\(field.name) stands here twice; leave one out", at: position) }
                fields.append(field)
            }
        } while skipComma()
        return (fields, bucket)
    }

    private mutating func skipComma() -> Bool {
        guard peek?.text == "," else { return false }
        at += 1
        return true
    }

    /// A field that has one value an event.
    private mutating func field() throws(QuerySyntaxError) -> EventField {
        guard let word = next(), word.text != "," else { throw error("a field is missing; write one such as tenant or actor.id", at: end) }
        if let field = EventField(name: word.text) { return field }
        guard let selector = FieldSelector(name: word.text) else { throw unknown(word) }
        switch selector {
        case .fields(let fields) where fields.count == 1: return fields[0]
        case .fields(let fields):
            // `ip` means the address where values are counted: its prefix would make every address count twice.
            if word.text == "ip" { return .originIP }
            throw error(
                "\(word.text) stands for several fields; write one of \(fields.map(\.name).joined(separator: ", "))", at: word.position)
        case .target, .targetMember, .role, .flag, .change, .attribute:
            throw error("\(word.text) may have several values in one event, which cannot be counted by; use a field that has one", at: word.position)
        }
    }

    private mutating func column() throws(QuerySyntaxError) -> Aggregation.Column {
        if let word = peek, let name = Aggregation.IntegerColumnName(rawValue: word.text) {
            at += 1
            return .integer(name)
        }
        return .field(try field())
    }

    private func unknown(_ word: Word) -> QuerySyntaxError {
        let hint = NearestName.of(word.text, in: FieldSelector.names).map { "; did you mean \($0)?" } ?? ""
        return error("there is no field named \(word.text)\(hint)", at: word.position)
    }
}
