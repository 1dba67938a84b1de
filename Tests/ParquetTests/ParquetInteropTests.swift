import Foundation
import Testing

@testable import Parquet

/// pyarrow and DuckDB as judges, both ways: they read what we write, and we read what pyarrow writes.
///
/// Needs the Python environment that `make test` sets up (`.venv`, or a Python named by PROOFLINE_PYTHON); skipped without it.
@Suite(.enabled(if: ParquetPython.executable != nil, "no Python environment: `make setup-test` makes it"))
struct ParquetInteropTests {
    static func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "parquet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    static func lines(_ schema: ParquetSchema, _ column: (Int) throws -> [String]) rethrows -> [String] {
        try schema.fields.indices.flatMap { field in try column(field).map { "\(schema.fields[field].name)\t\($0)" } }
    }

    @Test(arguments: ["pyarrow", "duckdb"], [[0], [1], [70, 33]])
    func `other programs read every value that was written`(program: String, rowGroups: [Int]) throws {
        try Self.withFolder { folder in
            let file = folder.appending(path: "ours.parquet")
            try Data(SampleFile.bytes(rowGroups: rowGroups)).write(to: file)
            let expected = try Self.lines(SampleFile.schema()) { field in
                rowGroups.enumerated().flatMap { group, rowCount in
                    SampleFile.columns(rowCount: rowCount, seed: 1 + UInt64(group))[field].described()
                }
            }
            #expect(try ParquetPython.run("read", file.path, program) == expected)
        }
    }

    @Test func `what pyarrow writes is read, whatever its settings`() throws {
        try Self.withFolder { folder in
            _ = try ParquetPython.run("write", folder.path)
            let expected = try String(contentsOf: folder.appending(path: "lines.txt"), encoding: .utf8)
                .split(separator: "\n").map(String.init)
            for version in ["1.0", "2.0"] {
                for codec in ["none", "zstd", "gzip"] {
                    let path = folder.appending(path: "\(version)-\(codec).parquet").path
                    let reader = try ParquetReader(ParquetBytes(mapping: path))
                    #expect(reader.rowGroups.count == 2)
                    let found = try Self.lines(reader.schema) { field in
                        try reader.rowGroups.indices.flatMap { group in
                            // In two halves, so that pages are found by the offset index where there is one.
                            let count = reader.rowGroups[group].rowCount
                            return try [0..<count / 2, count / 2..<count].flatMap { rows in
                                try reader.readColumn(rowGroup: group, field: field, rows: rows).described()
                            }
                        }
                    }
                    #expect(found == expected, "version \(version), codec \(codec)")
                }
            }
        }
    }
}
