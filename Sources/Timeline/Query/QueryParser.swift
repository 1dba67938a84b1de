import AuditModel

/// Reads the filter language: terms side by side are joined by AND, which binds closer than OR; NOT or `-` turns the next
/// term round; parentheses group.
public struct QueryParser {
    private let query: String
    private let tokens: [QueryLexer.Token]
    private let now: Timestamp
    private var at = 0
    private var depth = 0

    /// Deepest nesting of parentheses and negations.
    public static let maximumDepth = 64

    /// Reads a query; an empty one is every event.
    ///
    /// - Parameter now: What relative times (`since:24h`) count back from.
    /// - Throws: ``QuerySyntaxError``.
    public static func parse(_ query: String, now: Timestamp) throws(QuerySyntaxError) -> Filter {
        var parser = QueryParser(query: query, tokens: try QueryLexer.tokens(of: query), now: now)
        guard !parser.tokens.isEmpty else { return .all }
        let filter = try parser.readOr()
        if let rest = parser.peek {
            throw parser.error("this parenthesis was never opened; remove it", at: rest.position)
        }
        return filter
    }

    /// Reads a whole query: a filter and the stages behind it.
    ///
    /// - Throws: ``QuerySyntaxError``.
    public static func question(_ query: String, now: Timestamp) throws(QuerySyntaxError) -> Query {
        let parts = stages(of: query)
        // Positions in the filter are those in the query: it comes first.
        var question: Query
        do { question = Query(filter: try parse(String(parts[0].text), now: now)) } catch {
            throw QuerySyntaxError(message: error.message, position: error.position, query: query)
        }
        for part in parts.dropFirst() {
            var stage = PipeParser(part.text, at: part.position, in: query)
            try stage.read(into: &question)
            question.stages.append(part.text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        }
        return question
    }

    /// The query cut at its bars: one that stands in quotation marks, inside a word, or beside another is text.
    private static func stages(of query: String) -> [(text: Substring, position: Int)] {
        var parts: [(text: Substring, position: Int)] = []
        var begin = query.startIndex
        var beginPosition = 0
        var isQuoted = false
        var previous: Character?
        var position = 0
        var at = query.startIndex
        while at < query.endIndex {
            let character = query[at]
            let next = query.index(after: at)
            let following = next < query.endIndex ? query[next] : nil
            if character == "\\", isQuoted, following != nil {
                at = query.index(after: next)
                position += 2
                previous = following
                continue
            }
            let mayOpen = previous.map { $0.isWhitespace || $0 == ":" || $0 == "(" || $0 == "-" } ?? true
            if character == "\"", isQuoted || mayOpen { isQuoted.toggle() }
            let standsAlone = (previous?.isWhitespace ?? true || previous == ")") && following != "|"
            if character == "|", !isQuoted, standsAlone, previous != "|" {
                parts.append((query[begin..<at], beginPosition))
                begin = next
                beginPosition = position + 1
            }
            previous = character
            at = next
            position += 1
        }
        parts.append((query[begin...], beginPosition))
        return parts
    }

    private init(query: String, tokens: [QueryLexer.Token], now: Timestamp) {
        self.query = query
        self.tokens = tokens
        self.now = now
    }

    private var peek: QueryLexer.Token? { at < tokens.count ? tokens[at] : nil }

    private func error(_ message: String, at position: Int? = nil) -> QuerySyntaxError {
        QuerySyntaxError(message: message, position: position ?? query.count, query: query)
    }

    private mutating func readOr() throws(QuerySyntaxError) -> Filter {
        var filters = [try readAnd()]
        while peek?.kind == .or {
            at += 1
            filters.append(try readAnd())
        }
        return filters.count == 1 ? filters[0] : .or(filters)
    }

    private mutating func readAnd() throws(QuerySyntaxError) -> Filter {
        var filters = [try readTerm()]
        while let token = peek, token.kind != .or, token.kind != .close {
            if token.kind == .and { at += 1 }
            filters.append(try readTerm())
        }
        return filters.count == 1 ? filters[0] : .and(filters)
    }

    private mutating func readTerm() throws(QuerySyntaxError) -> Filter {
        guard let token = peek else { throw error("something is missing at the end; add a term") }
        at += 1
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw error("nested deeper than \(Self.maximumDepth); take parentheses away", at: token.position)
        }
        switch token.kind {
        case .not: return .not(try readTerm())
        case .open:
            let inner = try readOr()
            guard peek?.kind == .close else { throw error("this parenthesis is never closed; add )", at: token.position) }
            at += 1
            return inner
        case .word(let word, _): return .word(word)
        case .term(let name, let value, let isQuoted): return try term(name, value, isQuoted: isQuoted, at: token.position)
        case .and, .or, .close: throw error("a term is expected here", at: token.position)
        }
    }

    private func term(_ name: String, _ value: String, isQuoted: Bool, at position: Int) throws(QuerySyntaxError) -> Filter {
        switch name {
        case "since": return .time(from: try moment(value, at: position), until: nil)
        case "until": return .time(from: nil, until: try moment(value, at: position))
        default:
            guard let selector = FieldSelector(name: name) else {
                let hint = NearestName.of(name, in: FieldSelector.names).map { "; did you mean \($0)?" } ?? "."
                throw error("there is no field named \(name)\(hint) To search for the text itself, put it in quotation marks", at: position)
            }
            return .field(selector, TextPattern(value, isLiteral: isQuoted))
        }
    }

    private func moment(_ text: String, at position: Int) throws(QuerySyntaxError) -> Timestamp {
        guard let moment = QueryTime.parse(text, now: now) else {
            throw error(
                "\(text) is not a time; write 2026-08-14, 2026-08-14T09:30:00Z, or a span back from now such as 90m, 24h, 7d, 12w",
                at: position)
        }
        return moment
    }
}
