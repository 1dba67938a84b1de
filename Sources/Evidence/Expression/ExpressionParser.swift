import AuditModel

/// Reads an ``Expression`` from the text of a definition.
struct ExpressionParser {
    /// Why a text is no expression; `column` counts characters from 1.
    struct SyntaxError: Error, Hashable {
        let message: String
        let column: Int
    }

    private enum Token: Hashable {
        case word(String), text(String), duration(Int64), number(Int64), symbol(String), end
    }

    private var tokens: [(token: Token, column: Int)] = []
    private var at = 0
    private var depth = 0

    /// Longest expression; a chain of terms costs stack when it is worked out.
    static let maximumCharacters = 4_000

    /// Parses the whole of `text`.
    static func parse(_ text: String) throws(SyntaxError) -> Expression {
        guard text.count <= maximumCharacters else {
            throw SyntaxError(
                message: "longer than \(maximumCharacters) characters; compute parts of it under `compute`", column: maximumCharacters)
        }
        var parser = ExpressionParser()
        try parser.scan(text)
        let expression = try parser.readOr()
        guard parser.current == .end else { throw parser.error("unexpected \(parser.shown)") }
        return expression
    }

    // MARK: Grammar

    private var current: Token { tokens[at].token }

    private var shown: String {
        switch current {
        case .word(let word): "`\(word)`"
        case .text(let text): "'\(text)'"
        case .duration, .number: "number"
        case .symbol(let symbol): "`\(symbol)`"
        case .end: "end"
        }
    }

    private func error(_ message: String) -> SyntaxError { SyntaxError(message: message, column: tokens[at].column) }

    private mutating func take(_ token: Token) -> Bool {
        guard current == token else { return false }
        at += 1
        return true
    }

    private mutating func readOr() throws(SyntaxError) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth < 64 else { throw error("nested too deeply") }
        var left = try readAnd()
        while take(.word("or")) { left = .or(left, try readAnd()) }
        return left
    }

    private mutating func readAnd() throws(SyntaxError) -> Expression {
        var left = try readNot()
        while take(.word("and")) { left = .and(left, try readNot()) }
        return left
    }

    private mutating func readNot() throws(SyntaxError) -> Expression {
        var negations = 0
        while take(.word("not")) { negations += 1 }
        let inner = try readComparison()
        return negations % 2 == 1 ? .not(inner) : inner
    }

    private mutating func readComparison() throws(SyntaxError) -> Expression {
        let left = try readSum()
        if take(.word("in")) { return .isIn(left, try readList()) }
        guard case .symbol(let symbol) = current, let comparison = Expression.Comparison(rawValue: symbol) else { return left }
        at += 1
        return .compare(comparison, left, try readSum())
    }

    private mutating func readList() throws(SyntaxError) -> [Expression] {
        guard take(.symbol("(")) else { throw error("`in` wants a list in parentheses, not \(shown)") }
        var list = [try readSum()]
        while take(.symbol(",")) { list.append(try readSum()) }
        guard take(.symbol(")")) else { throw error("`)` expected, not \(shown)") }
        return list
    }

    private mutating func readSum() throws(SyntaxError) -> Expression {
        var left = try readPrimary()
        while true {
            if take(.symbol("+")) {
                left = .add(left, try readPrimary())
            } else if take(.symbol("-")) {
                left = .subtract(left, try readPrimary())
            } else {
                return left
            }
        }
    }

    private mutating func readPrimary() throws(SyntaxError) -> Expression {
        switch current {
        case .text(let text):
            at += 1
            return .literal(.text(text))
        case .duration(let microseconds):
            at += 1
            return .literal(.duration(microseconds, bound: 0))
        case .number(let number):
            at += 1
            return .literal(.number(number))
        case .symbol("("):
            at += 1
            let inner = try readOr()
            guard take(.symbol(")")) else { throw error("`)` expected, not \(shown)") }
            return inner
        case .word(let word):
            return try readWord(word)
        default:
            throw error("a value is expected, not \(shown)")
        }
    }

    private mutating func readWord(_ word: String) throws(SyntaxError) -> Expression {
        guard !["and", "or", "not", "in"].contains(word) else { throw error("a value is expected, not `\(word)`") }
        let start = at
        at += 1
        if word == "nothing" { return .literal(.missing) }
        if word == "true" || word == "false" { return .literal(.truth(Truth(word == "true"))) }
        guard take(.symbol("(")) else {
            let parts = word.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            return .name(Expression.Name(root: String(parts[0]), field: parts.count > 1 ? String(parts[1]) : ""))
        }
        guard let function = Expression.Function(rawValue: word) else {
            at = start
            throw error("unknown function `\(word)`\(NearestName.hint(word, among: Expression.Function.allCases.map(\.rawValue)))")
        }
        var arguments: [Expression] = []
        if current != .symbol(")") {
            arguments.append(try readOr())
            while take(.symbol(",")) { arguments.append(try readOr()) }
        }
        guard take(.symbol(")")) else { throw error("`)` expected, not \(shown)") }
        guard function.arity.contains(arguments.count) else {
            at = start
            throw error("`\(word)` takes \(function.arityText), not \(arguments.count)")
        }
        return .call(function, arguments)
    }

    // MARK: Tokens

    private mutating func scan(_ text: String) throws(SyntaxError) {
        let characters = Array(text)
        var i = 0
        while i < characters.count {
            let c = characters[i]
            let start = i
            if c.isWhitespace {
                i += 1
                continue
            } else if c == "'" || c == "\"" {
                i += 1
                while i < characters.count, characters[i] != c { i += 1 }
                guard i < characters.count else { throw SyntaxError(message: "the quote is never closed", column: start + 1) }
                tokens.append((.text(String(characters[(start + 1)..<i])), start + 1))
                i += 1
                continue
            } else if c.isASCII, c.isNumber {
                while i < characters.count, characters[i].isASCII, characters[i].isLetter || characters[i].isNumber { i += 1 }
                let word = String(characters[start..<i])
                if let number = Int64(word) {
                    tokens.append((.number(number), start + 1))
                } else if let duration = DurationText.parse(word) {
                    tokens.append((.duration(duration), start + 1))
                } else {
                    throw SyntaxError(message: "`\(word)` is neither a number nor a duration such as 24h, 15m, 90s, 30d", column: start + 1)
                }
                continue
            } else if c.isASCII, c.isLetter || c == "_" {
                while i < characters.count, characters[i].isASCII,
                    characters[i].isLetter || characters[i].isNumber || "_.".contains(characters[i])
                { i += 1 }
                tokens.append((.word(String(characters[start..<i])), start + 1))
                continue
            }
            let two = String(characters[i..<min(i + 2, characters.count)])
            if ["==", "!=", "<=", ">="].contains(two) {
                tokens.append((.symbol(two), start + 1))
                i += 2
            } else if "<>+-(),".contains(c) {
                tokens.append((.symbol(String(c)), start + 1))
                i += 1
            } else {
                throw SyntaxError(message: "unexpected `\(c)`\(c == "=" ? " (equality is `==`)" : "")", column: start + 1)
            }
        }
        tokens.append((.end, characters.count + 1))
    }
}
