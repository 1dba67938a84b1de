import CSimdjson

/// The structural positions of one JSON text, found by simdjson's first stage (docs/decisions/0030).
///
/// Trusts nothing: the indexes are checked against the text by ``JSONWalker``. One index is reused for record after record.
final class JSONIndex {
    private let indexer: OpaquePointer
    /// The indexed text. Valid while the caller keeps its bytes.
    private(set) var text = ByteSlice.empty
    private(set) var positions: UnsafePointer<UInt32>?
    private(set) var count = 0

    init() {
        guard let indexer = proofline_json_indexer_create() else { preconditionFailure("out of memory") }
        self.indexer = indexer
    }

    deinit { proofline_json_indexer_destroy(indexer) }

    /// What a walker sees of a text that was indexed by itself.
    var view: JSONView? {
        guard let positions else { return nil }
        let escape = text.firstIndex(of: UInt8(ascii: "\\")) ?? text.count
        return JSONView(
            text: text.base, count: text.count, readable: text.count, positions: positions, structurals: count, escapes: text.base + escape)
    }

    /// Indexes a text; nil on success, else why it is not JSON.
    func index(_ bytes: ByteSlice) -> JSONFault? {
        var found: UnsafePointer<UInt32>?
        var number: UInt32 = 0
        text = bytes
        count = 0
        let code = proofline_json_index(indexer, bytes.base, bytes.count, &found, &number)
        switch Int(code) {
        case Int(PROOFLINE_JSON_OK):
            positions = found
            count = Int(number)
            return nil
        case Int(PROOFLINE_JSON_INVALID_UTF8): return .invalidUTF8
        case Int(PROOFLINE_JSON_UNCLOSED_STRING): return .unclosedString
        case Int(PROOFLINE_JSON_CONTROL_CHARACTER): return .controlCharacter
        case Int(PROOFLINE_JSON_EMPTY): return .endsEarly
        default: return .grammar
        }
    }
}

/// Why a text is not JSON that we accept. The descriptions are quarantine reasons and hold nothing of the record.
enum JSONFault: String, Error {
    case invalidUTF8 = "text is not valid UTF-8"
    case unclosedString = "JSON: a string is not closed"
    case controlCharacter = "JSON: a control character inside a string"
    case grammar = "JSON: grammar is broken"
    case endsEarly = "JSON ends early"
    case trailing = "JSON: text after the value"
    case tooDeep = "JSON: nested deeper than 128 levels"
    case duplicateKey = "JSON: a mapped key is there twice"
    case number = "JSON: a malformed number"
    case escape = "JSON: a malformed escape"
}

/// Whether bytes are valid UTF-8.
func isValidUTF8(_ bytes: ByteSlice) -> Bool {
    proofline_utf8_valid(bytes.base, bytes.count) != 0
}
