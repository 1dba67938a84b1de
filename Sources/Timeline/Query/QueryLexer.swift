/// Splits a query into words, quoted texts, parentheses and operators.
struct QueryLexer {
    enum Kind: Hashable {
        case open, close, and, or, not
        /// `name:value`; a quoted value takes `*` literally.
        case term(name: String, value: String, isQuoted: Bool)
        case word(String, isQuoted: Bool)
    }

    struct Token: Hashable {
        let kind: Kind
        /// Character position in the query, from zero.
        let position: Int
    }

    private let query: String
    private let characters: [Character]
    private var at = 0

    init(_ query: String) {
        self.query = query
        characters = Array(query)
    }

    static func tokens(of query: String) throws(QuerySyntaxError) -> [Token] {
        var lexer = QueryLexer(query)
        var tokens: [Token] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens
    }

    private mutating func next() throws(QuerySyntaxError) -> Token? {
        while at < characters.count, characters[at].isWhitespace { at += 1 }
        guard at < characters.count else { return nil }
        let position = at
        switch characters[at] {
        case "(":
            at += 1
            return Token(kind: .open, position: position)
        case ")":
            at += 1
            return Token(kind: .close, position: position)
        case "-" where at + 1 < characters.count && !characters[at + 1].isWhitespace:
            at += 1
            return Token(kind: .not, position: position)
        case "\"":
            return Token(kind: .word(try quoted(), isQuoted: true), position: position)
        default:
            return Token(kind: try wordOrTerm(), position: position)
        }
    }

    private mutating func wordOrTerm() throws(QuerySyntaxError) -> Kind {
        let name = run(until: { $0.isWhitespace || $0 == "(" || $0 == ")" || $0 == ":" })
        if at < characters.count, characters[at] == ":", Self.isName(name) {
            let colon = at
            at += 1
            if at < characters.count, characters[at] == "\"" {
                return .term(name: name, value: try quoted(), isQuoted: true)
            }
            let value = run(until: { $0.isWhitespace || $0 == ")" })
            guard !value.isEmpty else {
                throw QuerySyntaxError(
                    message: "\(name): has no value; write \(name):value, or \(name):* for any value", position: colon, query: query)
            }
            return .term(name: name, value: value, isQuoted: false)
        }
        let word = name + run(until: { $0.isWhitespace || $0 == "(" || $0 == ")" })
        switch word {
        case "AND", "&&": return .and
        case "OR", "||": return .or
        case "NOT": return .not
        default: return .word(word, isQuoted: false)
        }
    }

    /// A name is letters, digits, dots and underscores and begins with a letter; `10:30` and `http://…` are words.
    private static func isName(_ text: String) -> Bool {
        guard let first = text.first, first.isLetter else { return false }
        return text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" || $0 == "-" }
    }

    private mutating func run(until isEnd: (Character) -> Bool) -> String {
        let start = at
        while at < characters.count, !isEnd(characters[at]) { at += 1 }
        return String(characters[start..<at])
    }

    private mutating func quoted() throws(QuerySyntaxError) -> String {
        let start = at
        at += 1
        var text = ""
        while at < characters.count {
            if characters[at] == "\"" {
                at += 1
                return text
            }
            if characters[at] == "\\", at + 1 < characters.count { at += 1 }
            text.append(characters[at])
            at += 1
        }
        throw QuerySyntaxError(message: "the quotation mark is never closed; add \" at its end", position: start, query: query)
    }
}
