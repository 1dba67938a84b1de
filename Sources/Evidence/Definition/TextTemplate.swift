/// Text of a definition with expressions in braces: `Closed {lag} after leaving.`
struct TextTemplate: Sendable, Hashable {
    enum Piece: Sendable, Hashable {
        case text(String)
        case value(Expression)
    }

    let pieces: [Piece]

    /// Reads a template; `{{` and `}}` stand for the braces themselves.
    static func parse(_ text: String) throws(ExpressionParser.SyntaxError) -> TextTemplate {
        var pieces: [Piece] = []
        var literal = ""
        let characters = Array(text)
        var i = 0
        while i < characters.count {
            let c = characters[i]
            if (c == "{" || c == "}"), i + 1 < characters.count, characters[i + 1] == c {
                literal.append(c)
                i += 2
            } else if c == "{" {
                guard let end = characters[i...].firstIndex(of: "}") else {
                    throw ExpressionParser.SyntaxError(message: "`{` is never closed", column: i + 1)
                }
                if !literal.isEmpty { pieces.append(.text(literal)) }
                literal = ""
                pieces.append(.value(try ExpressionParser.parse(String(characters[(i + 1)..<end]))))
                i = end + 1
            } else {
                literal.append(c)
                i += 1
            }
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        return TextTemplate(pieces: pieces)
    }

    var expressions: [Expression] {
        pieces.compactMap { if case .value(let expression) = $0 { expression } else { nil } }
    }
}
