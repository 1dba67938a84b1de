/// Names that a rule hands to another parser, as slots of that parser.
struct HandOverLink: Sendable {
    /// The other parser's format that gives all these names.
    let format: Int
    /// By name in the order of the rule: its slot there, -1 where that parser has no use for it.
    let slots: [Int32]
}

extension ParserDefinition {
    /// Finds the format of the other parser for each rule that hands names over.
    ///
    /// - Throws: ``ParsingError`` `.unknownName` where no format of that parser gives the names.
    func linkNames() throws(ParsingError) {
        for (number, body) in plan.bodies.enumerated() {
            guard case .handOver(let hand) = body.ending, hand.part == nil, let child = handOvers[hand.parser] else { continue }
            let formats = child.plan.formats
            for name in hand.names where !formats.contains(where: { $0.names[name.name] != nil }) {
                let known = Set(formats.flatMap(\.names.keys)).sorted()
                throw name.unknown.saying(
                    "no format of '\(child.id)' gives '\(name.name)'\(DefinitionNode.suggestion(name.name, known))")
            }
            guard let format = formats.firstIndex(where: { format in hand.names.allSatisfy { format.names[$0.name] != nil } }) else {
                throw ParsingError(
                    code: .invalidValue, message: "no single format of '\(child.id)' gives all the names that are handed over",
                    path: hand.names.first?.unknown.path)
            }
            handOverLinks[number] = HandOverLink(format: format, slots: hand.names.map { formats[format].names[$0.name] ?? -1 })
        }
    }
}
