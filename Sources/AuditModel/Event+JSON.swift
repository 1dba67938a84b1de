extension Event {
    /// The event as a nested JSON document, as its canonical line shows it, without a salt.
    public var json: JSONValue {
        // The canonical line is the one place that says how an event is nested.
        guard let value = try? JSONValue(parsing: canonicalLine()) else {
            preconditionFailure("a canonical line is JSON")
        }
        return value
    }

    /// Why a JSON document is not an event.
    public struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong, naming the member.
        public let message: String
        public var description: String { message }
    }

    /// Reads an event from a parsed canonical line; a `salt` member is passed over.
    ///
    /// - Throws: ``FormatError`` for an unknown member or a value of another kind than the schema's.
    public init(json: JSONValue) throws(FormatError) {
        self.init()
        guard let members = json.object else { throw FormatError(message: "an event is a JSON object") }
        for (name, value) in members { try read(name, value) }
    }

    private mutating func read(_ name: String, _ value: JSONValue) throws(FormatError) {
        switch name {
        case "salt": break
        case "schema": schema = Int(try Self.integer(name, value))
        case "time": time = try Self.time(name, value)
        case "observed": observed = try Self.time(name, value)
        case "time_bound": timeBoundMicroseconds = try Self.integer(name, value)
        case "replaces": replaces = try Self.integer(name, value)
        case "flags": for flag in try Self.texts(name, value) { setFlag(flag) }
        case "attributes":
            for (key, text) in try Self.members(name, value) { setAttribute(key, try Self.text(key, text)) }
        case "targets":
            for entry in try Self.list(name, value) {
                let m = try Self.members(name, entry, allowing: ["type", "id", "name"])
                targets.append(Target(type: m["type"]?.string, id: m["id"]?.string, name: m["name"]?.string))
            }
        case "changes":
            for entry in try Self.list(name, value) {
                let m = try Self.members(name, entry, allowing: ["field", "before", "after"])
                guard let field = m["field"]?.string else { throw FormatError(message: "changes: an entry without field") }
                changes.append(Change(field: field, before: m["before"]?.string, after: m["after"]?.string))
            }
        case "actor", "approval", "origin", "policy": try readGroup(name, value)
        default:
            guard let field = EventField(name: name), !name.contains(".") else { throw FormatError(message: "unknown member \(name)") }
            self[field] = try Self.text(name, value)
        }
    }

    private mutating func readGroup(_ group: String, _ value: JSONValue) throws(FormatError) {
        for (key, member) in try Self.members(group, value) {
            let name = "\(group).\(key)"
            switch name {
            case "actor.roles": roles = try Self.texts(name, member)
            case "approval.expires": approvalExpires = try Self.time(name, member)
            default:
                guard let field = EventField(name: name) else { throw FormatError(message: "unknown member \(name)") }
                self[field] = try Self.text(name, member)
            }
        }
    }

    private static func text(_ name: String, _ value: JSONValue) throws(FormatError) -> String {
        guard let text = value.string else { throw FormatError(message: "\(name) is not a text") }
        return text
    }

    private static func integer(_ name: String, _ value: JSONValue) throws(FormatError) -> Int64 {
        guard let number = value.integer, number.magnitude <= UInt64(CanonicalJSON.largestInteger) else {
            throw FormatError(message: "\(name) is not an integer of 53 bits")
        }
        return number
    }

    private static func time(_ name: String, _ value: JSONValue) throws(FormatError) -> Timestamp {
        guard let text = value.string, let time = Timestamp(rfc3339: text) else {
            throw FormatError(message: "\(name) is not an RFC 3339 time")
        }
        return time
    }

    private static func list(_ name: String, _ value: JSONValue) throws(FormatError) -> [JSONValue] {
        guard let list = value.array else { throw FormatError(message: "\(name) is not a list") }
        return list
    }

    private static func texts(_ name: String, _ value: JSONValue) throws(FormatError) -> [String] {
        var result: [String] = []
        for entry in try list(name, value) { result.append(try text(name, entry)) }
        return result
    }

    private static func members(
        _ name: String, _ value: JSONValue, allowing names: Set<String>? = nil
    ) throws(FormatError) -> [String: JSONValue] {
        guard let members = value.object else { throw FormatError(message: "\(name) is not an object") }
        if let names {
            for (key, member) in members {
                guard names.contains(key) else { throw FormatError(message: "\(name): unknown member \(key)") }
                _ = try text("\(name).\(key)", member)
            }
        }
        return members
    }
}
