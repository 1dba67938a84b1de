/// A JSON document held in memory: log entries, seals, manifests, and an event shown to a person.
///
/// Not for the ingest path, which works on bytes. Numbers are integers: that is all our formats write, and a fraction met
/// while reading is kept as ``number(_:)`` text.
public enum JSONValue: Hashable, Sendable {
    case object([String: JSONValue])
    case array([JSONValue])
    case string(String)
    case integer(Int64)
    /// A number that is not an integer of 64 bits, as it was written.
    case number(String)
    case bool(Bool)
    case null

    /// The member of an object, or nil for other kinds and absent members.
    public subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { return members[key] }
        return nil
    }

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    public var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

    /// The document in canonical form (RFC 8785) where its numbers are integers.
    public var canonicalBytes: [UInt8] {
        var out: [UInt8] = []
        writeCanonical(to: &out)
        return out
    }

    /// ``canonicalBytes`` as text.
    public var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }

    /// Appends the canonical form.
    public func writeCanonical(to out: inout [UInt8]) {
        switch self {
        case .object(let members):
            var object = ObjectWriter(to: &out)
            for (name, value) in members.sorted(by: { CanonicalJSON.keyPrecedes($0.key, $1.key) }) {
                object.key(name, to: &out)
                value.writeCanonical(to: &out)
            }
            object.end(to: &out)
        case .array(let values):
            out.append(91)
            for (index, value) in values.enumerated() {
                if index > 0 { out.append(44) }
                value.writeCanonical(to: &out)
            }
            out.append(93)
        case .string(let text): CanonicalJSON.writeString(text, to: &out)
        case .integer(let value): CanonicalJSON.writeInteger(value, to: &out)
        case .number(let text): out.append(contentsOf: text.utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .null: out.append(contentsOf: "null".utf8)
        }
    }

    /// The document over several lines, members in canonical order, for files that people open.
    public func prettyText(indent: Int = 0) -> String {
        let inner = String(repeating: " ", count: indent + 2)
        let outer = String(repeating: " ", count: indent)
        switch self {
        case .object(let members) where !members.isEmpty:
            let lines = members.sorted { CanonicalJSON.keyPrecedes($0.key, $1.key) }.map { name, value in
                "\(inner)\(JSONValue.string(name).canonicalText): \(value.prettyText(indent: indent + 2))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(outer)}"
        case .array(let values) where !values.isEmpty:
            return "[\n\(values.map { inner + $0.prettyText(indent: indent + 2) }.joined(separator: ",\n"))\n\(outer)]"
        default: return canonicalText
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
