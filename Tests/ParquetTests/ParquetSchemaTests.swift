import Testing

@testable import Parquet

struct ParquetSchemaTests {
    @Test func `leaves have the paths and levels of the standard layouts`() throws {
        let schema = try ParquetSchema([
            .required("seq", .int64), .optional("actor.id", .string), .list("roles", of: .string),
            .list("marks", of: .int64, isOptional: false),
            .structs("targets", [ParquetMember("type", .string, isOptional: false), ParquetMember("id", .string, isOptional: true)]),
            .map("attributes"),
        ])
        #expect(
            schema.leaves.map(\.dottedPath) == [
                "seq", "actor.id", "roles.list.element", "marks.list.element", "targets.list.element.type", "targets.list.element.id",
                "attributes.key_value.key", "attributes.key_value.value",
            ])
        #expect(schema.leaves.map(\.maxDefinitionLevel) == [0, 1, 2, 1, 2, 3, 2, 2])
        #expect(schema.leaves.map(\.maxRepetitionLevel) == [0, 0, 1, 1, 1, 1, 1, 1])
        #expect(schema.leafRanges == [0..<1, 1..<2, 2..<3, 3..<4, 4..<6, 6..<8])
        #expect(schema.index(of: "targets") == 4)
        #expect(schema.index(of: "nothing") == nil)
    }

    @Test func `a schema survives its tree`() throws {
        let schema = try SampleFile.schema()
        #expect(try SchemaTree.schema(of: SchemaTree.elements(of: schema)) == schema)
    }

    @Test func `schemas that break a rule are refused`() {
        expectError(.invalidSchema) { _ = try ParquetSchema([]) }
        expectError(.invalidSchema) { _ = try ParquetSchema([.required("", .int64)]) }
        expectError(.invalidSchema) { _ = try ParquetSchema([.required("a", .int64), .optional("a", .string)]) }
        expectError(.invalidSchema) { _ = try ParquetSchema([.structs("a", [])]) }
        expectError(.invalidSchema) {
            _ = try ParquetSchema([
                .structs("a", [ParquetMember("x", .int64, isOptional: true), ParquetMember("x", .string, isOptional: true)])
            ])
        }
        expectError(.invalidSchema) { _ = try ParquetSchema([.required("a", .fixed(length: 0))]) }
        expectError(.invalidSchema) { _ = try ParquetSchema([.list("a", of: .fixed(length: 70_000))]) }
    }

    @Test func `trees that lie about their children are corrupt`() throws {
        var elements = SchemaTree.elements(of: try SampleFile.schema())
        expectError(.corrupt) { _ = try SchemaTree.schema(of: []) }
        expectError(.corrupt) { _ = try SchemaTree.schema(of: Array(elements.dropLast())) }
        expectError(.corrupt) { _ = try SchemaTree.schema(of: elements + [elements[1]]) }
        elements[0].childCount = Int32.max
        expectError(.corrupt) { _ = try SchemaTree.schema(of: elements) }
        elements[0].childCount = -1
        expectError(.corrupt) { _ = try SchemaTree.schema(of: elements) }
    }

    @Test func `shapes this reader does not know are named`() throws {
        var group = SchemaTree.elements(of: try ParquetSchema([.list("roles", of: .string)]))
        group[3].repetition = SchemaElement.Repetition.optional.rawValue
        expectError(.unsupported) { _ = try SchemaTree.schema(of: group) }
        var number = SchemaTree.elements(of: try ParquetSchema([.required("seq", .int64)]))
        number[1].type = 5
        expectError(.unsupported) { _ = try SchemaTree.schema(of: number) }
    }
}
