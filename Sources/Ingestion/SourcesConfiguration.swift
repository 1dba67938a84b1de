public import AuditModel
public import EventStore
import Foundation
public import Parsing
import Yams

/// Which records come from where: the file that operators write (docs/operations.md).
///
/// Reading is strict: an unknown key, a wrong value or a source that stands twice is an error with file and line.
public struct SourcesConfiguration: Hashable, Sendable {
    /// The sources in the order of the file.
    public let sources: [SourceConfiguration]

    /// Folders of the operator's own parsers, beside the shipped ones.
    public let parserFolders: [String]

    /// The parsers that the sources name: all that has to be loaded. Nil where a source has a mapping, which may hand parts over to any.
    public var parsersInUse: Set<String>? { sources.contains { $0.mapping != nil } ? nil : Set(sources.map(\.parser)) }

    /// Makes a configuration without a file.
    public init(sources: [SourceConfiguration], parserFolders: [String] = []) {
        self.sources = sources
        self.parserFolders = parserFolders
    }

    /// Reads a configuration file. Paths in it are relative to its folder.
    ///
    /// - Throws: ``IngestionError`` with `configuration`, `missingPath` or `unreadablePath`.
    public static func load(path: String) throws(IngestionError) -> SourcesConfiguration {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw IngestionError(.missingPath, "there is no such configuration file; check the path", path: path)
        }
        guard !isFolder.boolValue else {
            throw IngestionError(.configuration, "this is a folder; name the configuration file in it, such as sources.yaml", path: path)
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw IngestionError(.unreadablePath, "the configuration cannot be read; check its owner and permissions", path: path)
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw IngestionError(.configuration, "the configuration is not UTF-8 text; save it as UTF-8", path: path)
        }
        let folder = path.contains("/") ? String(path[..<path.lastIndex(of: "/")!]) : "."
        return try parse(text, path: path, folder: folder.isEmpty ? "/" : folder)
    }

    /// Reads a configuration from text; `path` is for messages.
    public static func parse(_ text: String, path: String, folder: String) throws(IngestionError) -> SourcesConfiguration {
        try ConfigurationReader(path: path, folder: folder).read(text)
    }
}

/// One source as configured.
public struct SourceConfiguration: Hashable, Sendable {
    /// Its name in the store: lower-case letters, digits, `_` and `-`, at most 64.
    public var id: String
    /// Id of its parser; of several in turn, with `+` between them.
    public var parser: String
    /// Path patterns, absolute or relative to the working directory.
    public var paths: [String]
    /// The deployment that the records come from.
    public var instance: String?
    /// IANA zone of stamps without one, and of the calendar.
    public var timezone: String?
    /// Longest silence that is no gap, in seconds; nil: silence is never judged.
    public var expectedIntervalSeconds: Int64?
    /// When silence is judged.
    public var calendar: SourceSettings.Calendar = .always
    /// How long events are kept, in seconds; nil: for ever.
    public var keepSeconds: Int64?
    /// Attributes that every event of the source gets.
    public var attributes: [String: String] = [:]
    /// Overrides the time at which files were last changed, by which stamps without a year are read.
    public var modified: Timestamp?
    /// What its records mean, where its parser is a generic one.
    public var mapping: ParserMapping?

    /// Makes a source.
    public init(id: String, parser: String, paths: [String]) {
        self.id = id
        self.parser = parser
        self.paths = paths
    }

    /// What the store keeps of it.
    public var settings: SourceSettings {
        SourceSettings(
            source: id, parser: parser, instance: instance, timezone: timezone, expectedIntervalSeconds: expectedIntervalSeconds,
            calendar: calendar, keepSeconds: keepSeconds)
    }

    /// Whether a text can be a source's name.
    public static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 || $0 == 45 }
    }
}

/// Reads the configuration's nodes.
private struct ConfigurationReader {
    let path: String
    let folder: String

    func read(_ text: String) throws(IngestionError) -> SourcesConfiguration {
        let entries = try mapping(try root(text), allowed: ["version", "parsers", "sources"], what: "the configuration")
        guard let version = entries["version"] else { throw wrong("`version: 1` is missing", nil) }
        guard version.int == 1 else { throw wrong("this proofline reads version 1 of the configuration", version) }
        guard let list = entries["sources"], let items = list.sequence, !items.isEmpty else {
            throw wrong("`sources` must be a list of at least one source", entries["sources"])
        }
        var sources: [SourceConfiguration] = []
        for (number, item) in items.enumerated() {
            var source = try source(item)
            if item.mapping?["mapping"] != nil { source.mapping = ParserMapping(configuration: text, path: path, source: number) }
            guard !sources.contains(where: { $0.id == source.id }) else {
                throw wrong("source `\(source.id)` is there twice; give it another id", item)
            }
            sources.append(source)
        }
        return SourcesConfiguration(sources: sources, parserFolders: try parserFolders(entries["parsers"]))
    }

    private func parserFolders(_ node: Node?) throws(IngestionError) -> [String] {
        guard let node else { return [] }
        guard let items = node.sequence else { throw wrong("`parsers` is a list of folders, such as [\"my-parsers\"]", node) }
        var folders: [String] = []
        for item in items {
            guard let text = item.scalar?.string, !text.isEmpty else { throw wrong("a folder of parsers is a path", item) }
            folders.append(absolute(text))
        }
        return folders
    }

    /// A path of the file, as seen from where the program runs.
    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") || folder == "." ? path : folder == "/" ? "/" + path : folder + "/" + path
    }

    private func root(_ text: String) throws(IngestionError) -> Node {
        do {
            guard let node = try Yams.compose(yaml: text) else { throw wrong("the configuration is empty", nil) }
            return node
        } catch let error as IngestionError {
            throw error
        } catch {
            switch error as? YamlError {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
                throw IngestionError(.configuration, "this is no YAML: \(problem)", path: path, line: mark.line)
            case .duplicatedKeysInMapping(let keys, let context):
                let names = keys.map { "\($0)" }.joined(separator: ", ")
                throw IngestionError(.configuration, "a key is there twice: \(names)", path: path, line: context.mark.line)
            default:
                throw IngestionError(.configuration, "this is no YAML", path: path, cause: error)
            }
        }
    }

    private func source(_ node: Node) throws(IngestionError) -> SourceConfiguration {
        let entries = try mapping(
            node,
            allowed: ["id", "parser", "paths", "instance", "timezone", "expected_interval", "calendar", "retention", "attributes", "modified", "mapping"],
            what: "a source")
        guard let idNode = entries["id"], let id = idNode.scalar?.string else { throw wrong("a source needs an `id`", node) }
        guard SourceConfiguration.isName(id) else {
            throw wrong("`\(id)` cannot be a source's id: use lower-case letters, digits, `_` and `-`, at most 64", idNode)
        }
        guard let parser = parserID(entries["parser"]) else {
            throw wrong("source `\(id)` needs a `parser`, such as `parser: okta`", node)
        }
        var source = SourceConfiguration(id: id, parser: parser, paths: try paths(entries["paths"], of: node, id))
        source.instance = try text(entries["instance"], "instance")
        if let zone = try text(entries["timezone"], "timezone") {
            guard TimeZone(identifier: zone) != nil else {
                throw wrong("`\(zone)` is no time zone; use an IANA name such as Europe/Vienna", entries["timezone"])
            }
            source.timezone = zone
        }
        if let node = entries["expected_interval"] { source.expectedIntervalSeconds = try seconds(node, "expected_interval") }
        if let node = entries["retention"] { source.keepSeconds = try seconds(node, "retention") }
        if let node = entries["calendar"] {
            guard let calendar = node.scalar.flatMap({ SourceSettings.Calendar(rawValue: $0.string) }) else {
                throw wrong("`calendar` is always or office", node)
            }
            source.calendar = calendar
        }
        if let node = entries["modified"] {
            guard let text = node.scalar?.string, let time = Timestamp(dateOrTime: text) else {
                throw wrong("`modified` is a time such as 2026-10-01T00:00:00Z", node)
            }
            source.modified = time
        }
        source.attributes = try attributes(entries["attributes"])
        return source
    }

    /// The id of a parser, or of a list of parsers in turn.
    private func parserID(_ node: Node?) -> String? {
        let names = node?.sequence?.map { $0.scalar?.string ?? "" } ?? [node?.scalar?.string ?? ""]
        return names.isEmpty || names.contains("") ? nil : names.joined(separator: "+")
    }

    private func paths(_ node: Node?, of source: Node, _ id: String) throws(IngestionError) -> [String] {
        guard let node, let items = node.sequence, !items.isEmpty else {
            throw wrong("source `\(id)` needs `paths`, a list such as [\"logs/*.log\"]", node ?? source)
        }
        var paths: [String] = []
        for item in items {
            guard let text = item.scalar?.string, !text.isEmpty, !text.hasSuffix("/") else {
                throw wrong("a path pattern names files, such as `logs/*.log`", item)
            }
            paths.append(absolute(text))
        }
        return paths
    }

    private func attributes(_ node: Node?) throws(IngestionError) -> [String: String] {
        guard let node else { return [:] }
        guard let mapping = node.mapping else { throw wrong("`attributes` is a mapping of names to texts", node) }
        var attributes: [String: String] = [:]
        for (key, value) in mapping {
            guard let name = key.string, SourceConfiguration.isName(name.replacingOccurrences(of: ".", with: "_")),
                let text = value.scalar?.string
            else { throw wrong("an attribute has a name of lower-case letters, digits, `_`, `-` and `.`, and a text", key) }
            attributes[name] = text
        }
        return attributes
    }

    private func text(_ node: Node?, _ key: String) throws(IngestionError) -> String? {
        guard let node else { return nil }
        guard let text = node.scalar?.string, !text.isEmpty, text.utf8.count <= 256 else {
            throw wrong("`\(key)` is a text of at most 256 bytes", node)
        }
        return text
    }

    private func seconds(_ node: Node, _ key: String) throws(IngestionError) -> Int64 {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let text = node.scalar?.string, let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()),
            (1...100_000).contains(number)
        else { throw wrong("`\(key)` is a number and a unit: 90s, 15m, 2h or 400d", node) }
        return number * unit
    }

    private func mapping(_ node: Node, allowed: [String], what: String) throws(IngestionError) -> [String: Node] {
        guard let mapping = node.mapping else { throw wrong("\(what) must be a mapping of keys to values", node) }
        var entries: [String: Node] = [:]
        for (key, value) in mapping {
            let name = key.string ?? "?"
            guard allowed.contains(name) else {
                let hint =
                    NearestName.of(name, in: allowed).map { "did you mean `\($0)`?" } ?? "known are \(allowed.joined(separator: ", "))"
                throw wrong("`\(name)` is no key of \(what); \(hint)", key)
            }
            entries[name] = value
        }
        return entries
    }

    private func wrong(_ message: String, _ node: Node?) -> IngestionError {
        IngestionError(.configuration, message, path: path, line: node?.mark?.line)
    }
}
