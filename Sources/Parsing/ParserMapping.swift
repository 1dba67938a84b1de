/// What a source's configuration says about the records of a generic parser: which names mean what (docs/parsers.md, "Generic parsers").
///
/// It keeps the configuration's text and its own place in it, so that whatever is wrong is told with that file's line and column.
public struct ParserMapping: Hashable, Sendable {
    /// The whole configuration file.
    let text: String
    /// Where that stands, for messages.
    let path: String
    /// Number of the source in `sources`, from zero.
    let source: Int

    /// The mapping of a source.
    ///
    /// - Parameters:
    ///   - configuration: Text of the configuration file.
    ///   - path: Where that stands, for messages.
    ///   - source: Number of the source in its list `sources`, from zero.
    public init(configuration: String, path: String, source: Int) {
        text = configuration
        self.path = path
        self.source = source
    }

    /// The mapping's node.
    func node() throws(ParsingError) -> DefinitionNode {
        let root = try DefinitionNode.parse(text, path: path)
        guard let sources = root["sources"], sources.isSequence, sources.list().indices.contains(source), let mapping = sources.list()[source]["mapping"]
        else { throw ParsingError(code: .missing, message: "the source has no 'mapping'", path: path) }
        return mapping
    }
}

extension DefinitionNode {
    /// The node as JSON without blanks: keys in the order of the file, every scalar a text. What a mapping's hash is taken of: it changes with the
    /// meaning, not with comments and indentation.
    var orderedJSON: String {
        if isMapping { return "{\(keysAndValues.map { "\($0.key.orderedJSON):\($0.value.orderedJSON)" }.joined(separator: ","))}" }
        if isSequence { return "[\(list().map(\.orderedJSON).joined(separator: ","))]" }
        return isNull ? "null" : Self.quoted(scalar)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 32: result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
