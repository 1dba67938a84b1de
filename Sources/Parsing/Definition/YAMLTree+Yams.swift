import Yams

/// Reading all of YAML.
extension YAMLTree {
    /// The tree of a text.
    ///
    /// - Throws: ``ParsingError`` `.invalidYAML`, with the place.
    static func read(_ text: String, path: String) throws(ParsingError) -> YAMLTree {
        if let tree = YAMLReader.read(text, path: path) { return tree }
        return try readAll(text, path: path)
    }

    /// The same by Yams alone.
    static func readAll(_ text: String, path: String) throws(ParsingError) -> YAMLTree {
        do {
            // What a plain text would stand for is not asked: here all scalars are texts.
            guard let root = try Yams.compose(yaml: text, .basic) else {
                throw ParsingError(code: .invalidYAML, message: "the definition is empty", path: path)
            }
            var builder = YAMLTree.Builder()
            let number = builder.add(root)
            return YAMLTree(nodes: builder.nodes, members: builder.members, root: Int(number), path: path)
        } catch let error as ParsingError {
            throw error
        } catch {
            throw problem(error, path: path)
        }
    }

    private static func problem(_ error: any Error, path: String) -> ParsingError {
        guard let yaml = error as? YamlError else {
            return ParsingError(code: .invalidYAML, message: "not YAML", path: path, cause: "\(error)")
        }
        switch yaml {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return ParsingError(code: .invalidYAML, message: "not YAML: \(problem)", path: path, line: mark.line, column: mark.column)
        case .duplicatedKeysInMapping(let duplicates, _):
            let names = duplicates.map { "\($0)" }.joined(separator: ", ")
            return ParsingError(code: .invalidYAML, message: "a key is there twice: \(names)", path: path)
        default: return ParsingError(code: .invalidYAML, message: "not YAML", path: path, cause: "\(yaml)")
        }
    }
}

extension YAMLTree.Builder {
    /// Lays a node of Yams out.
    fileprivate mutating func add(_ node: Yams.Node) -> Int32 {
        let (line, column) = (Int32(node.mark?.line ?? 0), Int32(node.mark?.column ?? 0))
        var inside: [Int32] = []
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            return add(.scalar, text: scalar.string, isPlain: isPlain, line: line, column: column, members: [])
        case .sequence(let sequence):
            for element in sequence { inside.append(add(element)) }
            return add(.sequence, text: "", isPlain: false, line: line, column: column, members: inside)
        case .mapping(let mapping):
            for (key, value) in mapping {
                inside.append(add(key))
                inside.append(add(value))
            }
            return add(.mapping, text: "", isPlain: false, line: line, column: column, members: inside)
        case .alias(let alias):
            // `compose` puts what an alias names in its place; one that is left names nothing.
            return add(.scalar, text: "*\(alias.anchor.rawValue)", isPlain: false, line: line, column: column, members: [])
        }
    }
}
