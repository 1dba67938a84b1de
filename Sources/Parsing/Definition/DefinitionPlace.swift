/// A place in a definition file, counted from one.
struct DefinitionPlace: Hashable, Sendable {
    let line: Int
    let column: Int
}
