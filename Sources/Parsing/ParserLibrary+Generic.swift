import AuditModel

/// Generic parsers: a definition whose meaning a source's configuration gives.
extension ParserLibrary {
    /// The definition that a source reads its records with.
    ///
    /// - Parameters:
    ///   - id: The parser's id.
    ///   - mapping: What the source's configuration maps; nil where it has no `mapping`.
    /// - Throws: ``ParsingError`` for an unknown parser, for a generic parser without mapping or another with one, and for whatever is wrong in
    ///   the mapping, with its line and column.
    public func definition(_ id: String, mapping: ParserMapping?) throws(ParsingError) -> ParserDefinition {
        let base = try definition(id)
        guard let mapping else {
            guard base.mappingKeys == nil else {
                throw ParsingError(
                    code: .missing, message: "parser '\(id)' reads what the source's 'mapping' says: add one (parsers/\(id)/README.md shows how)")
            }
            return base
        }
        let node = try mapping.node()
        guard let formatKeys = base.mappingKeys else {
            throw node.error(.invalidValue, "parser '\(id)' says itself what its records mean: leave out 'mapping', or name a generic parser")
        }
        let root = try combined(node, formatKeys: formatKeys, base: base)
        var compiler = DefinitionCompiler(taxonomy: taxonomy)
        let header = try compiler.compile(root)
        let definition = ParserDefinition(
            id: header.id, version: header.version, title: header.title, definitionBytes: Array(node.orderedJSON.utf8), folder: base.folder,
            notApplicable: header.notApplicable, plan: compiler.finish(), handOverNames: compiler.handOvers)
        for name in definition.handOverNames { definition.handOvers[name] = try self.definition(name) }
        return definition
    }

    /// The base's definition with the mapping's body, and the mapping's keys in its format.
    private func combined(_ mapping: DefinitionNode, formatKeys: [String], base: ParserDefinition) throws(ParsingError) -> DefinitionNode {
        let rootKeys = DefinitionCompiler.bodyKeys + ["tables", "not_applicable", "dropped"]
        _ = try mapping.members(formatKeys + rootKeys, of: "the mapping of parser '\(base.id)'")
        let path = "\(base.folder)/parser.yaml"
        let file = try DefinitionNode.parse(String(decoding: base.definitionBytes, as: UTF8.self), path: path)
        var pairs: [(DefinitionNode, DefinitionNode)] = []
        for (key, keyNode, value) in try file.pairs() where !rootKeys.contains(key) && key != "mapping" && key != "formats" {
            pairs.append((keyNode, value))
        }
        var format: [(DefinitionNode, DefinitionNode)] = []
        guard let first = file["formats"]?.list().first else { throw file.error(.missing, "a parser definition needs 'formats'") }
        for (key, keyNode, value) in try first.pairs() where !formatKeys.contains(key) { format.append((keyNode, value)) }
        for (key, keyNode, value) in try mapping.pairs() {
            if formatKeys.contains(key) { format.append((keyNode, value)) } else { pairs.append((keyNode, value)) }
        }
        pairs.append((.scalar("formats", like: mapping), .list([.mapping(format, like: mapping)], like: mapping)))
        return .mapping(pairs, like: mapping)
    }
}
