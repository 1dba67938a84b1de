import AuditModel
import Cryptography
import Foundation
import Yams

/// Which data class gets which treatment: one file with a version that every seal names.
///
/// Reading is strict: an unknown key, a missing class or a treatment laxer than the design's is an error with file and line.
public struct MinimizationPolicy: Hashable, Sendable {
    /// The policy's name, as seals carry it.
    public let id: String
    /// The policy's version, as seals carry it.
    public let version: String
    /// SHA-256 of the file's bytes.
    public let sha256: SHA256Digest
    public let treatments: [DataClass: Treatment]
    /// How many bytes of `message` stay.
    public let messageLimitBytes: Int
    /// How many bytes of any other text stay.
    public let textLimitBytes: Int
    /// Names of machines and services that belong to nobody, with `*` for any characters: they stay where an identity would go.
    public let servers: [String]
    /// The same in lower case.
    private let serverPatterns: [[UInt8]]

    /// Reads a policy file.
    ///
    /// - Throws: ``MinimizationError`` `policyUnreadable`, `policyInvalid`.
    public static func load(path: String) throws -> MinimizationPolicy {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw MinimizationError(.policyUnreadable, "the minimization policy cannot be read; name another with --policy", path: path)
        }
        return try parse(Array(data), path: path)
    }

    /// Reads a policy from bytes; `path` is for messages.
    public static func parse(_ bytes: [UInt8], path: String) throws -> MinimizationPolicy {
        let root: Node
        do {
            guard let node = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self)) else {
                throw MinimizationError(.policyInvalid, "the policy is empty", path: path, line: 1)
            }
            root = node
        } catch let error as YamlError {
            throw MinimizationError(.policyInvalid, "this is no YAML", cause: error, path: path)
        }
        let reader = PolicyReader(path: path)
        let top = try reader.mapping(root, allowed: ["format", "id", "version", "classes", "limits", "servers"], what: "the policy")
        let format = try reader.integer(top, "format", of: root, in: 1...Int.max)
        guard format == 1 else {
            throw MinimizationError(
                .policyInvalid, "format \(format) needs a newer proofline; this one reads 1", path: path, line: reader.line(root))
        }
        let limitsNode = try reader.required(top, "limits", of: root)
        let limits = try reader.mapping(limitsNode, allowed: ["message_bytes", "text_bytes"], what: "limits")
        let servers = try reader.names(top["servers"])
        return MinimizationPolicy(
            id: try reader.word(top, "id", of: root), version: try reader.word(top, "version", of: root), sha256: SHA256.hash(bytes),
            treatments: try reader.treatments(try reader.required(top, "classes", of: root)),
            messageLimitBytes: try reader.integer(limits, "message_bytes", of: limitsNode, in: 64...1_048_576),
            textLimitBytes: try reader.integer(limits, "text_bytes", of: limitsNode, in: 64...1_048_576),
            servers: servers, serverPatterns: servers.map { Array($0.lowercased().utf8) })
    }

    /// The treatment of a class. Every class has one: the reader sees to it.
    public func treatment(of dataClass: DataClass) -> Treatment { treatments[dataClass] ?? .drop }

    /// Whether a host or service name is on the list of those that belong to nobody.
    public func isServer(_ name: String) -> Bool {
        guard !serverPatterns.isEmpty, let last = name.utf8.last else { return false }
        let mayMatch = serverPatterns.contains { $0.last == UInt8(ascii: "*") || $0.last == Byte.lower(last) }
        guard mayMatch else { return false }
        let bytes = name.utf8.map(Byte.lower)
        return serverPatterns.contains { Self.matches(bytes, pattern: $0) }
    }

    /// Whether a host or service name is on the list of those that belong to nobody.
    func isServer(_ name: UnsafeRawBufferPointer) -> Bool {
        guard !serverPatterns.isEmpty, name.count > 0 else { return false }
        let last = Byte.lower(name[name.count - 1])
        guard serverPatterns.contains(where: { $0.last == UInt8(ascii: "*") || $0.last == last }) else { return false }
        let bytes = name.map(Byte.lower)
        return serverPatterns.contains { Self.matches(bytes, pattern: $0) }
    }

    /// `*` matches any characters; linear for one star, and bounded by the pattern's stars else.
    static func matches(_ name: [UInt8], pattern: [UInt8]) -> Bool {
        var (at, in_, star, mark) = (0, 0, -1, 0)
        while at < name.count {
            if in_ < pattern.count, pattern[in_] == UInt8(ascii: "*") {
                star = in_
                mark = at
                in_ += 1
            } else if in_ < pattern.count, pattern[in_] == name[at] {
                at += 1
                in_ += 1
            } else if star >= 0 {
                mark += 1
                at = mark
                in_ = star + 1
            } else {
                return false
            }
        }
        return pattern[in_...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

/// Reads the policy's nodes strictly and says where something is wrong.
private struct PolicyReader {
    let path: String

    func line(_ node: Node) -> Int? { node.mark?.line }

    func wrong(_ message: String, _ node: Node) -> MinimizationError {
        MinimizationError(.policyInvalid, message, path: path, line: line(node))
    }

    func mapping(_ node: Node, allowed: [String], what: String) throws -> [String: Node] {
        guard let mapping = node.mapping else { throw wrong("\(what) must be a mapping", node) }
        var entries: [String: Node] = [:]
        for (key, value) in mapping {
            guard let name = key.string, allowed.contains(name) else {
                throw wrong("unknown key \(key.string ?? "?") in \(what); known are \(allowed.joined(separator: ", "))", key)
            }
            entries[name] = value
        }
        return entries
    }

    func required(_ entries: [String: Node], _ key: String, of parent: Node) throws -> Node {
        guard let node = entries[key] else { throw wrong("\(key) is missing", parent) }
        return node
    }

    func word(_ entries: [String: Node], _ key: String, of parent: Node) throws -> String {
        let node = try required(entries, key, of: parent)
        guard let text = node.scalar?.string, !text.isEmpty, text.utf8.count <= 64,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw wrong("\(key) must be a word of at most 64 ASCII characters", node) }
        return text
    }

    func integer(_ entries: [String: Node], _ key: String, of parent: Node, in range: ClosedRange<Int>) throws -> Int {
        let node = try required(entries, key, of: parent)
        guard let value = node.int, range.contains(value) else {
            throw wrong("\(key) must be a number from \(range.lowerBound) to \(range.upperBound)", node)
        }
        return value
    }

    func treatments(_ node: Node) throws -> [DataClass: Treatment] {
        let entries = try mapping(node, allowed: DataClass.allCases.map(\.rawValue), what: "classes")
        var treatments: [DataClass: Treatment] = [:]
        for dataClass in DataClass.allCases {
            guard let value = entries[dataClass.rawValue] else {
                throw wrong("class \(dataClass.rawValue) has no treatment; every class needs one", node)
            }
            let allowed = Treatment.allowed(for: dataClass)
            guard let treatment = value.string.flatMap(Treatment.init(rawValue:)), allowed.contains(treatment) else {
                let words = allowed.map(\.rawValue).joined(separator: ", ")
                throw wrong("\(dataClass.rawValue) must be one of \(words); a laxer treatment is not offered", value)
            }
            treatments[dataClass] = treatment
        }
        return treatments
    }

    func names(_ node: Node?) throws -> [String] {
        guard let node else { return [] }
        guard let sequence = node.sequence else { throw wrong("servers must be a list of names", node) }
        return try sequence.map { item in
            guard let text = item.scalar?.string, !text.isEmpty, text != "*", text.utf8.count <= 253 else {
                throw wrong("a server's name must be a text that is more than *", item)
            }
            return text
        }
    }
}
