import Foundation
import Testing

/// Holds docs/limits.md against the constants in the sources, which lie in modules that may not import one another.
struct LimitsTests {
    private struct Row {
        var constant: String
        var path: String
        var value: Int
    }

    private static func rows() throws -> [Row] {
        let text = try String(contentsOf: ArrowsTests.root.appending(path: "docs/limits.md"), encoding: .utf8)
        return text.matches(of: /(?m)^\| [^|]+ \| ([0-9,]+)[^|]* \| [^|]+ \| `([A-Za-z]+)` in `([^`]+)` \|$/).compactMap { match in
            Int(match.1.replacing(",", with: "")).map { Row(constant: String(match.2), path: String(match.3), value: $0) }
        }
    }

    /// The whole numbers that a source file gives names to: digits, or a shift of two numbers.
    private static func constants(_ path: String) throws -> [String: Int] {
        let text = try String(contentsOf: ArrowsTests.root.appending(path: path), encoding: .utf8)
        let declared = text.matches(of: /(?m)^ *(?:(?:public|private|static) )+(?:let|var) ([A-Za-z]+)(?:: U?Int(?:64)?)? = ([0-9_]+)(?: << ([0-9]+))?$/)
        return Dictionary(
            declared.compactMap { match in
                Int(match.2.replacing("_", with: "")).map { (String(match.1), $0 << (match.3.flatMap { Int($0) } ?? 0)) }
            }, uniquingKeysWith: { first, _ in first })
    }

    @Test func `every limit that the page names is what the source says`() throws {
        let rows = try Self.rows()
        #expect(rows.count > 35)
        for row in rows {
            #expect(try Self.constants(row.path)[row.constant] == row.value, "\(row.constant) in \(row.path)")
        }
    }

    @Test(arguments: ["Sources/EventStore/StoreLimits.swift", "Sources/Ingestion/IngestLimits.swift"])
    func `every limit of a file of limits is on the page`(path: String) throws {
        let named = Set(try Self.rows().filter { $0.path == path }.map(\.constant))
        let declared = Set(try Self.constants(path).keys)
        #expect(declared.count > 5)
        #expect(declared.subtracting(named) == [])
    }
}
