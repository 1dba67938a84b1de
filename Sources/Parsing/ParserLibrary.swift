import AuditModel
import Dispatch
import Foundation
import Synchronization

/// The parser definitions of one or more folders, loaded strictly (docs/parsers.md).
///
/// A later folder's definition replaces an earlier one with the same id, so that users can mend a shipped parser. Anything
/// that is wrong in a definition that is loaded is an error that names file, line and column; one that is asked for is never left out silently.
public struct ParserLibrary: Sendable {
    private let definitions: [String: ParserDefinition]
    /// The actions that the definitions speak of.
    public let taxonomy: ActionTaxonomy

    /// The ids of all parsers in the folders, sorted, those that were not asked for included.
    public let ids: [String]

    /// The definition with this id, or nil.
    public subscript(id: String) -> ParserDefinition? { definitions[id] ?? (try? inTurn(id)) }

    /// The definition with this id, or of several ids with `+` between them that are asked in turn.
    ///
    /// - Throws: ``ParsingError`` `.unknownParser`, with the nearest id.
    public func definition(_ id: String) throws(ParsingError) -> ParserDefinition {
        if let definition = definitions[id] { return definition }
        if let several = try inTurn(id) { return several }
        throw ParsingError(code: .unknownParser, message: "no parser is named '\(id)'\(DefinitionNode.suggestion(id, ids))")
    }

    /// Definitions in turn, nil where only one is named.
    private func inTurn(_ id: String) throws(ParsingError) -> ParserDefinition? {
        guard id.contains(ParserDefinition.turnSeparator) else { return nil }
        var members: [ParserDefinition] = []
        for name in id.split(separator: ParserDefinition.turnSeparator, omittingEmptySubsequences: false) {
            let member = try definition(String(name))
            guard !members.contains(where: { $0.id == member.id }) else {
                throw ParsingError(code: .invalidValue, message: "parser '\(member.id)' is named twice")
            }
            members.append(member)
        }
        guard members.count <= 6 else { throw ParsingError(code: .invalidValue, message: "'\(id)': at most 6 parsers are asked in turn") }
        guard members.allSatisfy({ $0.mappingKeys == nil }) else {
            throw ParsingError(code: .invalidValue, message: "'\(id)': a generic parser stands alone")
        }
        for follower in members.dropFirst() where (0..<follower.plan.flatFormats.count).contains(where: { follower.plan.flatFormats[$0].hasHeader }) {
            throw ParsingError(code: .invalidValue, message: "'\(id)': '\(follower.id)' reads a header and can only be the first")
        }
        return ParserDefinition(inTurn: members)
    }

    /// Loads `<folder>/<id>/parser.yaml`, and the actions of every `<folder>/taxonomy.yaml`.
    ///
    /// - Parameters:
    ///   - wanted: The parsers that will be used, as ``definition(_:)`` takes them; those that they hand parts over to are loaded too. Nil loads all.
    ///   - requireFixtures: Whether a parser without README and fixtures is an error; off where only definitions
    ///     were shipped.
    /// - Throws: ``ParsingError``.
    public static func load(
        folders: [String], only wanted: Set<String>? = nil, requireFixtures: Bool = true
    ) throws(ParsingError) -> ParserLibrary {
        let taxonomy = try TaxonomyFile.load(folders: folders)
        var places: [String: String] = [:]
        var paths: [String] = []
        for folder in folders {
            for name in try subfolders(of: folder) {
                places[name] = "\(folder)/\(name)"
                paths.append("\(folder)/\(name)")
            }
        }
        var found: [String: ParserDefinition] = [:]
        var missing = (wanted?.sorted() ?? []).flatMap { $0.split(separator: ParserDefinition.turnSeparator).map(String.init) }
        while let name = missing.popLast() {
            guard found[name] == nil, let path = places[name] else { continue }
            let definition = try load(folder: path, taxonomy: taxonomy, requireFixtures: requireFixtures)
            found[name] = definition
            missing += definition.handOverNames
        }
        for result in wanted == nil ? loadAll(paths, taxonomy: taxonomy, requireFixtures: requireFixtures) : [] {
            let definition = try result.get()
            found[definition.id] = definition
        }
        for definition in found.values {
            for name in definition.handOverNames {
                guard let child = found[name] else {
                    throw ParsingError(
                        code: .unknownParser,
                        message:
                            "'\(definition.id)' hands parts over to '\(name)', which is not there\(DefinitionNode.suggestion(name, places.keys.sorted()))",
                        path: "\(definition.folder)/parser.yaml")
                }
                definition.handOvers[name] = child
            }
            try definition.linkNames()
        }
        return ParserLibrary(definitions: found, taxonomy: taxonomy, ids: places.keys.sorted())
    }

    /// Loads parser folders, as many at once as there are cores: nothing in one depends on another.
    private static func loadAll(
        _ paths: [String], taxonomy: ActionTaxonomy, requireFixtures: Bool
    ) -> [Result<ParserDefinition, ParsingError>] {
        let results = Mutex([Result<ParserDefinition, ParsingError>?](repeating: nil, count: paths.count))
        DispatchQueue.concurrentPerform(iterations: paths.count) { number in
            let result = Result { () throws(ParsingError) in try load(folder: paths[number], taxonomy: taxonomy, requireFixtures: requireFixtures) }
            results.withLock { $0[number] = result }
        }
        return results.withLock { $0.compactMap { $0 } }
    }

    private static func load(folder: String, taxonomy: ActionTaxonomy, requireFixtures: Bool) throws(ParsingError) -> ParserDefinition {
        guard FileManager.default.fileExists(atPath: "\(folder)/parser.yaml") else {
            throw ParsingError(code: .missing, message: "a parser folder needs a parser.yaml", path: folder)
        }
        let definition = try loadDefinition(folder: folder, taxonomy: taxonomy)
        if requireFixtures { try checkCompanions(of: definition) }
        return definition
    }

    /// The actions of some folders of parsers, without their definitions.
    ///
    /// - Throws: ``ParsingError``.
    public static func taxonomy(folders: [String]) throws(ParsingError) -> ActionTaxonomy { try TaxonomyFile.load(folders: folders) }

    /// Loads one parser folder, without README, fixtures and hand-overs.
    static func loadDefinition(folder: String, taxonomy: ActionTaxonomy) throws(ParsingError) -> ParserDefinition {
        let path = "\(folder)/parser.yaml"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ParsingError(code: .unreadable, message: "the definition cannot be read; check its permissions", path: path)
        }
        let bytes = [UInt8](data)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ParsingError(code: .invalidYAML, message: "the definition is not UTF-8", path: path)
        }
        let definition = try compile(text, path: path, taxonomy: taxonomy, folder: folder, bytes: bytes)
        let name = String(folder.split(separator: "/").last ?? "")
        guard definition.id == name else {
            throw ParsingError(code: .invalidValue, message: "the id '\(definition.id)' is not the folder's name '\(name)'", path: path)
        }
        return definition
    }

    /// Compiles a definition's text.
    static func compile(
        _ text: String, path: String, taxonomy: ActionTaxonomy, folder: String = "", bytes: [UInt8] = []
    ) throws(ParsingError) -> ParserDefinition {
        let root = try DefinitionNode.parse(text, path: path)
        var compiler = DefinitionCompiler(taxonomy: taxonomy)
        let header = try compiler.compile(root)
        return ParserDefinition(
            id: header.id, version: header.version, title: header.title, definitionBytes: bytes, folder: folder,
            notApplicable: header.notApplicable, plan: compiler.finish(), handOverNames: compiler.handOvers,
            mappingKeys: header.mappingKeys)
    }

    private static func subfolders(of folder: String) throws(ParsingError) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw ParsingError(
                code: .unreadable, message: "the folder of parsers cannot be read; check the path and its permissions", path: folder)
        }
        return names.sorted().filter { name in
            var isFolder: ObjCBool = false
            return !name.hasPrefix(".") && FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
                && isFolder.boolValue
        }
    }

    private static func checkCompanions(of definition: ParserDefinition) throws(ParsingError) {
        let folder = definition.folder
        guard FileManager.default.fileExists(atPath: "\(folder)/README.md") else {
            throw ParsingError(
                code: .missing,
                message: "parser '\(definition.id)' has no README.md: say where the log comes from and what it does not tell", path: folder)
        }
        let cases = fixtures(of: definition)
        guard !cases.isEmpty else {
            throw ParsingError(
                code: .missing, message: "parser '\(definition.id)' has no fixtures/<case>.log with <case>.expected.jsonl",
                path: "\(folder)/fixtures")
        }
        for fixture in cases where !FileManager.default.fileExists(atPath: fixture.expectedPath) {
            throw ParsingError(
                code: .missing,
                message: "the fixture has no expected events; write them with: proofline parser test \(definition.id) --record",
                path: fixture.expectedPath)
        }
    }

    /// The fixtures of a parser, sorted by name.
    public static func fixtures(of definition: ParserDefinition) -> [ParserFixture] {
        let folder = "\(definition.folder)/fixtures"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".log") }.sorted().map { ParserFixture(folder: folder, name: String($0.dropLast(4))) }
    }
}

/// A fixture of a parser: raw lines and the events that they must become.
public struct ParserFixture: Hashable, Sendable {
    let folder: String
    /// The case's name.
    public let name: String

    public var logPath: String { "\(folder)/\(name).log" }
    public var expectedPath: String { "\(folder)/\(name).expected.jsonl" }
}
