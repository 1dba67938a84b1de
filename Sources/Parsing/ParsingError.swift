/// Why parser definitions could not be loaded or a state could not be restored.
///
/// Damaged records are never errors: they come out as ``ParsedRecord/Result/quarantined(reason:)``.
public struct ParsingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of thing went wrong.
    public enum Code: String, Hashable, Sendable {
        /// A folder or file could not be read.
        case unreadable
        /// A definition is not YAML.
        case invalidYAML
        /// A key that the language does not know.
        case unknownKey
        /// A value of another kind, or outside its set.
        case invalidValue
        /// Something the language requires is not there: a key, a README, a fixture, a data class.
        case missing
        /// A name that nothing in the definition declares.
        case unknownName
        /// No parser has this id.
        case unknownParser
        /// A saved state that this parser did not write.
        case invalidState
    }

    public let code: Code
    /// What went wrong and how to remedy it.
    public let message: String
    /// The file concerned, if any.
    public let path: String?
    /// Line and column in the file, counted from one.
    public let line: Int?
    public let column: Int?
    /// The failure beneath, in words.
    public let cause: String?

    public init(code: Code, message: String, path: String? = nil, line: Int? = nil, column: Int? = nil, cause: String? = nil) {
        self.code = code
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        self.cause = cause
    }

    /// The same error with these words.
    func saying(_ message: String) -> ParsingError {
        ParsingError(code: code, message: message, path: path, line: line, column: column, cause: cause)
    }

    /// `path:line:column: message (cause)`.
    public var description: String {
        var text = ""
        if let path {
            text += path
            if let line { text += ":\(line)" }
            if let column, line != nil { text += ":\(column)" }
            text += ": "
        }
        text += message
        if let cause { text += " (\(cause))" }
        return text
    }
}
